/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_BLAKE2B_H
#define CRYPTO_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_BLAKE2B_LEN_MAX 64
#define CRYPTO_BLAKE2B_KEY_MAX 64
#define CRYPTO_BLAKE2B_BLOCK 128

/*
 * BLAKE2b in progress (RFC 7693).  The members are public because ceremony
 * files store a hash half-way: the last block is kept until more input or the
 * end is known, so 0 <= block_len <= CRYPTO_BLAKE2B_BLOCK.
 */
struct crypto_blake2b {
	uint64_t h[8];
	uint64_t counted; /* bytes compressed so far */
	uint8_t block[CRYPTO_BLAKE2B_BLOCK];
	size_t block_len;
	size_t out_len;
};

/**
 * crypto_blake2b_init(s, out_len, key, key_len):
 * Begin a hash of ${out_len} (1..64) bytes, keyed if ${key_len} (0..64) is
 * not 0.
 */
void crypto_blake2b_init(struct crypto_blake2b *s, size_t out_len,
    const uint8_t *key, size_t key_len);

/**
 * crypto_blake2b_update(s, data, len):
 * Hash ${len} more bytes.
 */
void crypto_blake2b_update(
    struct crypto_blake2b *s, const void *data, size_t len);

/**
 * crypto_blake2b_final(s, out):
 * Write the digest, out_len bytes, and wipe ${s}.
 */
void crypto_blake2b_final(struct crypto_blake2b *s, uint8_t *out);

/**
 * crypto_blake2b_512(data, len, out):
 * Write the unkeyed 64-byte digest of ${len} bytes.
 */
void crypto_blake2b_512(const void *data, size_t len, uint8_t out[64]);

#endif
