/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "merkle/tile.h"
#include "merkle/tree.h"

enum { LEVELS = AUDIT_TILES_LEVELS };

_Static_assert(LEVELS == MERKLE_TILE_LEVEL_MAX + 1 &&
		   AUDIT_TILES_PATH_MAX == MERKLE_TILE_PATH_MAX,
    "as merkle has them");

struct finished {
	struct finished *next;
	struct merkle_tile tile;
	struct merkle_hash nodes[MERKLE_TILE_WIDTH];
};

struct level {
	uint64_t index; /* of the unfinished tile */
	uint16_t width;
	struct merkle_hash nodes[MERKLE_TILE_WIDTH];
};

struct audit_tiles {
	struct merkle_edge edge;
	struct level levels[LEVELS];
	struct finished *first, **last;
};

struct audit_tiles *
audit_tiles_new(void)
{
	struct audit_tiles *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	merkle_edge_init(&t->edge);
	t->last = &t->first;
	return t;
}

void
audit_tiles_drop(struct audit_tiles *t)
{
	struct finished *f;

	while ((f = t->first) != NULL) {
		t->first = f->next;
		free(f);
	}
	t->last = &t->first;
}

void
audit_tiles_free(struct audit_tiles *t)
{
	if (t == NULL)
		return;
	audit_tiles_drop(t);
	free(t);
}

/* The root over ${count} nodes, a power of two up to 256. */
static struct merkle_hash
fold(const struct merkle_hash *nodes, size_t count)
{
	struct merkle_hash work[MERKLE_TILE_WIDTH];
	size_t n, i;

	memcpy(work, nodes, count * sizeof(*work));
	for (n = count; n > 1; n /= 2)
		for (i = 0; i < n / 2; i++)
			merkle_tree_node(
			    &work[2 * i], &work[2 * i + 1], &work[i]);
	return work[0];
}

/* Take the nodes of the unfinished tile of one level, and the complete
 * subtrees over them that belong to the right edge. */
static int
restore_level(struct audit_tiles *t, uint8_t level, uint64_t size,
    const struct merkle_tile *tile, const struct merkle_hash *nodes)
{
	struct level *l = &t->levels[level];
	unsigned int bit;
	size_t start = 0;

	if (tile->width < l->width)
		return ERR_PEER_TRUNCATED;
	memcpy(l->nodes, nodes, l->width * sizeof(*nodes));
	for (bit = 8; bit-- > 0;)
		if ((size >> (8 * level + bit) & 1) != 0) {
			t->edge.node[8 * level + bit] =
			    fold(nodes + start, (size_t)1 << bit);
			start += (size_t)1 << bit;
		}
	return 0;
}

int
audit_tiles_restore(struct audit_tiles *t, uint64_t size, uint64_t published,
    audit_tiles_get_fn *get, void *ctx)
{
	struct merkle_hash nodes[MERKLE_TILE_WIDTH];
	char path[MERKLE_TILE_PATH_MAX];
	struct merkle_tile tile;
	uint8_t i;
	int rc;

	for (i = 0; i < LEVELS; i++) {
		t->levels[i].index = size >> (8 * i + 8);
		t->levels[i].width = (uint16_t)(size >> (8 * i) & 0xff);
		if (t->levels[i].width == 0)
			continue;
		rc = merkle_tile_at(i, t->levels[i].index, published, &tile);
		if (rc != 0)
			return rc;
		merkle_tile_path(&tile, path);
		rc = get(ctx, path, nodes[0].b,
		    (size_t)tile.width * MERKLE_HASH_LEN);
		if (rc == 0)
			rc = restore_level(t, i, size, &tile, nodes);
		if (rc != 0)
			return rc;
	}
	t->edge.size = size;
	return 0;
}

/* How many tiles the next leaf finishes. */
static size_t
will_finish(const struct audit_tiles *t)
{
	size_t n = 0;

	while (n < LEVELS && t->levels[n].width == MERKLE_TILE_WIDTH - 1)
		n++;
	return n;
}

