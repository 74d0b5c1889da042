/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_TILES_H
#define TRUSTCHAIN_CT_TILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "merkle/tile.h"
#include "trustchain/ct_leaf.h"

/*
 * Reading the published tiles of a shard.  A reader belongs to one thread; it
 * remembers the last tile of each level, so that the nodes of one proof cost
 * one file each.
 */
#define CT_TILES_DATA_MAX ((size_t)128 << 20) /* a full data tile */

struct ct_tiles;

/**
 * ct_tiles_new(dir, size):
 * Read the tiles of the shard in folder ${dir}, of which a tree of ${size}
 * leaves is published.  NULL when memory is short.
 */
struct ct_tiles *ct_tiles_new(const char *dir, uint64_t size);

/* Where tiles come from: load() stores the file as it is served, data tiles
 * compressed, for the caller to free.  ERR_STATE_NOT_FOUND, others. */
struct ct_tiles_store {
	int (*load)(void *ctx, const struct merkle_tile *tile, uint8_t **ret,
	    size_t *ret_len);
	void *ctx;
};

/**
 * ct_tiles_from(store, size):
 * The same for tiles that ${store}, which is copied, loads.
 */
struct ct_tiles *ct_tiles_from(
    const struct ct_tiles_store *store, uint64_t size);

/** ct_tiles_size(t): the size of the tree. */
uint64_t ct_tiles_size(const struct ct_tiles *t);

/**
 * ct_tiles_free(t):
 * Free; NULL is allowed.
 */
void ct_tiles_free(struct ct_tiles *t);

/**
 * ct_tiles_reader(t):
 * Return a source of tree nodes for merkle/proof.h, valid as long as ${t}.
 * It fails with ERR_SYS_IO, ERR_SYS_CORRUPT (wrong length), ERR_SYS_NOMEM or
 * ERR_STATE_NOT_FOUND (a tile is missing).
 */
const struct merkle_reader *ct_tiles_reader(struct ct_tiles *t);

/**
 * ct_tiles_data(t, tile_index, ret, ret_len):
 * Store the unpacked data tile ${tile_index}: all its TileLeafs below the
 * size.  It belongs to ${t} and lives until the next call.  Errors as above.
 */
MUST_CHECK int ct_tiles_data(struct ct_tiles *t, uint64_t tile_index,
    const uint8_t **ret, size_t *ret_len);

/**
 * ct_tiles_leaf(t, index, ret):
 * Store entry ${index}, pointing into memory as for ct_tiles_data.
 * ERR_STATE_NOT_FOUND at or beyond the size, else as above.
 */
MUST_CHECK int ct_tiles_leaf(
    struct ct_tiles *t, uint64_t index, struct ct_leaf *ret);

/**
 * ct_tiles_file(dir, tile, ret, ret_len):
 * Load a tile file as it is on disk, data tiles compressed; the caller frees
 * it.  A partial hash tile that gave way to the full one is cut from that.
 * ERR_STATE_NOT_FOUND, ERR_SYS_IO, ERR_SYS_NOMEM.
 */
MUST_CHECK int ct_tiles_file(const char *dir, const struct merkle_tile *tile,
    uint8_t **ret, size_t *ret_len);

/**
 * ct_tiles_gunzip(data, len, ret):
 * Append the unpacked content of one gzip member to ${ret}.
 * ERR_PEER_MALFORMED, ERR_SYS_LIMIT, ERR_SYS_NOMEM.
 */
MUST_CHECK int ct_tiles_gunzip(
    const uint8_t *data, size_t len, struct buf *ret);

/**
 * ct_tiles_gzip(data, len, ret):
 * Append ${len} octets as one gzip member without name and time.
 * ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_tiles_gzip(const uint8_t *data, size_t len, struct buf *ret);

#endif
