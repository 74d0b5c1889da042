/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PWHASH_H
#define CRYPTO_PWHASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/bytes.h"

/* Cost of Argon2id (RFC 9106). */
struct crypto_pwhash_cost {
	uint32_t memory_kib;
	uint32_t passes;
	uint32_t lanes;
};

/* The largest cost that a file may ask us to pay. */
#define CRYPTO_PWHASH_MEMORY_KIB_MAX (1024 * 1024)
#define CRYPTO_PWHASH_PASSES_MAX 16
#define CRYPTO_PWHASH_LANES_MAX 16

/**
 * crypto_pwhash_argon2id(cost, pass, salt, out, out_len):
 * Derive ${out_len} (4..1024) bytes from ${pass} with ${salt} (8..64 bytes)
 * by Argon2id, version 1.3.  ERR_PEER_UNSUPPORTED when cost or salt are out
 * of range, ERR_SYS_NOMEM; ${out} is wiped on failure.
 */
MUST_CHECK int crypto_pwhash_argon2id(const struct crypto_pwhash_cost *cost,
    struct crypto_bytes pass, struct crypto_bytes salt, uint8_t *out,
    size_t out_len);

#endif
