/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/check_tiles.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/check_tiles_internal.h"
#include "base/fault.h"
#include "merkle/tile.h"

enum { LEVELS = MERKLE_TILE_LEVEL_MAX + 1 };

/* The last checked tile of a level. */
struct checked {
	int valid;
	struct merkle_tile tile;
	uint8_t bytes[MERKLE_TILE_BYTES];
};

struct audit_check_tiles {
	const struct audit_source *source;
	uint64_t size;
	struct checked level[LEVELS];
};

static int
load(void *ctx, const struct merkle_tile *tile, uint8_t ret[MERKLE_TILE_BYTES])
{
	const struct audit_check_tiles *t = ctx;
	size_t want = (size_t)tile->width * MERKLE_HASH_LEN, got;
	char name[MERKLE_TILE_PATH_MAX];
	int rc;

	merkle_tile_path(tile, name);
	rc = audit_check_tiles_load(t->source, name, ret, want, &got);
	return rc == 0 && got != want ? ERR_PEER_TRUNCATED : rc;
}

/* What was found wrong with a tile. */
static int
bad_tile(struct fault *fault, const struct merkle_tile *tile, const char *what)
{
	unsigned int bits = 8 * tile->level;
	uint64_t first = tile->index * MERKLE_TILE_WIDTH << bits;
	uint64_t last = first + ((uint64_t)tile->width << bits) - 1;
	char name[MERKLE_TILE_PATH_MAX];

	merkle_tile_path(tile, name);
	return base_fault_set(fault, ERR_STATE_INTEGRITY,
	    "%s %s: the hashes of records %" PRIu64 " to %" PRIu64
	    " cannot be believed",
	    name, what, first, last);
}

static void
tile_root(const uint8_t bytes[MERKLE_TILE_BYTES], struct merkle_hash *ret)
{
	struct merkle_hash work[MERKLE_TILE_WIDTH];
	size_t n, i;

	memcpy(work, bytes, sizeof(work));
	for (n = MERKLE_TILE_WIDTH; n > 1; n /= 2)
		for (i = 0; i < n / 2; i++)
			merkle_tree_node(
			    &work[2 * i], &work[2 * i + 1], &work[i]);
	*ret = work[0];
}

/* Get a tile that leads to the root: a full one by the node above it, one
 * at the edge because the root was computed from it. */
static int
get_checked(struct audit_check_tiles *t, uint8_t level, uint64_t index,
    struct fault *fault)
{
	struct checked *c = &t->level[level];
	struct merkle_hash root;
	const uint8_t *above;
	int rc;

	if (c->valid && c->tile.index == index)
		return 0;
	c->valid = 0;
	if ((rc = merkle_tile_at(level, index, t->size, &c->tile)) != 0)
		return base_fault_set(fault, rc, "no such tile");
	rc = load(t, &c->tile, c->bytes);
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(fault, rc, "%s", base_err_text(rc));
	if (rc != 0)
		return bad_tile(fault, &c->tile, "is missing or cut");
	if (c->tile.width == MERKLE_TILE_WIDTH &&
	    level < MERKLE_TILE_LEVEL_MAX) {
		rc = get_checked(
		    t, (uint8_t)(level + 1), index / MERKLE_TILE_WIDTH, fault);
		if (rc != 0)
			return rc;
		tile_root(c->bytes, &root);
		above = t->level[level + 1].bytes +
			index % MERKLE_TILE_WIDTH * MERKLE_HASH_LEN;
		if (memcmp(root.b, above, MERKLE_HASH_LEN) != 0)
			return bad_tile(fault, &c->tile, "was changed");
	}
	c->valid = 1;
	return 0;
}

/* Compute the root from the tiles of the right edge. */
static int
check_root(struct audit_check_tiles *t, const struct merkle_head *head,
    struct fault *fault)
{
	struct merkle_tile_source source = { load, t, head->size };
	struct merkle_reader reader = merkle_tile_reader(&source);
	struct merkle_hash root;
	int rc;

	rc = merkle_proof_root(&reader, head->size, &root);
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(fault, rc, "%s", base_err_text(rc));
	if (rc != 0)
		return base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "a hash tile at the edge of size %" PRIu64
		    " is missing or cut",
		    head->size);
	if (!merkle_tree_equal(&root, &head->root))
		return base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "Merkle root mismatch at size %" PRIu64
		    ": a hash tile at the edge was changed",
		    head->size);
	return 0;
}

int
audit_check_tiles_new(const struct audit_source *source,
    const struct merkle_head *head, struct fault *fault,
    struct audit_check_tiles **ret)
{
	struct audit_check_tiles *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	t->source = source;
	t->size = head->size;
	if ((rc = check_root(t, head, fault)) != 0) {
		audit_check_tiles_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

void
audit_check_tiles_free(struct audit_check_tiles *t)
{
	free(t);
}

int
audit_check_tiles_leaf(struct audit_check_tiles *t, uint64_t index,
    struct fault *fault, struct merkle_hash *ret)
{
	int rc = get_checked(t, 0, index / MERKLE_TILE_WIDTH, fault);

	if (rc == 0)
		memcpy(ret->b,
		    t->level[0].bytes +
			index % MERKLE_TILE_WIDTH * MERKLE_HASH_LEN,
		    MERKLE_HASH_LEN);
	return rc;
}

void
audit_check_leaf_hash(const char *line, size_t len, struct merkle_hash *ret)
{
	merkle_tree_leaf((const uint8_t *)line, len, ret);
}
