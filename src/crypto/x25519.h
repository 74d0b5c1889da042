/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_X25519_H
#define CRYPTO_X25519_H

#include <stdint.h>

#include "base/err.h"

#define CRYPTO_X25519_LEN 32

/**
 * crypto_x25519_public(secret, pub):
 * Write the public key of the 32 random bytes ${secret} (RFC 7748 section
 * 6.1).  ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_x25519_public(const uint8_t secret[32], uint8_t pub[32]);

/**
 * crypto_x25519_shared(secret, peer, shared):
 * Write the shared secret.  ERR_PEER_KEY when it is all zeros, that is, when
 * ${peer} is a point of small order; ${shared} is zeroed then.
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_x25519_shared(
    const uint8_t secret[32], const uint8_t peer[32], uint8_t shared[32]);

#endif
