/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/assert.h"
#include "pki/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * The key process reads TBSCertLists that a main process in a stranger's
 * hands may have written: every range is inside the input, and what is read
 * can be assembled.
 */
static void
inside(const uint8_t *data, size_t len, struct pki_bytes part)
{
	TROTH_ASSERT(part.len <= len);
	TROTH_ASSERT(part.len == 0 ||
		     (part.data >= data && part.data + part.len <= data + len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pki_bytes tbs = { data, len }, sig = { data, len < 8 ? len : 8 };
	struct pki_crl_view v;
	uint8_t *out;
	size_t n;

	if (pki_crl_read(tbs, &v) != 0)
		return 0;
	inside(data, len, v.algorithm);
	inside(data, len, v.issuer);
	inside(data, len, v.entries);
	inside(data, len, v.key_id);
	inside(data, len, v.idp);
	if ((out = malloc(len + 1024)) == NULL)
		return 0;
	TROTH_ASSERT(v.algorithm.len > 900 ||
		     pki_crl_assemble(tbs, sig, out, len + 1024, &n) == 0);
	free(out);
	return 0;
}
