/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_internal.h"

#include "pki/cert.h"
#include "pki/der.h"
#include "pki/pubkey.h"

void
pki_tbs_put_issuer(struct pki_der *w, const struct pki_cert *issuer)
{

	pki_der_raw(w, pki_cert_subject(issuer));
}

int
pki_tbs_ext_key_ids(
    struct pki_der *w, const struct pki_cert *issuer, struct pki_bytes spki)
{
	uint8_t ski[20], aki[20];
	int rc;

	if ((rc = pki_pubkey_key_id(spki, ski)) != 0)
		return rc;
	pki_tbs_ext_begin(w, PKI_OID_SUBJECT_KEY_ID, false);
	pki_der_put(w, PKI_TAG_OCTET_STRING, ski, sizeof(ski));
	pki_tbs_ext_end(w);
	if (issuer == NULL)
		return 0;
	if ((rc = pki_pubkey_key_id(pki_cert_spki(issuer), aki)) != 0)
		return rc;
	pki_tbs_ext_begin(w, PKI_OID_AUTHORITY_KEY_ID, false);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_put(w, PKI_TAG_CONTEXT | 0, aki, sizeof(aki));
	pki_der_close(w);
	pki_tbs_ext_end(w);
	return 0;
}
