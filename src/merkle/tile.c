/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"

void
merkle_tile_path(const struct merkle_tile *tile, char ret[MERKLE_TILE_PATH_MAX])
{
	uint64_t n = tile->index;
	unsigned part[6];
	int count = 0, len, i;

	TROTH_ASSERT(tile->level <= MERKLE_TILE_LEVEL_MAX ||
		     tile->level == MERKLE_TILE_LEVEL_DATA);
	TROTH_ASSERT(tile->index <= MERKLE_TILE_INDEX_MAX);
	TROTH_ASSERT(tile->width >= 1);
	TROTH_ASSERT(tile->width <= MERKLE_TILE_WIDTH);
	do {
		part[count++] = (unsigned)(n % 1000);
		n /= 1000;
	} while (n != 0);
	if (tile->level == MERKLE_TILE_LEVEL_DATA)
		len = snprintf(ret, MERKLE_TILE_PATH_MAX, "tile/data");
	else
		len =
		    snprintf(ret, MERKLE_TILE_PATH_MAX, "tile/%u", tile->level);
	for (i = count - 1; i >= 0; i--)
		len += snprintf(ret + len, MERKLE_TILE_PATH_MAX - (size_t)len,
		    i > 0 ? "/x%03u" : "/%03u", part[i]);
	if (tile->width < MERKLE_TILE_WIDTH)
		snprintf(ret + len, MERKLE_TILE_PATH_MAX - (size_t)len, ".p/%u",
		    tile->width);
}

/* Skip s at *pos if it is there. */
static int
skip(const char **pos, const char *end, const char *s)
{
	size_t len = strlen(s);

	if ((size_t)(end - *pos) < len || memcmp(*pos, s, len) != 0)
		return 0;
	*pos += len;
	return 1;
}

/* A run of 1 to max digits; -1 if there is none. */
static int64_t
digits(const char **pos, const char *end, int max)
{
	int64_t v = 0;
	int n = 0;

	while (*pos < end && **pos >= '0' && **pos <= '9' && n < max) {
		v = v * 10 + (**pos - '0');
		(*pos)++;
		n++;
	}
	return n == 0 ? -1 : v;
}

/*
 * Accept loosely, then demand that the canonical path of what was read equals
 * the input: leading zeros, a missing or superfluous "x" and wrong group
 * lengths all fail that.
 */
int
merkle_tile_parse(const char *path, size_t len, struct merkle_tile *ret)
{
	const char *pos = path, *end = path + len;
	char canonical[MERKLE_TILE_PATH_MAX];
	struct merkle_tile t;
	int64_t v;

	if (len >= MERKLE_TILE_PATH_MAX || !skip(&pos, end, "tile/"))
		return ERR_PEER_MALFORMED;
	memset(&t, 0, sizeof(t));
	t.width = MERKLE_TILE_WIDTH;
	if (skip(&pos, end, "data")) {
		t.level = MERKLE_TILE_LEVEL_DATA;
	} else {
		v = digits(&pos, end, 1);
		if (v < 0 || v > MERKLE_TILE_LEVEL_MAX)
			return ERR_PEER_MALFORMED;
		t.level = (uint8_t)v;
	}
	while (skip(&pos, end, "/")) {
		(void)skip(&pos, end, "x");
		v = digits(&pos, end, 3);
		if (v < 0)
			return ERR_PEER_MALFORMED;
		t.index = t.index * 1000 + (uint64_t)v;
		if (t.index > MERKLE_TILE_INDEX_MAX)
			return ERR_PEER_MALFORMED;
		if (skip(&pos, end, ".p/")) {
			v = digits(&pos, end, 3);
			if (v < 1 || v >= MERKLE_TILE_WIDTH)
				return ERR_PEER_MALFORMED;
			t.width = (uint16_t)v;
			break;
		}
	}
	if (pos != end)
		return ERR_PEER_MALFORMED;
	merkle_tile_path(&t, canonical);
	if (strlen(canonical) != len || memcmp(canonical, path, len) != 0)
		return ERR_PEER_MALFORMED;
	*ret = t;
	return 0;
}

