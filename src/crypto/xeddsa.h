/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_XEDDSA_H
#define CRYPTO_XEDDSA_H

#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/bytes.h"

#define CRYPTO_XEDDSA_SIG_LEN 64

/*
 * XEdDSA over X25519 keys ("The XEdDSA and VXEdDSA Signature Schemes",
 * revision 1, section 2, with SHA-512): the key pair of crypto/x25519.h also
 * signs.  Messages are at most UINT32_MAX bytes.
 */

/**
 * crypto_xeddsa_sign(secret, msg, rng, sig):
 * Sign ${msg} with the X25519 private key ${secret} and 64 bytes of ${rng}.
 * ERR_SYS_RNG, ERR_SYS_LIMIT or ERR_SYS_CRYPTO; ${sig} is unchanged then.
 */
MUST_CHECK int crypto_xeddsa_sign(const uint8_t secret[32],
    struct crypto_bytes msg, const struct rng *rng, uint8_t sig[64]);

/**
 * crypto_xeddsa_verify(pub, msg, sig):
 * Check a signature by the owner of the X25519 public key ${pub}.
 * ERR_PEER_KEY when ${pub} is not the canonical encoding of a field element,
 * ERR_PEER_SIGNATURE when the signature does not verify, when its s is not
 * below the group's order, and when key or R are points of small order.
 * ERR_SYS_LIMIT or ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_xeddsa_verify(
    const uint8_t pub[32], struct crypto_bytes msg, const uint8_t sig[64]);

#endif
