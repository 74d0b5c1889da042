/* SPDX-License-Identifier: Apache-2.0 */
#include "net/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/lru.h"
#include "net/prefix.h"

#define SITE_BITS 48

struct net_budget {
	struct lru *table;
	struct bucket_rate rate, site_rate;
	bool sites;
};

static uint32_t
times(uint32_t n, uint32_t factor)
{
	return n > UINT32_MAX / factor ? UINT32_MAX : n * factor;
}

int
net_budget_new(const struct net_budget_options *options,
    const uint8_t siphash_key[16], struct net_budget **ret)
{
	struct net_budget *b = calloc(1, sizeof(*b));
	int rc;

	if (b == NULL)
		return ERR_SYS_NOMEM;
	rc = base_lru_new(options->prefixes_max, NET_BUDGET_KEY_BYTES,
	    sizeof(struct bucket), siphash_key, &b->table);
	if (rc != 0) {
		free(b);
		return rc;
	}
	b->rate = (struct bucket_rate){ options->per_min, options->burst };
	b->sites = options->site_factor > 0;
	if (b->sites)
		b->site_rate = (struct bucket_rate){ times(options->per_min,
							 options->site_factor),
			times(options->burst, options->site_factor) };
	*ret = b;
	return 0;
}

void
net_budget_free(struct net_budget *b)
{
	if (b == NULL)
		return;
	base_lru_free(b->table);
	free(b);
}

static void
make_key(const struct net_prefix *p, uint8_t key[NET_BUDGET_KEY_BYTES])
{
	key[0] = (uint8_t)p->family;
	key[1] = p->bits;
	memcpy(key + 2, p->bytes, sizeof(p->bytes));
}

int
net_budget_take(struct net_budget *b, const struct net_addr *peer,
    uint64_t now_ms, uint64_t *ret_wait_ms)
{
	uint8_t site[NET_BUDGET_KEY_BYTES], key[NET_BUDGET_KEY_BYTES];
	const void *const keys[2] = { site, key };
	const struct bucket_rate rates[2] = { b->site_rate, b->rate };
	struct net_prefix p;
	size_t first = 1;

	net_prefix_of_peer(peer, &p);
	make_key(&p, key);
	if (b->sites && p.family == NET_FAMILY_IP6) {
		memset(p.bytes + SITE_BITS / 8, 0,
		    sizeof(p.bytes) - SITE_BITS / 8);
		p.bits = SITE_BITS;
		make_key(&p, site);
		first = 0;
	}
	return base_bucket_take(b->table, keys + first, rates + first,
	    2 - first, now_ms, ret_wait_ms);
}

size_t
net_budget_count(const struct net_budget *b)
{
	return base_lru_count(b->table);
}

void
net_budget_key(const struct net_addr *peer, uint8_t key[NET_BUDGET_KEY_BYTES])
{
	struct net_prefix p;

	net_prefix_of_peer(peer, &p);
	make_key(&p, key);
}
