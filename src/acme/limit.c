/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/str.h"

struct counter {
	struct list node; /* least recently used first */
	int64_t window;	  /* number of the window that now counts */
	uint32_t now, before;
	char *key;
};

struct acme_limit {
	uint32_t max;
	int64_t window_ms;
	uint32_t keys_max;
	struct map *map;
	struct list used;
};

int
acme_limit_new(uint32_t max, int64_t window_ms, uint32_t keys_max,
    const uint8_t siphash_key[16], struct acme_limit **ret)
{
	struct acme_limit *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return ERR_SYS_NOMEM;
	l->max = max;
	l->window_ms = window_ms;
	l->keys_max = keys_max;
	base_list_init(&l->used);
	l->map = base_map_new(keys_max, siphash_key);
	if (l->map == NULL) {
		free(l);
		return ERR_SYS_NOMEM;
	}
	*ret = l;
	return 0;
}

static void
drop(struct acme_limit *l, struct counter *c)
{
	base_list_remove(&c->node);
	if (c->key != NULL)
		(void)base_map_take(l->map, c->key, strlen(c->key));
	free(c->key);
	free(c);
}

void
acme_limit_free(struct acme_limit *l)
{
	struct list *it, *tmp;

	if (l == NULL)
		return;
	LIST_FOREACH (it, tmp, &l->used)
		drop(l, LIST_ENTRY(it, struct counter, node));
	base_map_free(l->map);
	free(l);
}

/* Bring a counter to the window of now. */
static void
slide(const struct acme_limit *l, struct counter *c, int64_t now_ms)
{
	int64_t window = now_ms / l->window_ms;

	if (window == c->window)
		return;
	c->before = window == c->window + 1 ? c->now : 0;
	c->now = 0;
	c->window = window;
}

int
acme_limit_check(
    struct acme_limit *l, const char *key, int64_t now_ms, int *ret_wait_s)
{
	struct counter *c;
	int64_t left, weight;

	if (l->max == 0)
		return 0;
	c = base_map_get(l->map, key, strlen(key));
	if (c == NULL)
		return 0;
	slide(l, c, now_ms);
	left = l->window_ms - now_ms % l->window_ms;
	weight = c->now + (int64_t)c->before * left / l->window_ms;
	if (weight < l->max)
		return 0;
	/* Wait until enough of the older window has slid out, or, when this
	 * window alone is full, until the next begins. */
	if (c->now < l->max)
		left = left - (int64_t)(l->max - 1 - c->now) * l->window_ms /
				  c->before;
	*ret_wait_s = (int)(left / 1000 + 1);
	return ERR_PEER_RATE;
}

static struct counter *
add(struct acme_limit *l, const char *key)
{
	struct counter *c;

	if (base_map_count(l->map) >= l->keys_max && !base_list_empty(&l->used))
		drop(l, LIST_ENTRY(l->used.next, struct counter, node));
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	base_list_init(&c->node);
	c->key = base_str_dup(key);
	if (c->key == NULL || base_map_put(l->map, key, strlen(key), c) != 0) {
		free(c->key);
		free(c);
		return NULL;
	}
	return c;
}

void
acme_limit_restore(
    struct acme_limit *l, const char *key, const struct acme_limit_state *state)
{
	struct counter *c;

	if (l->max == 0 || base_map_get(l->map, key, strlen(key)) != NULL ||
	    (c = add(l, key)) == NULL)
		return;
	c->window = state->window;
	c->now = state->now;
	c->before = state->before;
	base_list_push_back(&l->used, &c->node);
}

void
acme_limit_charge(struct acme_limit *l, const char *key, int64_t now_ms)
{
	struct counter *c;

	if (l->max == 0)
		return;
	c = base_map_get(l->map, key, strlen(key));
	if (c == NULL)
		c = add(l, key);
	if (c == NULL)
		return;
	slide(l, c, now_ms);
	if (c->now < UINT32_MAX)
		c->now++;
	base_list_remove(&c->node);
	base_list_push_back(&l->used, &c->node);
}
