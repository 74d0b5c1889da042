/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SHA3_H
#define CRYPTO_SHA3_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/bytes.h"

#define CRYPTO_SHA3_256_LEN 32

/**
 * crypto_sha3_256(parts, n, out):
 * Write SHA3-256 (FIPS 202) of the ${n} parts joined.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_sha3_256(
    const struct crypto_bytes *parts, size_t n, uint8_t out[32]);

#endif
