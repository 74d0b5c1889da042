/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AGE_STREAM_INTERNAL_H
#define CRYPTO_AGE_STREAM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	CRYPTO_AGE_NONCE_LEN = 16,
	CRYPTO_AGE_CHUNK = 65536,
	CRYPTO_AGE_TAG = 16,
};

/* The payload's key and the number of the next chunk. */
struct crypto_age_stream {
	struct crypto_aead *aead;
	uint64_t chunk;
};

/**
 * crypto_age_stream_init(s, file_key, nonce), crypto_age_stream_fini(s):
 * Derive the payload's key; wipe it.
 */
MUST_CHECK int crypto_age_stream_init(struct crypto_age_stream *s,
    const uint8_t *file_key, const uint8_t nonce[CRYPTO_AGE_NONCE_LEN]);
void crypto_age_stream_fini(struct crypto_age_stream *s);

/**
 * crypto_age_stream_seal(s, data, len, last, out),
 * crypto_age_stream_open(s, data, len, last, out):
 * Encrypt or decrypt the next chunk; the encrypted one is longer by
 * CRYPTO_AGE_TAG.  ERR_PEER_DECRYPT, ERR_SYS_*.
 */
MUST_CHECK int crypto_age_stream_seal(struct crypto_age_stream *s,
    const uint8_t *data, size_t len, bool last, uint8_t *out);
MUST_CHECK int crypto_age_stream_open(struct crypto_age_stream *s,
    const uint8_t *data, size_t len, bool last, uint8_t *out);

#endif
