/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKEY_SIGN_H
#define CRYPTO_PKEY_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct crypto_pkey;

/* Longest signature of any kind below. */
#define CRYPTO_PKEY_SIG_MAX 4627

/* How a message is signed; ECDSA signatures are DER. */
enum crypto_sig_alg {
	CRYPTO_SIG_ECDSA_SHA256,
	CRYPTO_SIG_ECDSA_SHA384,
	CRYPTO_SIG_ED25519,
	CRYPTO_SIG_RSA_SHA256, /* PKCS #1 v1.5 (RFC 8017 section 8.2) */
	CRYPTO_SIG_RSA_SHA384,
	CRYPTO_SIG_RSA_SHA512,
	CRYPTO_SIG_MLDSA, /* FIPS 204, empty context */
};

/**
 * crypto_pkey_sig_alg(k, ret):
 * Store the algorithm that ${k} signs with: ECDSA with SHA-256 for P-256 and
 * SHA-384 for P-384, Ed25519, RSA with SHA-256, ML-DSA.
 * ERR_PEER_UNSUPPORTED for others.
 */
MUST_CHECK int crypto_pkey_sig_alg(
    const struct crypto_pkey *k, enum crypto_sig_alg *ret);

/**
 * crypto_pkey_sign(k, msg, len, sig, ret_len):
 * Sign ${len} bytes with the algorithm of crypto_pkey_sig_alg() and write the
 * signature to ${sig}, an array of CRYPTO_PKEY_SIG_MAX bytes.
 * ERR_PEER_UNSUPPORTED, ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_pkey_sign(const struct crypto_pkey *k, const void *msg,
    size_t len, uint8_t *sig, size_t *ret_len);

/* A message with the signature over it; everything belongs to the caller. */
struct crypto_signed {
	enum crypto_sig_alg alg;
	const uint8_t *msg;
	size_t msg_len;
	const uint8_t *sig;
	size_t sig_len;
};

/**
 * crypto_pkey_verify(k, s):
 * Check a signature.  ERR_PEER_UNSUPPORTED when ${s}->alg is not one for keys
 * of this type, ERR_PEER_SIGNATURE when it does not verify.
 */
MUST_CHECK int crypto_pkey_verify(
    const struct crypto_pkey *k, const struct crypto_signed *s);

#endif
