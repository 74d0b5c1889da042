/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bucket.h"

#include "base/assert.h"

/* A token is counted in units of 1/60000: one per millisecond and per_min. */
#define UNITS 60000ULL
#define KEYS_MAX 4

/* Give ${b} what has come in since it was last looked at. */
static void
refill(struct bucket *b, const struct bucket_rate *rate, uint64_t now_ms)
{
	uint64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;

	/* Compare first: an idle bucket's product could overflow. */
	if (passed >= b->spent / rate->per_min + 1)
		b->spent = 0;
	else
		b->spent -= passed * rate->per_min;
	b->at_ms = now_ms;
}

int
base_bucket_take(struct lru *l, const void *const keys[],
    const struct bucket_rate rates[], size_t n, uint64_t now_ms,
    uint64_t *ret_wait_ms)
{
	struct bucket *b;
	uint64_t over;

	TROTH_ASSERT(n <= KEYS_MAX);
	for (size_t i = 0; i < n; i++) {
		b = base_lru_get(l, keys[i]);
		if (b == NULL)
			continue;
		refill(b, &rates[i], now_ms);
		if (b->spent + UNITS <= rates[i].burst * UNITS)
			continue;
		over = b->spent + UNITS - rates[i].burst * UNITS;
		*ret_wait_ms = (over + rates[i].per_min - 1) / rates[i].per_min;
		return ERR_PEER_RATE;
	}
	for (size_t i = 0; i < n; i++) {
		b = base_lru_make(l, keys[i]);
		b->at_ms = now_ms;
		b->spent += UNITS;
	}
	return 0;
}
