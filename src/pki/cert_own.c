/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_own_internal.h"

#include "pki/cert.h"
#include "pki/pubkey.h"
#include "pki/tlv.h"

int
pki_cert_verify_own(const struct pki_cert *c, const struct pki_cert *issuer)
{
	struct pki_bytes spki = pki_cert_spki(issuer);
	struct pki_bytes alg = pki_cert_algorithm(c);
	struct pki_tlv seq, oid;
	enum pki_key_type type;
	enum pki_oid want;
	int rc;

	if ((rc = pki_pubkey_type(spki, &type)) != 0)
		return rc;
	want = type == PKI_KEY_P256   ? PKI_OID_ECDSA_SHA256
	       : type == PKI_KEY_P384 ? PKI_OID_ECDSA_SHA384
				      : PKI_OID_ED25519;
	if (type == PKI_KEY_RSA)
		return ERR_PEER_UNSUPPORTED;
	/* RFC 5758 section 3.2, RFC 8410 section 3: no parameters. */
	if (pki_tlv_expect(&alg, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_OID, &oid) != 0 ||
	    seq.val.len != 0 || !pki_oid_is(oid.val, want))
		return ERR_PEER_MISMATCH;
	return pki_pubkey_verify(spki, pki_cert_tbs(c), pki_cert_signature(c));
}
