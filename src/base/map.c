/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

#define BUCKETS_MIN 16

struct entry {
	struct entry *next;
	uint64_t hash;
	void *value;
	size_t len;
	uint8_t key[];
};

struct map {
	struct entry **buckets;
	size_t n_buckets; /* a power of two */
	size_t count;
	size_t entries_max;
	uint8_t siphash_key[16];
};

static uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static void
sipround(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

uint64_t
base_map_siphash(const uint8_t key[16], const void *data, size_t len)
{
	const uint64_t k0 = load64(key), k1 = load64(key + 8);
	const uint8_t *p = data;
	uint64_t m, v[4] = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
		k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };
	size_t left = len;

	for (; left >= 8; p += 8, left -= 8) {
		m = load64(p);
		v[3] ^= m;
		sipround(v);
		sipround(v);
		v[0] ^= m;
	}
	m = (uint64_t)len << 56;
	for (size_t i = 0; i < left; i++)
		m |= (uint64_t)p[i] << (8 * i);
	v[3] ^= m;
	sipround(v);
	sipround(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sipround(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *
base_map_new(size_t entries_max, const uint8_t siphash_key[16])
{
	struct map *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->n_buckets = BUCKETS_MIN;
	m->entries_max = entries_max;
	memcpy(m->siphash_key, siphash_key, sizeof(m->siphash_key));
	m->buckets = calloc(m->n_buckets, sizeof(*m->buckets));
	if (m->buckets == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
base_map_free(struct map *m)
{
	struct entry *e, *next;

	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n_buckets; i++) {
		for (e = m->buckets[i]; e != NULL; e = next) {
			next = e->next;
			free(e);
		}
	}
	free(m->buckets);
	free(m);
}

/* The link that points to the entry, or to the NULL where it would go. */
static struct entry **
locate(const struct map *m, const void *key, size_t len, uint64_t hash)
{
	struct entry **at = &m->buckets[hash & (m->n_buckets - 1)];

	while (
	    *at != NULL && ((*at)->hash != hash || (*at)->len != len ||
			       (len > 0 && memcmp((*at)->key, key, len) != 0)))
		at = &(*at)->next;
	return at;
}

void *
base_map_get(const struct map *m, const void *key, size_t len)
{
	uint64_t hash = base_map_siphash(m->siphash_key, key, len);
	struct entry *e = *locate(m, key, len, hash);

	return e != NULL ? e->value : NULL;
}

/* Double the table; when memory is short the old one goes on, more slowly. */
static void
grow(struct map *m)
{
	size_t n = m->n_buckets * 2;
	struct entry **buckets = calloc(n, sizeof(*buckets)), *e, *next;

	if (buckets == NULL)
		return;
	for (size_t i = 0; i < m->n_buckets; i++) {
		for (e = m->buckets[i]; e != NULL; e = next) {
			next = e->next;
			e->next = buckets[e->hash & (n - 1)];
			buckets[e->hash & (n - 1)] = e;
		}
	}
	free(m->buckets);
	m->buckets = buckets;
	m->n_buckets = n;
}

int
base_map_put(struct map *m, const void *key, size_t len, void *value)
{
	uint64_t hash = base_map_siphash(m->siphash_key, key, len);
	struct entry *e, **at = locate(m, key, len, hash);

	TROTH_ASSERT(value != NULL);
	if (*at != NULL)
		return ERR_STATE_EXISTS;
	if (m->count >= m->entries_max)
		return ERR_STATE_FULL;
	if ((e = malloc(sizeof(*e) + len)) == NULL)
		return ERR_SYS_NOMEM;
	*e = (struct entry){ .hash = hash, .value = value, .len = len };
	if (len > 0)
		memcpy(e->key, key, len);
	*at = e;
	if (++m->count > m->n_buckets)
		grow(m);
	return 0;
}

void *
base_map_take(struct map *m, const void *key, size_t len)
{
	uint64_t hash = base_map_siphash(m->siphash_key, key, len);
	struct entry **at = locate(m, key, len, hash), *e = *at;
	void *value;

	if (e == NULL)
		return NULL;
	*at = e->next;
	value = e->value;
	free(e);
	m->count--;
	return value;
}

size_t
base_map_count(const struct map *m)
{
	return m->count;
}

int
base_map_each(const struct map *m,
    int (*visit)(void *ctx, const void *key, size_t len, void *value),
    void *ctx)
{
	struct entry *e;
	int rc;

	for (size_t i = 0; i < m->n_buckets; i++)
		for (e = m->buckets[i]; e != NULL; e = e->next)
			if ((rc = visit(ctx, e->key, e->len, e->value)) != 0)
				return rc;
	return 0;
}
