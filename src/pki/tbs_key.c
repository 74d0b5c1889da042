/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_internal.h"

#include "pki/cert.h"
#include "pki/der.h"
#include "pki/pubkey.h"

int
pki_tbs_put_algorithm(
    struct pki_der *w, const struct pki_cert *issuer, struct pki_bytes spki)
{
	enum pki_key_type type;
	enum pki_oid id;
	int rc;

	if (issuer != NULL)
		spki = pki_cert_spki(issuer);
	if ((rc = pki_pubkey_type(spki, &type)) != 0)
		return rc;
	switch (type) {
	case PKI_KEY_P256:
		id = PKI_OID_ECDSA_SHA256;
		break;
	case PKI_KEY_P384:
		id = PKI_OID_ECDSA_SHA384;
		break;
	case PKI_KEY_ED25519:
		id = PKI_OID_ED25519;
		break;
	default:
		return ERR_PEER_KEY;
	}
	/* RFC 5758 section 3.2, RFC 8410 section 3: no parameters. */
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, id);
	pki_der_close(w);
	return 0;
}

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
