/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_own_internal.h"

#include "pki/cert.h"
#include "pki/pubkey.h"
#include "pki/signer.h"
#include "pki/tlv.h"

int
pki_cert_verify_own(const struct pki_cert *c, const struct pki_cert *issuer)
{
	struct pki_bytes spki = pki_cert_spki(issuer);
	struct pki_bytes alg = pki_cert_algorithm(c);
	struct pki_tlv seq, oid;
	enum pki_oid want;
	int rc;

	if ((rc = pki_signer_algorithm(spki, &want)) != 0)
		return rc;
	/* RFC 5758 section 3.2, RFC 8410 section 3, RFC 9881 section 2: no
	 * parameters. */
	if (pki_tlv_expect(&alg, PKI_TAG_SEQUENCE, &seq) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_OID, &oid) != 0 ||
	    seq.val.len != 0 || !pki_oid_is(oid.val, want))
		return ERR_PEER_MISMATCH;
	return pki_pubkey_verify(spki, pki_cert_tbs(c), pki_cert_signature(c));
}
