/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/bytes.h"
#include "crypto/sha2.h"

/**
 * crypto_hkdf_extract(alg, salt, ikm, out):
 * Write the pseudorandom key, crypto_sha2_len(alg) bytes (RFC 5869 section
 * 2.2).  An empty salt is a salt of zero bytes.
 */
void crypto_hkdf_extract(enum crypto_hash alg, struct crypto_bytes salt,
    struct crypto_bytes ikm, uint8_t *out);

/**
 * crypto_hkdf_expand(alg, prk, info, out, len):
 * Write ${len} bytes of key material (RFC 5869 section 2.3).  ERR_SYS_LIMIT
 * when ${len} exceeds 255 digests; ${out} is unchanged then.
 */
MUST_CHECK int crypto_hkdf_expand(enum crypto_hash alg, struct crypto_bytes prk,
    struct crypto_bytes info, uint8_t *out, size_t len);

#endif
