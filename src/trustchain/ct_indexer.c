/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the index up to the published size: from the batches still in
 * memory, or from the tiles when it is further behind than those reach.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "trustchain/ct_points.h"
#include "trustchain/ct_shard_internal.h"
#include "trustchain/ct_tiles.h"

/* Items from entry first on, at most n; 0 if a tile cannot be read. */
static size_t
from_tiles(struct ct_tiles *tiles, uint64_t first, uint64_t end,
    struct ct_index_item *ret, size_t n)
{
	uint64_t at = first - first % MERKLE_TILE_WIDTH;
	const uint8_t *data = NULL;
	size_t len = 0, used, count = 0;
	struct ct_leaf leaf;

	for (; at < end && count < n; at++) {
		if (at % MERKLE_TILE_WIDTH == 0 &&
		    ct_tiles_data(tiles, at / MERKLE_TILE_WIDTH, &data, &len) !=
			0)
			return 0;
		if (ct_leaf_parse(data, len, &leaf, &used) != 0 ||
		    leaf.index != at)
			return 0;
		data += used;
		len -= used;
		if (at < first)
			continue;
		ct_leaf_hash(&leaf, &ret[count].leaf);
		ct_leaf_dedup(&leaf.entry, ret[count].dedup);
		ret[count].index = leaf.index;
		ret[count].timestamp_ms = leaf.timestamp_ms;
		count++;
	}
	return count;
}

static size_t
from_batches(struct ct_shard *s, uint64_t first, uint64_t end,
    struct ct_index_item *ret, size_t n)
{
	const struct ct_batch *b;
	size_t count = 0;
	unsigned i;

	pthread_mutex_lock(&s->lock);
	for (b = s->batches; b != NULL && b->first < end; b = b->next)
		for (i = 0; i < b->count && count < n; i++)
			if (b->item[i].key.index == first + count &&
			    b->item[i].key.index < end)
				ret[count++] = b->item[i].key;
	pthread_mutex_unlock(&s->lock);
	return count;
}

/*
 * Durable part by part: in a big log each entry makes two pages of its own
 * dirty, and LMDB keeps in memory, for good, as many as one transaction ever
 * had.
 */
static int
put(struct ct_shard *s, const struct ct_index_item *items, size_t n)
{
	size_t at, part;
	int rc = 0;

	for (at = 0; at < n && rc == 0; at += part) {
		part =
		    n - at < CT_SHARD_INDEX_PART ? n - at : CT_SHARD_INDEX_PART;
		rc = ops_fault_point(s->opts.faults, CT_POINT_INDEX);
		if (rc == 0)
			rc = ct_index_put(s->index, items + at, part);
		if (rc == 0)
			rc = ct_index_sync(s->index);
	}
	return rc;
}

static int
step(struct ct_shard *s, struct ct_index_item *items, uint64_t indexed,
    uint64_t published)
{
	struct ct_tiles *tiles;
	size_t n;

	n = from_batches(s, indexed, published, items, CT_SHARD_INDEX_BATCH);
	if (n == 0) {
		tiles = ct_tiles_new(s->dir, published);
		if (tiles == NULL)
			return ERR_SYS_NOMEM;
		n = from_tiles(
		    tiles, indexed, published, items, CT_SHARD_INDEX_BATCH);
		ct_tiles_free(tiles);
	}
	return n == 0 ? ERR_SYS_IO : put(s, items, n);
}

/* Is it time?  The lock is held. */
static bool
due(const struct ct_shard *s, uint64_t indexed)
{
	int64_t now = base_clock_now_ms(s->opts.clock);

	return s->indexing || s->stopping ||
	       s->unindexed >= CT_SHARD_INDEX_BATCH || s->batches == NULL ||
	       s->batches->first > indexed ||
	       now - (int64_t)s->batches->item[0].key.timestamp_ms >=
		   (int64_t)s->opts.limits.index_commit_s * 1000;
}

void
ct_indexer_run(struct ct_shard *s, uint64_t published)
{
	struct ct_index_item *items;
	uint64_t indexed;
	bool now;
	int rc;

	if (s->index == NULL || ct_index_size(s->index, &indexed) != 0 ||
	    indexed >= published)
		return;
	pthread_mutex_lock(&s->lock);
	now = due(s, indexed);
	pthread_mutex_unlock(&s->lock);
	if (!now)
		return;
	items = calloc(CT_SHARD_INDEX_BATCH, sizeof(*items));
	if (items == NULL)
		return;
	rc = step(s, items, indexed, published);
	free(items);
	if (rc != 0) {
		/* Nothing depends on it but look-ups by hash. */
		OPS_LOG(s->opts.log, OPS_LOG_WARN, "ct", "index not written",
		    OPS_LOG_STR("shard", s->params.period.name),
		    OPS_LOG_STR("error", base_err_name(rc)));
		return;
	}
	if (ct_index_size(s->index, &indexed) != 0)
		return;
	pthread_mutex_lock(&s->lock);
	ct_shard_drop_indexed(s, indexed);
	s->indexing = indexed < published &&
		      (s->batches == NULL || s->batches->first > indexed);
	pthread_mutex_unlock(&s->lock);
}
