/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_INDEX_H
#define TRUSTCHAIN_CT_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"
#include "trustchain/ct_leaf.h"

/*
 * The index of a shard over its published entries: by leaf hash and by
 * certificate.  It can always be rebuilt from the tiles, so a copy that does
 * not open or disagrees is thrown away.  Reading is safe from any thread,
 * writing for one at a time.
 */
struct ct_index;

struct ct_index_item {
	struct merkle_hash leaf;
	uint8_t dedup[CT_LEAF_DEDUP_LEN];
	uint64_t index;
	uint64_t timestamp_ms;
};

/**
 * ct_index_open(dir, ret):
 * Open the index in folder ${dir} (made if missing).  ERR_SYS_DATABASE,
 * ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int ct_index_open(const char *dir, struct ct_index **ret);

/**
 * ct_index_remove(dir):
 * Delete the files of an index that does not open.
 */
MUST_CHECK int ct_index_remove(const char *dir);

/**
 * ct_index_close(x):
 * Close; NULL is allowed.
 */
void ct_index_close(struct ct_index *x);

/**
 * ct_index_size(x, ret):
 * Store how many entries are indexed: all below that, none beyond.
 */
MUST_CHECK int ct_index_size(struct ct_index *x, uint64_t *ret);

/**
 * ct_index_put(x, items, n):
 * Add ${n} entries that continue at the size, in one transaction, not yet
 * synced.  ERR_SYS_DATABASE, ERR_SYS_NOSPACE; then nothing was added.
 */
MUST_CHECK int ct_index_put(
    struct ct_index *x, const struct ct_index_item *items, size_t n);

/**
 * ct_index_clear(x):
 * Remove everything.
 */
MUST_CHECK int ct_index_clear(struct ct_index *x);

/**
 * ct_index_sync(x):
 * Make what was put durable.
 */
MUST_CHECK int ct_index_sync(struct ct_index *x);

/**
 * ct_index_by_leaf(x, leaf, ret):
 * Store the index of the entry whose leaf hash begins like ${leaf} (16
 * octets; the caller compares the rest with the tile).  ERR_STATE_NOT_FOUND,
 * ERR_SYS_DATABASE.
 */
MUST_CHECK int ct_index_by_leaf(
    struct ct_index *x, const struct merkle_hash *leaf, uint64_t *ret);

/**
 * ct_index_by_dedup(x, dedup, ret_index, ret_timestamp_ms):
 * Store where the entry with this ct_leaf_dedup() is.  Errors as above.
 */
MUST_CHECK int ct_index_by_dedup(struct ct_index *x,
    const uint8_t dedup[CT_LEAF_DEDUP_LEN], uint64_t *ret_index,
    uint64_t *ret_timestamp_ms);

#endif
