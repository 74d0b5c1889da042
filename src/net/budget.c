/* SPDX-License-Identifier: Apache-2.0 */
#include "net/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "net/prefix.h"

/* A token is counted in units of 1/60000: one per millisecond and per_min. */
#define UNITS 60000ULL

struct bucket {
	struct list by_age; /* the head's next was seen longest ago */
	uint8_t key[NET_BUDGET_KEY_BYTES];
	uint64_t units;
	uint64_t at_ms;
};

struct net_budget {
	struct map *map;
	struct list by_age;
	size_t peers_max;
	uint64_t per_min, units_max;
};

int
net_budget_new(uint32_t per_min, uint32_t burst, size_t peers_max,
    const uint8_t siphash_key[16], struct net_budget **ret)
{
	struct net_budget *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_SYS_NOMEM;
	b->map = base_map_new(peers_max, siphash_key);
	if (b->map == NULL) {
		free(b);
		return ERR_SYS_NOMEM;
	}
	base_list_init(&b->by_age);
	b->peers_max = peers_max;
	b->per_min = per_min;
	b->units_max = burst * UNITS;
	*ret = b;
	return 0;
}

static void
forget(struct net_budget *b, struct bucket *k)
{
	base_list_remove(&k->by_age);
	base_map_take(b->map, k->key, sizeof(k->key));
	free(k);
}

void
net_budget_free(struct net_budget *b)
{
	if (b == NULL)
		return;
	while (!base_list_empty(&b->by_age))
		forget(b, LIST_ENTRY(b->by_age.next, struct bucket, by_age));
	base_map_free(b->map);
	free(b);
}

static struct bucket *
bucket_of(struct net_budget *b, const uint8_t key[NET_BUDGET_KEY_BYTES],
    uint64_t now_ms)
{
	struct bucket *k = base_map_get(b->map, key, NET_BUDGET_KEY_BYTES);

	if (k != NULL) {
		base_list_remove(&k->by_age);
		base_list_push_back(&b->by_age, &k->by_age);
		return k;
	}
	if (base_map_count(b->map) >= b->peers_max)
		forget(b, LIST_ENTRY(b->by_age.next, struct bucket, by_age));
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return NULL;
	memcpy(k->key, key, sizeof(k->key));
	base_list_init(&k->by_age);
	k->units = b->units_max;
	k->at_ms = now_ms;
	if (base_map_put(b->map, key, NET_BUDGET_KEY_BYTES, k) != 0) {
		free(k);
		return NULL;
	}
	base_list_push_back(&b->by_age, &k->by_age);
	return k;
}

int
net_budget_take(struct net_budget *b, const struct net_addr *peer,
    uint64_t now_ms, uint64_t *ret_wait_ms)
{
	struct bucket *k;
	uint8_t key[NET_BUDGET_KEY_BYTES];
	uint64_t passed;

	net_budget_key(peer, key);
	k = bucket_of(b, key, now_ms);
	if (k == NULL)
		return ERR_SYS_NOMEM;
	passed = now_ms > k->at_ms ? now_ms - k->at_ms : 0;
	/* Compare first: an idle peer's product could overflow. */
	if (passed >= b->units_max / b->per_min ||
	    k->units + passed * b->per_min > b->units_max)
		k->units = b->units_max;
	else
		k->units += passed * b->per_min;
	k->at_ms = now_ms;
	if (k->units < UNITS) {
		*ret_wait_ms = (UNITS - k->units + b->per_min - 1) / b->per_min;
		return ERR_PEER_RATE;
	}
	k->units -= UNITS;
	return 0;
}

size_t
net_budget_count(const struct net_budget *b)
{
	return base_map_count(b->map);
}

void
net_budget_key(const struct net_addr *peer, uint8_t key[NET_BUDGET_KEY_BYTES])
{
	struct net_prefix p;

	net_prefix_of_peer(peer, &p);
	key[0] = (uint8_t)p.family;
	key[1] = p.bits;
	memcpy(key + 2, p.bytes, sizeof(p.bytes));
}
