/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKEY_H
#define CRYPTO_PKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Longest encoded key of any kind below. */
#define CRYPTO_PKEY_DER_MAX 8192

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

/*
 * A private key, or only its public half.  Immutable after creation: one key
 * may sign and verify from several threads at once.  Signatures are in
 * crypto/pkey_sign.h, raw keys in crypto/pkey_raw.h.
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
 * crypto_pkey_generate_rsa(bits, ret):
 * Make an RSA key pair of 2048 to 4096 bits, which takes seconds.  Errors as
 * crypto_pkey_generate.
 */
MUST_CHECK int crypto_pkey_generate_rsa(
    unsigned bits, struct crypto_pkey **ret);

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
 * crypto_pkey_equal(a, b):
 * Return whether the public halves are the same key.
 */
bool crypto_pkey_equal(
    const struct crypto_pkey *a, const struct crypto_pkey *b);

#endif
