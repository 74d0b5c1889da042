/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_LIMIT_INTERNAL_H
#define KEYS_LIMIT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/* A token bucket that holds one second's worth; rate 0 is no limit. */
struct keys_limit {
	uint32_t rate_per_s;
	double tokens;
	int64_t filled_us;
};

/**
 * keys_limit_init(l, rate_per_s):
 * Make a full bucket.
 */
void keys_limit_init(struct keys_limit *l, uint32_t rate_per_s);

/**
 * keys_limit_take(l):
 * Take one token, by the monotonic clock; return whether there was one.
 */
bool keys_limit_take(struct keys_limit *l);

#endif
