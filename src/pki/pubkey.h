/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PUBKEY_H
#define PKI_PUBKEY_H

#include "base/err.h"
#include "pki/bytes.h"

/* The kinds of subject public key that may be certified, as a set. */
enum pki_key_type { PKI_KEY_P256 = 1, PKI_KEY_P384 = 2, PKI_KEY_ED25519 = 4,
	PKI_KEY_RSA = 8, PKI_KEY_MLDSA44 = 16, PKI_KEY_MLDSA65 = 32,
	PKI_KEY_MLDSA87 = 64 };
enum { PKI_KEY_MLDSA = 0x70, PKI_KEY_ANY = 0x7f };

/**
 * pki_pubkey_type(spki, ret), pki_pubkey_check(spki, allowed, ret, ret_why):
 * Store the kind of the DER SubjectPublicKeyInfo; ERR_PEER_UNSUPPORTED for any
 * other kind, ERR_PEER_MALFORMED.  Check a subscriber's key: kind in the mask
 * ${allowed}, exact DER, point on its curve and of its order, RSA as in
 * pki/rsa.h.  ERR_PEER_KEY with a static text in ${ret_why}, ERR_SYS_NOMEM.
 */
MUST_CHECK int pki_pubkey_type(struct pki_bytes spki, enum pki_key_type *ret);
MUST_CHECK int pki_pubkey_check(struct pki_bytes spki, unsigned allowed,
    enum pki_key_type *ret_type, const char **ret_why);

/**
 * pki_pubkey_verify(spki, data, sig):
 * Verify ${sig} over ${data}: ECDSA with SHA-256 (P-256) or SHA-384 (P-384),
 * DER signature; Ed25519; RSA PKCS#1 v1.5 with SHA-256; ML-DSA, pure, with an
 * empty context (RFC 9881 section 3).  ERR_PEER_SIGNATURE,
 * ERR_PEER_UNSUPPORTED, ERR_PEER_MALFORMED, ERR_SYS_NOMEM, ERR_SYS_CRYPTO.
 */
MUST_CHECK int pki_pubkey_verify(
    struct pki_bytes spki, struct pki_bytes data, struct pki_bytes sig);

/**
 * pki_pubkey_key_id(spki, out), pki_pubkey_sha256(data, out):
 * Write the key identifier, the first 160 bits of SHA-256 over the key bits
 * (RFC 7093 section 2 method 1); SHA-256 of any octets.
 * ERR_PEER_MALFORMED, ERR_SYS_CRYPTO.
 */
MUST_CHECK int pki_pubkey_key_id(struct pki_bytes spki, uint8_t out[20]);
MUST_CHECK int pki_pubkey_sha256(struct pki_bytes data, uint8_t out[32]);

#endif
