/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_BLAKE3_H
#define CRYPTO_BLAKE3_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_BLAKE3_LEN 32
#define CRYPTO_BLAKE3_KEY_LEN 32

/*
 * BLAKE3 in progress (the BLAKE3 paper, 2021).  It allocates nothing and
 * cannot fail, and it may be copied: whoever hashes many short inputs under
 * one context, as a tree does, begins once and copies what is begun.
 */
struct crypto_blake3 {
	uint64_t state[239];
};

/**
 * crypto_blake3_init(h):
 * Begin a plain hash.
 */
void crypto_blake3_init(struct crypto_blake3 *h);

/**
 * crypto_blake3_init_keyed(h, key):
 * Begin a MAC under the 32 bytes ${key}.
 */
void crypto_blake3_init_keyed(struct crypto_blake3 *h, const uint8_t key[32]);

/**
 * crypto_blake3_init_derive(h, context):
 * Begin the derive-key mode: a hash that has nothing in common with that of
 * any other ${context}, a constant string.
 */
void crypto_blake3_init_derive(struct crypto_blake3 *h, const char *context);

/**
 * crypto_blake3_update(h, data, len):
 * Hash ${len} more bytes; ${data} may be NULL when ${len} is 0.
 */
void crypto_blake3_update(
    struct crypto_blake3 *h, const void *data, size_t len);

/**
 * crypto_blake3_final(h, out, len):
 * Write the first ${len} bytes of the output, CRYPTO_BLAKE3_LEN for a digest,
 * and wipe ${h}.
 */
void crypto_blake3_final(struct crypto_blake3 *h, uint8_t *out, size_t len);

#endif
