/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_TILES_H
#define AUDIT_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The Merkle tree of a log as it grows line by line, in the form in which it
 * is published: the unfinished tile of each level, and the finished ones that
 * are not written yet.
 */
struct audit_tiles;
struct merkle_hash;
struct merkle_head;

enum {
	AUDIT_TILES_FULL = 256 * 32, /* octets of a finished tile */
	AUDIT_TILES_LEVELS = 6,
	AUDIT_TILES_PATH_MAX = 64,
};

/* Gets one tile by its path, e.g. "tile/0/001.p/44". */
typedef int audit_tiles_fn(
    void *ctx, const char *path, const uint8_t *data, size_t len);

/** audit_tiles_new(): Return the empty tree, or NULL when memory is short. */
struct audit_tiles *audit_tiles_new(void);

/* Gets the ${len} octets of a published tile. */
typedef int audit_tiles_get_fn(
    void *ctx, const char *path, uint8_t *ret, size_t len);

/**
 * audit_tiles_restore(t, size, published, get, ctx):
 * Make the empty tree ${t} that of the first ${size} leaves, from the tiles
 * published for a tree of ${published} of them, which is not smaller.  They
 * are believed: the root after more lines shows whether they were right.
 * Errors of ${get}; then ${t} is of no use.
 */
MUST_CHECK int audit_tiles_restore(struct audit_tiles *t, uint64_t size,
    uint64_t published, audit_tiles_get_fn *get, void *ctx);

/** audit_tiles_free(t): Free ${t}; NULL is allowed. */
void audit_tiles_free(struct audit_tiles *t);

/**
 * audit_tiles_add(t, line, len, ret_leaf):
 * Append a leaf with this data; ${ret_leaf} (may be NULL) gets its hash.
 * ERR_SYS_NOMEM leaves the tree unchanged.
 */
MUST_CHECK int audit_tiles_add(struct audit_tiles *t, const char *line,
    size_t len, struct merkle_hash *ret_leaf);

/** audit_tiles_head(t, ret): Store size and root. */
void audit_tiles_head(const struct audit_tiles *t, struct merkle_head *ret);

/** audit_tiles_is(t, head): Return whether that is the tree's head. */
bool audit_tiles_is(
    const struct audit_tiles *t, const struct merkle_head *head);

/**
 * audit_tiles_each(t, fn, ctx):
 * Call ${fn} for every finished tile not yet dropped and for the unfinished
 * ones; stop at the first error and return it.
 */
MUST_CHECK int audit_tiles_each(
    const struct audit_tiles *t, audit_tiles_fn *fn, void *ctx);

/** audit_tiles_drop(t): Forget the finished tiles: they are written. */
void audit_tiles_drop(struct audit_tiles *t);

/**
 * audit_tiles_stale(level, old_size, new_size, path):
 * Whether the unfinished tile of ${level} in a tree of ${old_size} leaves is
 * finished in one of ${new_size}; then ${path} is the directory of its
 * unfinished forms, e.g. "tile/0/001.p", which are of no use any more.
 */
bool audit_tiles_stale(unsigned int level, uint64_t old_size, uint64_t new_size,
    char path[AUDIT_TILES_PATH_MAX]);

#endif
