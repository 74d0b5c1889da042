/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/lru.h"

/*
 * A token bucket as the value of a struct lru: a table of them holds a bucket
 * for each stranger, and forgets the one idle longest.  All zero, as the table
 * makes it, is a full bucket.
 */
struct bucket {
	uint64_t spent; /* missing from a full one, in 1/60000 of a token */
	uint64_t at_ms;
};

/* ${per_min} tokens a minute up to ${burst}, both at least 1. */
struct bucket_rate {
	uint32_t per_min, burst;
};

/**
 * base_bucket_take(l, keys, rates, n, now_ms, ret_wait_ms):
 * Take a token at the monotonic time ${now_ms} from each bucket of the ${n}
 * keys, at most 4 and all different, or from none.  The widest group comes
 * first: where it refuses, no bucket is made for the narrower ones, so a group
 * cannot fill the table beyond its rate.  ERR_PEER_RATE; then ${ret_wait_ms}
 * says when there may be one.
 */
MUST_CHECK int base_bucket_take(struct lru *l, const void *const keys[],
    const struct bucket_rate rates[], size_t n, uint64_t now_ms,
    uint64_t *ret_wait_ms);

#endif
