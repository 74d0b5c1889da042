/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CRYPTO_AEAD_KEY_LEN 32
#define CRYPTO_AEAD_NONCE_LEN 12
#define CRYPTO_AEAD_TAG_LEN 16

enum crypto_aead_alg {
	CRYPTO_AES_256_GCM,	  /* NIST SP 800-38D */
	CRYPTO_CHACHA20_POLY1305, /* RFC 8439 */
};

/* A key set up for use by one thread at a time. */
struct crypto_aead;

/* What is sealed or opened; everything belongs to the caller. */
struct crypto_aead_text {
	const uint8_t *nonce; /* CRYPTO_AEAD_NONCE_LEN bytes */
	const uint8_t *aad;
	size_t aad_len;
	const uint8_t *in;
	size_t in_len;
};

/**
 * crypto_aead_new(alg, key, ret):
 * Set up ${key} (CRYPTO_AEAD_KEY_LEN bytes).  Release with crypto_aead_free.
 * ERR_SYS_NOMEM or ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_aead_new(
    enum crypto_aead_alg alg, const uint8_t *key, struct crypto_aead **ret);

/**
 * crypto_aead_free(a):
 * Wipe and free; NULL is allowed.
 */
void crypto_aead_free(struct crypto_aead *a);

/**
 * crypto_aead_seal(a, text, out):
 * Encrypt in_len bytes and append the tag: write in_len +
 * CRYPTO_AEAD_TAG_LEN bytes to ${out}, which may be in itself but not overlap
 * it otherwise.  A nonce must never repeat under one key.  ERR_SYS_CRYPTO,
 * or ERR_SYS_LIMIT when a length exceeds 2^30; ${out} is wiped then.
 */
MUST_CHECK int crypto_aead_seal(
    struct crypto_aead *a, const struct crypto_aead_text *text, uint8_t *out);

/**
 * crypto_aead_open(a, text, out):
 * Check the tag at the end of in and write the in_len -
 * CRYPTO_AEAD_TAG_LEN plaintext bytes to ${out}, which may be in itself.
 * ERR_PEER_DECRYPT (and ${out} wiped) when it is not authentic or shorter
 * than a tag.
 */
MUST_CHECK int crypto_aead_open(
    struct crypto_aead *a, const struct crypto_aead_text *text, uint8_t *out);

#endif
