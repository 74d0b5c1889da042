/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr_make.h"

#include "pki/der.h"
#include "pki/tbs_internal.h"
#include "pki/usage.h"

/* PKCS #9 extensionRequest: [0] SET { SEQUENCE { id, SET { Extensions } } }. */
static void
attributes(struct pki_der *w)
{

	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, PKI_OID_EXTENSION_REQUEST);
	pki_der_open(w, PKI_TAG_SET);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_basic(w, 0);
	pki_tbs_ext_usage(w, PKI_KU_CERT_SIGN | PKI_KU_CRL_SIGN);
	pki_der_close(w);
	pki_der_close(w);
	pki_der_close(w);
	pki_der_close(w);
}

int
pki_csr_make_info(const char *cn, struct pki_bytes spki, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	struct pki_der w;

	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_small(&w, 0);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_put_attribute(&w, PKI_OID_CN, cn);
	pki_der_close(&w);
	pki_der_raw(&w, spki);
	attributes(&w);
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}

int
pki_csr_make_whole(struct pki_bytes info, struct pki_bytes spki,
    struct pki_bytes signature, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_der w;
	int rc;

	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_raw(&w, info);
	if ((rc = pki_tbs_put_algorithm(&w, NULL, spki)) != 0)
		return rc;
	pki_der_bits(&w, signature, 0);
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}
