/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_USE_INTERNAL_H
#define KEYS_P11_USE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "crypto/bytes.h"

struct keys_p11_token;
struct keys_p11_uri;

/* A private key of enum crypto_key_type ${type} in a session. */
struct keys_p11_use {
	const struct keys_p11_token *t;
	const struct keys_p11_uri *uri;
	int type;
};

/**
 * keys_p11_use_sign(u, msg, sig, ret_len, f):
 * Find the key and sign ${msg} with it.  ${sig} has CRYPTO_PKEY_SIG_MAX bytes.
 * ERR_STATE_NOT_FOUND, ERR_PEER_UNSUPPORTED, errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_use_sign(const struct keys_p11_use *u,
    struct crypto_bytes msg, uint8_t *sig, size_t *ret_len, struct fault *f);

#endif
