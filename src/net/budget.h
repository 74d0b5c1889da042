/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_BUDGET_H
#define NET_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Token buckets keyed by a peer's prefix (net_prefix_of_peer), at most
 * ${peers_max}: when the table is full, the peer that was seen longest ago is
 * forgotten.  Each operation takes constant time.
 */
struct net_addr;
struct net_budget;

#define NET_BUDGET_KEY_BYTES 18

/**
 * net_budget_new(per_min, burst, peers_max, siphash_key, ret):
 * Create a table whose buckets refill with ${per_min} tokens a minute up to
 * ${burst}, both at least 1.  ${siphash_key} is 16 random bytes.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int net_budget_new(uint32_t per_min, uint32_t burst,
    size_t peers_max, const uint8_t siphash_key[16], struct net_budget **ret);

/**
 * net_budget_free(b):
 * NULL is allowed.
 */
void net_budget_free(struct net_budget *b);

/**
 * net_budget_take(b, peer, now_ms, ret_wait_ms):
 * Take one token of ${peer} at the monotonic time ${now_ms}.  ERR_PEER_RATE
 * when there is none; then ${ret_wait_ms} says when there will be one.
 * ERR_SYS_NOMEM.
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
 * net_budget_count(b):
 * Return the number of peers in the table.
 */
size_t net_budget_count(const struct net_budget *b);

#endif
