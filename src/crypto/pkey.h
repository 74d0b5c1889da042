/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKEY_H
#define CRYPTO_PKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Longest encoded key and signature of any kind below. */
#define CRYPTO_PKEY_DER_MAX 8192
#define CRYPTO_PKEY_SIG_MAX 4627

enum crypto_key_type {
	CRYPTO_KEY_P256,
	CRYPTO_KEY_P384,
	CRYPTO_KEY_ED25519,
	CRYPTO_KEY_RSA,
	CRYPTO_KEY_X25519,
	CRYPTO_KEY_MLDSA44,
	CRYPTO_KEY_MLDSA65,
	CRYPTO_KEY_MLDSA87,
	CRYPTO_KEY_OTHER, /* parsed, but nothing here uses it */
};

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

/*
 * A private key, or only its public half.  Immutable after creation: one key
 * may sign and verify from several threads at once.
 */
struct crypto_pkey;

struct evp_pkey_st;

/**
 * crypto_pkey_generate(type, ret):
 * Make a key pair with the library's private random generator.  RSA keys have
 * 2048 bits.  ERR_PEER_UNSUPPORTED, ERR_SYS_NOMEM, ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_pkey_generate(
    enum crypto_key_type type, struct crypto_pkey **ret);

/**
 * crypto_pkey_free(k):
 * Wipe and free; NULL is allowed.
 */
void crypto_pkey_free(struct crypto_pkey *k);

/**
 * crypto_pkey_from_spki(der, len, ret):
 * Parse a SubjectPublicKeyInfo.  It must re-encode to the same bytes
 * (ERR_PEER_ENCODING); ERR_PEER_KEY when it is none or its point is not on
 * the curve, ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkey_from_spki(
    const uint8_t *der, size_t len, struct crypto_pkey **ret);

/**
 * crypto_pkey_from_point(type, point, len, ret):
 * Make a public P-256 or P-384 key from its uncompressed point (0x04, x, y),
 * or an Ed25519 key from its 32 bytes.  ERR_PEER_KEY when it is not valid.
 */
MUST_CHECK int crypto_pkey_from_point(enum crypto_key_type type,
    const uint8_t *point, size_t len, struct crypto_pkey **ret);

/**
 * crypto_pkey_from_rsa(n, n_len, e, e_len, ret):
 * Make a public RSA key from its big-endian modulus and exponent.
 * ERR_PEER_KEY when one is zero or longer than 1024 bytes.
 */
MUST_CHECK int crypto_pkey_from_rsa(const uint8_t *n, size_t n_len,
    const uint8_t *e, size_t e_len, struct crypto_pkey **ret);

/**
 * crypto_pkey_from_evp(evp, ret):
 * Wrap an OpenSSL key, taking one more reference to it.  ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkey_from_evp(
    struct evp_pkey_st *evp, struct crypto_pkey **ret);

/**
 * crypto_pkey_evp(k):
 * Return the OpenSSL key inside ${k}, valid while ${k} is, for handing to TLS
 * and X.509 functions.
 */
struct evp_pkey_st *crypto_pkey_evp(const struct crypto_pkey *k);

/**
 * crypto_pkey_type(k):
 * Return what kind of key ${k} is.
 */
enum crypto_key_type crypto_pkey_type(const struct crypto_pkey *k);

/**
 * crypto_pkey_bits(k):
 * Return the size in bits: 256 for P-256, the modulus length for RSA.
 */
int crypto_pkey_bits(const struct crypto_pkey *k);

/**
 * crypto_pkey_spki(k, out):
 * Append the DER SubjectPublicKeyInfo to ${out}.  ERR_SYS_CRYPTO, else as
 * base_buf_append.
 */
MUST_CHECK int crypto_pkey_spki(const struct crypto_pkey *k, struct buf *out);

/**
 * crypto_pkey_spki_sha256(k, out):
 * Write SHA-256 of the SubjectPublicKeyInfo: the log id and issuer_key_hash
 * of RFC 6962.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_pkey_spki_sha256(
    const struct crypto_pkey *k, uint8_t out[32]);

/**
 * crypto_pkey_raw_public(k, out, cap, ret_len):
 * Write the raw public key: 32 bytes of Ed25519 and X25519, the uncompressed
 * point of P-256 and P-384.  ERR_PEER_UNSUPPORTED, ERR_SYS_LIMIT.
 */
MUST_CHECK int crypto_pkey_raw_public(
    const struct crypto_pkey *k, uint8_t *out, size_t cap, size_t *ret_len);

/**
 * crypto_pkey_raw_private(k, out):
 * Write the 32-byte private key of an Ed25519 or X25519 pair.
 * ERR_PEER_UNSUPPORTED for others and public keys.
 */
MUST_CHECK int crypto_pkey_raw_private(
    const struct crypto_pkey *k, uint8_t out[32]);

/**
 * crypto_pkey_equal(a, b):
 * Return whether the public halves are the same key.
 */
bool crypto_pkey_equal(
    const struct crypto_pkey *a, const struct crypto_pkey *b);

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
