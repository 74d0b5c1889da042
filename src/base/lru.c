/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lru.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/map.h"

/* Entries are numbered from 1; 0 is none, and as an entry the list's head. */
struct entry {
	uint32_t chain;			       /* next of the same hash */
	uint32_t newer, older;		       /* in order of use */
	_Alignas(max_align_t) uint8_t value[]; /* then the key */
};

struct lru {
	uint8_t siphash_key[16];
	size_t key_len, value_len, stride;
	uint32_t entries_max, count;
	size_t mask; /* of the hash, to a chain */
	uint32_t *chains;
	uint8_t *entries;
};

static struct entry *
at(const struct lru *l, uint32_t n)
{
	return (void *)(l->entries + n * l->stride);
}

static uint8_t *
key_of(const struct lru *l, uint32_t n)
{
	return at(l, n)->value + l->value_len;
}

int
base_lru_new(size_t entries_max, size_t key_len, size_t value_len,
    const uint8_t siphash_key[16], struct lru **ret)
{
	const size_t align = _Alignof(max_align_t);
	struct lru *l = calloc(1, sizeof(*l));
	size_t chains = 16;

	TROTH_ASSERT(entries_max > 0);
	TROTH_ASSERT(entries_max <= UINT32_MAX / 2);
	if (l == NULL)
		return ERR_SYS_NOMEM;
	while (chains < entries_max)
		chains *= 2;
	memcpy(l->siphash_key, siphash_key, sizeof(l->siphash_key));
	l->entries_max = (uint32_t)entries_max;
	l->key_len = key_len;
	l->value_len = value_len;
	l->stride = sizeof(struct entry) + value_len + key_len;
	l->stride = (l->stride + align - 1) / align * align;
	l->mask = chains - 1;
	l->chains = calloc(chains, sizeof(*l->chains));
	l->entries = calloc(entries_max + 1, l->stride);
	if (l->chains == NULL || l->entries == NULL) {
		base_lru_free(l);
		return ERR_SYS_NOMEM;
	}
	*ret = l;
	return 0;
}

void
base_lru_free(struct lru *l)
{
	if (l == NULL)
		return;
	free(l->chains);
	free(l->entries);
	free(l);
}

static uint32_t *
chain_of(const struct lru *l, const void *key)
{
	uint64_t hash = base_map_siphash(l->siphash_key, key, l->key_len);

	return &l->chains[hash & l->mask];
}

static uint32_t
find(const struct lru *l, const void *key)
{
	uint32_t n = *chain_of(l, key);

	while (n != 0 && memcmp(key_of(l, n), key, l->key_len) != 0)
		n = at(l, n)->chain;
	return n;
}

/* Between the head and what was newest. */
static void
link_newest(struct lru *l, uint32_t n)
{
	struct entry *e = at(l, n), *head = at(l, 0);

	e->newer = 0;
	e->older = head->older;
	at(l, head->older)->newer = n;
	head->older = n;
}

static void
unlink_use(struct lru *l, uint32_t n)
{
	struct entry *e = at(l, n);

	at(l, e->newer)->older = e->older;
	at(l, e->older)->newer = e->newer;
}

void *
base_lru_peek(const struct lru *l, const void *key)
{
	uint32_t n = find(l, key);

	return n != 0 ? at(l, n)->value : NULL;
}

void *
base_lru_get(struct lru *l, const void *key)
{
	uint32_t n = find(l, key);

	if (n == 0)
		return NULL;
	unlink_use(l, n);
	link_newest(l, n);
	return at(l, n)->value;
}

/* Take the entry idle longest out of everything and return it. */
static uint32_t
evict(struct lru *l)
{
	uint32_t n = at(l, 0)->newer, *from = chain_of(l, key_of(l, n));

	while (*from != n)
		from = &at(l, *from)->chain;
	*from = at(l, n)->chain;
	unlink_use(l, n);
	return n;
}

void *
base_lru_make(struct lru *l, const void *key)
{
	void *value = base_lru_get(l, key);
	uint32_t n, *chain;

	if (value != NULL)
		return value;
	n = l->count < l->entries_max ? ++l->count : evict(l);
	memset(at(l, n)->value, 0, l->value_len);
	memcpy(key_of(l, n), key, l->key_len);
	chain = chain_of(l, key);
	at(l, n)->chain = *chain;
	*chain = n;
	link_newest(l, n);
	return at(l, n)->value;
}

size_t
base_lru_count(const struct lru *l)
{
	return l->count;
}
