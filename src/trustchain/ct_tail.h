/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_TAIL_H
#define TRUSTCHAIN_CT_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"

/*
 * The right edge of a shard's tiles: what is in the partial tiles, so that
 * growing the tree writes new files and reads none.  One thread at a time.
 */
struct ct_tail;
struct store_disk;

/**
 * ct_tail_open(disk, dir, size, ret):
 * Load the partial tiles of a tree of ${size} leaves in the shard folder
 * ${dir} and check that the last data tile's entries have the hashes in the
 * hash tile.  ERR_STATE_INTEGRITY when they do not or a tile is missing or
 * has the wrong length.
 */
MUST_CHECK int ct_tail_open(struct store_disk *disk, const char *dir,
    uint64_t size, struct ct_tail **ret);

/**
 * ct_tail_free(t):
 * Free; NULL is allowed.
 */
void ct_tail_free(struct ct_tail *t);

/**
 * ct_tail_size(t):
 * Return the number of leaves added or loaded.
 */
uint64_t ct_tail_size(const struct ct_tail *t);

/**
 * ct_tail_add(t, leaf, len, hash):
 * Add the next entry: its TileLeaf and its leaf hash.  Tiles that become full
 * are written.  Errors of the disk; then the tail must not be used again.
 */
MUST_CHECK int ct_tail_add(struct ct_tail *t, const uint8_t *leaf, size_t len,
    const struct merkle_hash *hash);

/**
 * ct_tail_flush(t):
 * Write the partial tiles that changed, and make every file since the last
 * flush durable with its directory entry.
 */
MUST_CHECK int ct_tail_flush(struct ct_tail *t);

/**
 * ct_tail_root(t, ret):
 * The root hash of all leaves added.
 */
void ct_tail_root(const struct ct_tail *t, struct merkle_hash *ret);

/**
 * ct_tail_prune(t):
 * Delete the partial tiles that full ones written before the last flush have
 * made superfluous.  To be called once a checkpoint covers those.
 */
void ct_tail_prune(struct ct_tail *t);

#endif
