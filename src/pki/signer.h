/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SIGNER_H
#define PKI_SIGNER_H

#include "base/err.h"
#include "pki/oid.h"

/**
 * pki_signer_algorithm(spki, ret):
 * Store the algorithm that a CA with this key signs with: ECDSA with SHA-256
 * or SHA-384, Ed25519, ML-DSA; none of them has parameters (RFC 5758 section
 * 3.2, RFC 8410 section 3, RFC 9881 section 2).  ERR_PEER_UNSUPPORTED for
 * other keys, ERR_PEER_MALFORMED.
 * pki_signer_allows(spki, kinds):
 * Return those of the set ${kinds} of enum pki_key_type that a CA with this
 * key certifies: ML-DSA keys only one that signs by ML-DSA itself.
 */
MUST_CHECK int pki_signer_algorithm(struct pki_bytes spki, enum pki_oid *ret);
unsigned pki_signer_allows(struct pki_bytes spki, unsigned kinds);

#endif
