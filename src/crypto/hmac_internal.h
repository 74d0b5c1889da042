/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HMAC_INTERNAL_H
#define CRYPTO_HMAC_INTERNAL_H

#include "crypto/sha2.h"

/* An HMAC in progress: the two hashes of RFC 2104 section 2. */
struct hmac {
	struct crypto_sha2 inner, outer;
};

/**
 * crypto_hmac_begin(m, alg, key, len):
 * Start a MAC under ${len} bytes of key.
 */
void crypto_hmac_begin(
    struct hmac *m, enum crypto_hash alg, const uint8_t *key, size_t len);

/**
 * crypto_hmac_end(m, out):
 * Write the MAC of what was hashed into ${m}->inner, and wipe ${m}.
 */
void crypto_hmac_end(struct hmac *m, uint8_t *out);

#endif
