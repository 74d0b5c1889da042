/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_promise.h"

#include "pki/cert.h"
#include "pki/tbs.h"

int
ct_promise_leaf(const struct pki_cert *cert, const struct pki_cert *issuer,
    const struct pki_ct_sct *sct, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_ct_entry entry = { .type = PKI_CT_PRECERT };
	uint8_t tbs[PKI_TBS_LEN_MAX];
	size_t tbs_len;
	int rc;

	rc = pki_ct_strip(pki_cert_tbs(cert), PKI_OID_CT_SCT_LIST, tbs,
	    sizeof(tbs), &tbs_len);
	if (rc != 0)
		return rc;
	entry.cert = (struct pki_bytes){ tbs, tbs_len };
	rc = pki_ct_key_hash(pki_cert_spki(issuer), entry.issuer_key_hash);
	if (rc == 0)
		rc = pki_ct_signed_input(&entry, sct->timestamp_ms,
		    (struct pki_bytes){ sct->ext, sct->ext_len }, out, cap,
		    ret_len);
	return rc;
}
