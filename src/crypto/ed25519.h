/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CRYPTO_ED25519_SEED_LEN 32
#define CRYPTO_ED25519_PUBLIC_LEN 32
#define CRYPTO_ED25519_SIG_LEN 64

/**
 * crypto_ed25519_public(seed, pub):
 * Write the public key of the private key ${seed} (RFC 8032 section 5.1.5).
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_ed25519_public(const uint8_t seed[32], uint8_t pub[32]);

/**
 * crypto_ed25519_sign(seed, msg, len, sig):
 * Sign ${len} bytes with the private key ${seed} (RFC 8032 section 5.1.6).
 * ERR_SYS_CRYPTO; ${sig} is unchanged then.
 */
MUST_CHECK int crypto_ed25519_sign(
    const uint8_t seed[32], const void *msg, size_t len, uint8_t sig[64]);

/**
 * crypto_ed25519_verify(pub, msg, len, sig):
 * Check the 64-byte signature ${sig} (RFC 8032 section 5.1.7).
 * ERR_PEER_SIGNATURE when it does not verify, ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_ed25519_verify(
    const uint8_t pub[32], const void *msg, size_t len, const uint8_t sig[64]);

#endif
