/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_ocsp.h"

#include "pki/der.h"
#include "pki/tbs_internal.h"
#include "pki/tbs_start_internal.h"
#include "pki/usage.h"

int
pki_tbs_ocsp_signer(
    const struct pki_tbs_signer *in, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_der w;
	int rc, rc2;

	pki_der_init(&w, out, cap);
	pki_tbs_put_start(&w, in->serial);
	rc = pki_tbs_put_algorithm(&w, in->issuer, in->spki);
	pki_tbs_put_issuer(&w, in->issuer);
	pki_tbs_put_validity(&w, in->not_before_ms, in->not_after_ms);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_put_attribute(&w, PKI_OID_CN, in->cn);
	pki_der_close(&w);
	pki_der_raw(&w, in->spki);
	pki_der_open(&w, PKI_TAG_CONTEXT_C | 3);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_usage(&w, PKI_KU_DIGITAL_SIGNATURE);
	pki_tbs_ext_eku(&w, PKI_EKU_OCSP);
	/* RFC 6960 section 4.2.2.2.1: NULL; the signer lives 7 days. */
	pki_tbs_ext_begin(&w, PKI_OID_OCSP_NOCHECK, false);
	pki_der_put(&w, PKI_TAG_NULL, NULL, 0);
	pki_tbs_ext_end(&w);
	rc2 = pki_tbs_ext_key_ids(&w, in->issuer, in->spki);
	pki_der_close(&w);
	pki_der_close(&w);
	pki_der_close(&w);
	if (rc != 0 || rc2 != 0)
		return rc != 0 ? rc : rc2;
	return pki_der_finish(&w, ret_len);
}
