/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AGE_KEY_INTERNAL_H
#define CRYPTO_AGE_KEY_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/bytes.h"

/* What age derives from the file key, and what carries that (C2SP age.md). */
enum {
	CRYPTO_AGE_FILE_KEY_LEN = 16,
	CRYPTO_AGE_MAC_LEN = 32,
	CRYPTO_AGE_WRAPPED_LEN = 32,
};

struct rng;

/**
 * crypto_age_derive(ikm, salt, info, out):
 * HKDF-SHA-256 with 32 octets of output.
 */
MUST_CHECK int crypto_age_derive(struct crypto_bytes ikm,
    struct crypto_bytes salt, const char *info, uint8_t out[32]);

/**
 * crypto_age_mac(file_key, head, mac), crypto_age_mac_check(...):
 * The MAC over a header, up to its three dashes.  ERR_PEER_SIGNATURE.
 */
MUST_CHECK int crypto_age_mac(const uint8_t *file_key, struct crypto_bytes head,
    uint8_t mac[CRYPTO_AGE_MAC_LEN]);
MUST_CHECK int crypto_age_mac_check(const uint8_t *file_key,
    struct crypto_bytes head, const uint8_t mac[CRYPTO_AGE_MAC_LEN]);

/* A stanza of type X25519: an ephemeral public key, the file key sealed. */
struct crypto_age_stanza {
	uint8_t share[32];
	uint8_t body[CRYPTO_AGE_WRAPPED_LEN];
};

/**
 * crypto_age_wrap(recipient, rng, file_key, ret), crypto_age_unwrap(identity,
 * s, file_key):
 * Make a stanza; open one.  ERR_PEER_KEY for a public key of small order,
 * ERR_STATE_NOT_FOUND when it is for somebody else, ERR_SYS_*.
 */
MUST_CHECK int crypto_age_wrap(const uint8_t recipient[32],
    const struct rng *rng, const uint8_t *file_key,
    struct crypto_age_stanza *ret);
MUST_CHECK int crypto_age_unwrap(const uint8_t identity[32],
    const struct crypto_age_stanza *s, uint8_t *file_key);

#endif
