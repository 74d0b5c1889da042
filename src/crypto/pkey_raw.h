/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKEY_RAW_H
#define CRYPTO_PKEY_RAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/pkey.h"

/**
 * crypto_pkey_from_point(type, point, len, ret):
 * Make a public P-256 or P-384 key from its uncompressed point (0x04, x, y),
 * or an Ed25519 key from its 32 bytes.  ERR_PEER_KEY when it is not valid,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkey_from_point(enum crypto_key_type type,
    const uint8_t *point, size_t len, struct crypto_pkey **ret);

/**
 * crypto_pkey_from_rsa(n, n_len, e, e_len, ret):
 * Make a public RSA key from its big-endian modulus and exponent.
 * ERR_PEER_KEY when one is zero or longer than 1024 bytes, ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkey_from_rsa(const uint8_t *n, size_t n_len,
    const uint8_t *e, size_t e_len, struct crypto_pkey **ret);

/**
 * crypto_pkey_raw_public(k, out, cap, ret_len):
 * Write the raw public key: 32 bytes of Ed25519 and X25519, the uncompressed
 * point of P-256 and P-384.  ERR_PEER_UNSUPPORTED, ERR_SYS_LIMIT.
 */
MUST_CHECK int crypto_pkey_raw_public(
    const struct crypto_pkey *k, uint8_t *out, size_t cap, size_t *ret_len);

/**
 * crypto_pkey_raw_private(k, out):
 * Write the 32-byte private key of an Ed25519 or X25519 pair.
 * ERR_PEER_UNSUPPORTED for others and public keys.
 */
MUST_CHECK int crypto_pkey_raw_private(
    const struct crypto_pkey *k, uint8_t out[32]);

#endif
