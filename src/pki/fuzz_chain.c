/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "pki/cert.h"
#include "pki/chain.h"
#include "pki/ct.h"
#include "pki/roots.h"
#include "pki/san.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What a certificate that parses has to bear. */
static void
use(const struct pki_cert *c)
{
	struct pki_san_list *names = malloc(sizeof(*names));
	struct pki_ct_sct sct[PKI_CT_LIST_MAX];
	struct pki_bytes tbs = pki_cert_tbs(c), v;
	struct pki_cert *again;
	uint8_t *out = malloc(tbs.len + 8);
	size_t len, n;
	int rc;

	TROTH_ASSERT(names != NULL && out != NULL);
	(void)!pki_cert_sans(c, names);
	if (pki_cert_extension(c, PKI_OID_CT_SCT_LIST, &v, NULL))
		(void)!pki_ct_list_parse(v, sct, &n);
	rc = pki_cert_parse_tbs(tbs, &again);
	TROTH_ASSERT(rc == 0);
	pki_cert_free(again);
	if (pki_cert_is_precert(c)) {
		rc = pki_ct_strip(
		    tbs, PKI_OID_CT_POISON, out, tbs.len + 8, &len);
		TROTH_ASSERT(rc == 0);
		TROTH_ASSERT(len < tbs.len);
	}
	free(out);
	free(names);
}

/* A chain: each certificate behind its length in two octets. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pki_cert *c[PKI_CHAIN_LEN_MAX];
	struct pki_roots *roots;
	struct pki_bytes in;
	size_t n = 0, len, i;
	int rc;

	while (size > 2 && n < PKI_CHAIN_LEN_MAX) {
		len = (size_t)data[0] << 8 | data[1];
		if (len > size - 2)
			len = size - 2;
		in = (struct pki_bytes){ data + 2, len };
		data += 2 + len;
		size -= 2 + len;
		if (pki_cert_parse(in, &c[n]) == 0)
			use(c[n++]);
	}
	if (n > 1) {
		rc = pki_roots_new(&roots);
		TROTH_ASSERT(rc == 0);
		(void)!pki_roots_add(roots, pki_cert_der(c[n - 1]));
		(void)!pki_chain_verify(
		    roots, (const struct pki_cert *const *)c, n, -1, NULL);
		pki_roots_free(roots);
	}
	for (i = 0; i < n; i++)
		pki_cert_free(c[i]);
	return 0;
}