int
merkle_tile_at(
    uint8_t level, uint64_t index, uint64_t size, struct merkle_tile *ret)
{
	uint64_t nodes, first;

	if (level == MERKLE_TILE_LEVEL_DATA)
		nodes = size;
	else if (level > MERKLE_TILE_LEVEL_MAX)
		return ERR_STATE_NOT_FOUND;
	else
		nodes = size >> (8u * level);
	if (index > MERKLE_TILE_INDEX_MAX)
		return ERR_STATE_NOT_FOUND;
	first = index * MERKLE_TILE_WIDTH;
	if (first >= nodes)
		return ERR_STATE_NOT_FOUND;
	ret->level = level;
	ret->index = index;
	ret->width = nodes - first >= MERKLE_TILE_WIDTH
			 ? MERKLE_TILE_WIDTH
			 : (uint16_t)(nodes - first);
	return 0;
}

void
merkle_tile_growth_init(
    struct merkle_tile_growth *growth, uint64_t old_size, uint64_t new_size)
{
	TROTH_ASSERT(old_size <= new_size);
	TROTH_ASSERT(new_size <= ((uint64_t)1 << 40));
	growth->old_size = old_size;
	growth->new_size = new_size;
	growth->level = 0;
	growth->index = old_size / MERKLE_TILE_WIDTH;
}

int
merkle_tile_growth_next(
    struct merkle_tile_growth *growth, struct merkle_tile *ret)
{
	uint64_t old_nodes, new_nodes;

	for (; growth->level <= MERKLE_TILE_LEVEL_MAX; growth->level++) {
		old_nodes = growth->old_size >> (8u * growth->level);
		new_nodes = growth->new_size >> (8u * growth->level);
		if (new_nodes == old_nodes)
			return 0; /* so the levels above are equal too */
		if (growth->index * MERKLE_TILE_WIDTH < new_nodes) {
			(void)!merkle_tile_at(growth->level, growth->index++,
			    growth->new_size, ret);
			return 1;
		}
		growth->index =
		    (growth->old_size >> (8u * growth->level + 8u)) /
		    MERKLE_TILE_WIDTH;
	}
	return 0;
}

/* The root of 2^height hashes, in place. */
static void
fold(uint8_t *hashes, unsigned height, struct merkle_hash *ret)
{
	struct merkle_hash l, r;
	size_t n = (size_t)1 << height, i;

	for (; n > 1; n /= 2)
		for (i = 0; i < n / 2; i++) {
			memcpy(l.b, hashes + 64 * i, MERKLE_HASH_LEN);
			memcpy(r.b, hashes + 64 * i + 32, MERKLE_HASH_LEN);
			merkle_tree_node(&l, &r, &l);
			memcpy(hashes + 32 * i, l.b, MERKLE_HASH_LEN);
		}
	memcpy(ret->b, hashes, MERKLE_HASH_LEN);
}

static int
reader_node(void *ctx, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	struct merkle_tile_source *source = ctx;
	uint8_t hashes[MERKLE_TILE_BYTES];
	unsigned height = level % 8;
	uint64_t first = index << height;
	struct merkle_tile tile;
	int rc;

	rc = merkle_tile_at((uint8_t)(level / 8), first / MERKLE_TILE_WIDTH,
	    source->size, &tile);
	if (rc != 0)
		return rc;
	first %= MERKLE_TILE_WIDTH;
	if (first + ((uint64_t)1 << height) > tile.width)
		return ERR_STATE_NOT_FOUND;
	rc = source->get(source->ctx, &tile, hashes);
	if (rc != 0)
		return rc;
	fold(hashes + MERKLE_HASH_LEN * first, height, ret);
	return 0;
}

struct merkle_reader
merkle_tile_reader(struct merkle_tile_source *source)
{
	struct merkle_reader reader = { reader_node, source };

	return reader;
}
