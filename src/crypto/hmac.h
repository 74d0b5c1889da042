/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/sha2.h"

/* A key for HMAC (RFC 2104); it belongs to the caller. */
struct crypto_hmac_key {
	enum crypto_hash alg;
	const uint8_t *key;
	size_t len;
};

/**
 * crypto_hmac_sign(key, data, len, out):
 * Write the MAC of ${len} bytes, crypto_sha2_len(alg) bytes, to ${out}.
 */
void crypto_hmac_sign(const struct crypto_hmac_key *key, const void *data,
    size_t len, uint8_t *out);

/**
 * crypto_hmac_verify(key, data, len, mac, mac_len):
 * Compare ${mac} with the MAC of ${len} bytes in constant time.  0, or
 * ERR_PEER_SIGNATURE when it differs or ${mac_len} is not the full length.
 */
MUST_CHECK int crypto_hmac_verify(const struct crypto_hmac_key *key,
    const void *data, size_t len, const uint8_t *mac, size_t mac_len);

#endif
