/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_BUDGET_H
#define NET_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Token buckets by a peer's prefix (net_prefix_of_peer); a full table forgets
 * the prefix idle longest.  After net_budget_new nothing is allocated.
 */
struct net_addr;
struct net_budget;

#define NET_BUDGET_KEY_BYTES 18

struct net_budget_options {
	uint32_t per_min, burst; /* of a prefix, at least 1 */
	/* An IPv6 /48 gets so many times that for all its /64 together, so that
	 * who holds one is not 65,536 peers; 0: any amount. */
	uint32_t site_factor;
	size_t prefixes_max; /* at least 2 */
};

/**
 * net_budget_new(options, siphash_key, ret):
 * Create a table; ${siphash_key} is 16 random bytes.  ERR_SYS_NOMEM.
 */
MUST_CHECK int net_budget_new(const struct net_budget_options *options,
    const uint8_t siphash_key[16], struct net_budget **ret);

/**
 * net_budget_take(b, peer, now_ms, ret_wait_ms):
 * Take one token of ${peer} at the monotonic time ${now_ms}.  ERR_PEER_RATE
 * when there is none; then ${ret_wait_ms} says when there may be one.
 */
MUST_CHECK int net_budget_take(struct net_budget *b,
    const struct net_addr *peer, uint64_t now_ms, uint64_t *ret_wait_ms);

/**
 * net_budget_key(peer, key):
 * Store what identifies the prefix of ${peer} in tables.
 */
void net_budget_key(
    const struct net_addr *peer, uint8_t key[NET_BUDGET_KEY_BYTES]);

/**
 * net_budget_count(b), net_budget_free(b):
 * Return the number of prefixes in the table; free it, NULL is allowed.
 */
size_t net_budget_count(const struct net_budget *b);
void net_budget_free(struct net_budget *b);

#endif
