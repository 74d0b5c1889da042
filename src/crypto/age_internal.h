/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AGE_INTERNAL_H
#define CRYPTO_AGE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The header of an age file: version, stanzas, MAC. */
#define CRYPTO_AGE_VERSION "age-encryption.org/v1"
#define CRYPTO_AGE_TYPE "X25519"

/* Keys of 32 octets each. */
struct crypto_age_keys {
	const uint8_t (*v)[32];
	size_t n;
};

struct buf;
struct rng;

/**
 * crypto_age_header_make(to, rng, file_key, out):
 * Append the header that gives ${file_key} to the recipients ${to}.
 */
MUST_CHECK int crypto_age_header_make(struct crypto_age_keys to,
    const struct rng *rng, const uint8_t *file_key, struct buf *out);

/**
 * crypto_age_header_open(ids, data, len, file_key, ret_len):
 * Parse the header at the start of ${data}, find its length and the file key.
 * ERR_STATE_PENDING when it may go on behind ${len}; others as
 * crypto_age_reader_push.
 */
MUST_CHECK int crypto_age_header_open(struct crypto_age_keys ids,
    const uint8_t *data, size_t len, uint8_t *file_key, size_t *ret_len);

#endif
