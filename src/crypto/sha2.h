/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SHA2_H
#define CRYPTO_SHA2_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA256_LEN 32
#define CRYPTO_SHA384_LEN 48
#define CRYPTO_SHA512_LEN 64
#define CRYPTO_HASH_LEN_MAX 64

enum crypto_hash { CRYPTO_SHA256, CRYPTO_SHA384, CRYPTO_SHA512 };

/*
 * A hash in progress (FIPS 180-4).  It allocates nothing and cannot fail, so
 * it may be copied to fork a computation.
 */
struct crypto_sha2 {
	enum crypto_hash alg;
	uint64_t state[28];
};

/**
 * crypto_sha2_len(alg):
 * Return the number of bytes of a digest of ${alg}.
 */
size_t crypto_sha2_len(enum crypto_hash alg);

/**
 * crypto_sha2_init(h, alg):
 * Begin a hash.
 */
void crypto_sha2_init(struct crypto_sha2 *h, enum crypto_hash alg);

/**
 * crypto_sha2_update(h, data, len):
 * Hash ${len} more bytes; ${data} may be NULL when ${len} is 0.
 */
void crypto_sha2_update(struct crypto_sha2 *h, const void *data, size_t len);

/**
 * crypto_sha2_final(h, out):
 * Write the digest, crypto_sha2_len() bytes, and wipe ${h}.
 */
void crypto_sha2_final(struct crypto_sha2 *h, uint8_t *out);

/**
 * crypto_sha2_256(data, len, out), _384, _512:
 * Write the digest of ${len} bytes to ${out}.
 */
void crypto_sha2_256(const void *data, size_t len, uint8_t out[32]);

/** crypto_sha2_384(data, len, out): see crypto_sha2_256. */
void crypto_sha2_384(const void *data, size_t len, uint8_t out[48]);

/** crypto_sha2_512(data, len, out): see crypto_sha2_256. */
void crypto_sha2_512(const void *data, size_t len, uint8_t out[64]);

#endif
