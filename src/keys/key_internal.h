/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEY_INTERNAL_H
#define KEYS_KEY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct crypto_pkey;
struct rng;

/* The key material that the bundle has for one slot. */
struct keys_found {
	const uint8_t *key, *pass, *uri, *device; /* NULL: none */
	size_t key_len, pass_len, uri_len, device_len;
	bool make;
	uint8_t make_type;
};

/**
 * keys_key_open(found, rng, ret, pem):
 * Decrypt the key, or make one and append its encrypted file to ${pem}, or
 * store NULL when ${found} has neither.  Errors as crypto/pkcs8.h.
 */
MUST_CHECK int keys_key_open(const struct keys_found *found,
    const struct rng *rng, struct crypto_pkey **ret, struct buf *pem);

/** keys_key_free(key): wipe and free; NULL is allowed. */
void keys_key_free(struct crypto_pkey *key);

#endif
