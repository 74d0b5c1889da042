/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Randomness as a hook.  fill() writes ${len} random bytes and returns 0, or
 * a negative code, after which the buffer must not be used.
 */
struct rng {
	int (*fill)(void *ctx, uint8_t *buf, size_t len);
	void *ctx;
};

/**
 * base_rng_fill(r, buf, len):
 * Fill ${buf} with ${len} bytes from ${r}.  On failure ${buf} is zeroed and
 * ERR_SYS_RNG returned.
 */
MUST_CHECK int base_rng_fill(const struct rng *r, uint8_t *buf, size_t len);

#endif