/* Move the full tile of a level to the finished ones; return its root. */
static struct merkle_hash
finish(struct audit_tiles *t, uint8_t level, struct finished *f)
{
	struct level *l = &t->levels[level];

	f->next = NULL;
	f->tile.level = level;
	f->tile.index = l->index++;
	f->tile.width = MERKLE_TILE_WIDTH;
	memcpy(f->nodes, l->nodes, sizeof(f->nodes));
	l->width = 0;
	*t->last = f;
	t->last = &f->next;
	return fold(f->nodes, MERKLE_TILE_WIDTH);
}

int
audit_tiles_add(struct audit_tiles *t, const char *line, size_t len,
    struct merkle_hash *ret_leaf)
{
	struct finished *fresh[LEVELS] = { NULL };
	size_t n = will_finish(t), i;
	struct merkle_hash node;

	for (i = 0; i < n; i++)
		if ((fresh[i] = malloc(sizeof(*fresh[i]))) == NULL) {
			while (i > 0)
				free(fresh[--i]);
			return ERR_SYS_NOMEM;
		}
	merkle_tree_leaf((const uint8_t *)line, len, &node);
	if (ret_leaf != NULL)
		*ret_leaf = node;
	merkle_edge_append(&t->edge, &node);
	for (i = 0; i < LEVELS; i++) {
		t->levels[i].nodes[t->levels[i].width++] = node;
		if (t->levels[i].width < MERKLE_TILE_WIDTH)
			break;
		node = finish(t, (uint8_t)i, fresh[i]);
	}
	return 0;
}

void
audit_tiles_head(const struct audit_tiles *t, struct merkle_head *ret)
{
	ret->size = t->edge.size;
	if (t->edge.size == 0)
		merkle_tree_empty(&ret->root);
	else
		merkle_edge_root(&t->edge, &ret->root);
}

bool
audit_tiles_is(const struct audit_tiles *t, const struct merkle_head *head)
{
	struct merkle_head own;

	audit_tiles_head(t, &own);
	return own.size == head->size &&
	       merkle_tree_equal(&own.root, &head->root);
}

static int
give(const struct merkle_tile *tile, const struct merkle_hash *nodes,
    audit_tiles_fn *fn, void *ctx)
{
	char path[MERKLE_TILE_PATH_MAX];

	merkle_tile_path(tile, path);
	return fn(ctx, path, nodes[0].b, (size_t)tile->width * MERKLE_HASH_LEN);
}

int
audit_tiles_each(const struct audit_tiles *t, audit_tiles_fn *fn, void *ctx)
{
	const struct finished *f;
	struct merkle_tile tile;
	uint8_t i;
	int rc = 0;

	for (f = t->first; rc == 0 && f != NULL; f = f->next)
		rc = give(&f->tile, f->nodes, fn, ctx);
	for (i = 0; rc == 0 && i < LEVELS; i++) {
		if (t->levels[i].width == 0)
			continue;
		tile.level = i;
		tile.index = t->levels[i].index;
		tile.width = t->levels[i].width;
		rc = give(&tile, t->levels[i].nodes, fn, ctx);
	}
	return rc;
}

bool
audit_tiles_stale(unsigned int level, uint64_t old_size, uint64_t new_size,
    char path[AUDIT_TILES_PATH_MAX])
{
	unsigned int bits = 8 * level;
	struct merkle_tile tile;
	char *slash;

	tile.level = (uint8_t)level;
	tile.index = old_size >> (bits + 8);
	tile.width = (uint16_t)((old_size >> bits) & 0xff);
	if (tile.width == 0 || new_size >> (bits + 8) <= tile.index)
		return false;
	merkle_tile_path(&tile, path);
	slash = strrchr(path, '/');
	*slash = '\0';
	return true;
}
