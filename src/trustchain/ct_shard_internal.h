/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SHARD_INTERNAL_H
#define TRUSTCHAIN_CT_SHARD_INTERNAL_H

#include <pthread.h>

#include "base/buf.h"
#include "base/map.h"
#include "trustchain/ct_index.h"
#include "trustchain/ct_shard.h"
#include "trustchain/ct_tail.h"
#include "trustchain/ct_walfile.h"

enum {
	CT_SHARD_PATH_MAX = 4096,
	CT_SHARD_CHECKPOINT_MAX = 61440,
	CT_SHARD_ISSUERS_MAX = 65536, /* remembered as written */
	CT_SHARD_UNINDEXED_MAX = 1000000,
	CT_SHARD_INDEX_BATCH = 50000,
	CT_SHARD_INDEX_PART = 8192 /* of a batch, in one transaction */
};

/* Key process operations (identity spec section 3). */
enum { CT_OP_SCT = 4, CT_OP_STH = 5, CT_OP_NOTE = 6 };

/* One sequenced entry until it is in the index. */
struct ct_item {
	struct ct_index_item key;
	struct ct_batch *batch;
	uint32_t off, len; /* of its TileLeaf in batch->record */
};

/* One record of the write-ahead log. */
struct ct_batch {
	struct ct_batch *next;
	uint64_t first;
	unsigned count;
	struct buf record; /* empty once published */
	struct ct_item item[];
};

struct ct_publish; /* ct_publish.c */
struct loop_timer;

struct ct_shard {
	struct ct_shard_opts opts;
	char dir[CT_SHARD_PATH_MAX];
	struct ct_params params;
	enum ct_shard_state fixed; /* from the state file */
	bool started;
	bool held; /* the loop thread's */

	/* The sequencer's thread. */
	pthread_t thread;
	struct ct_walfile *wal;
	struct map *issuers;   /* fingerprints that are on disk */
	uint64_t timestamp_ms; /* of the newest entry */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;
	struct ct_shard_entry *queue, **queue_end;
	size_t queued;
	uint64_t queued_us; /* since when, on the monotonic clock */
	size_t expected;    /* submissions on their way to the queue */
	bool stopping, sequencer_done, read_only, indexing;
	uint64_t sequenced;
	uint64_t published; /* size */
	struct ct_batch *batches, **batches_end;
	struct map *by_dedup, *by_leaf; /* of the items in batches */
	size_t unindexed;

	/* The loop thread's. */
	struct ct_shard_head head;
	char checkpoint[CT_SHARD_CHECKPOINT_MAX];
	bool has_head;
	bool quorum_known, quorum_met; /* of the last head */
	struct ct_publish *publish;

	/* The publisher's jobs, one at a time. */
	struct ct_tail *tail;
	struct ct_index *index;
};

/**
 * ct_shard_recover(s, f):
 * Load everything from disk, as ct_shard_open says.
 */
MUST_CHECK int ct_shard_recover(struct ct_shard *s, struct fault *f);

/**
 * ct_shard_add_batch(s, batch):
 * Enter a durable batch into the list and the maps; the lock is held.
 */
void ct_shard_add_batch(struct ct_shard *s, struct ct_batch *batch);

/**
 * ct_shard_drop_indexed(s, size):
 * Forget the batches below ${size}, which the index holds; the lock is held.
 */
void ct_shard_drop_indexed(struct ct_shard *s, uint64_t size);

/**
 * ct_shard_batch_new(first, count), ct_shard_batch_free(batch):
 * A batch with room for ${count} items; NULL when memory is short.
 */
struct ct_batch *ct_shard_batch_new(uint64_t first, unsigned count);
void ct_shard_batch_free(struct ct_batch *batch);

/**
 * ct_shard_batch_item(batch, i, off, len, s):
 * Fill in item ${i} from its TileLeaf in the record.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_shard_batch_item(
    struct ct_batch *batch, unsigned i, size_t off, size_t len);

/**
 * ct_shard_fail(s, what, rc):
 * The disk failed: read-only from now on, with a log line.  Any thread.
 */
void ct_shard_fail(struct ct_shard *s, const char *what, int rc);

/**
 * ct_shard_sign(s, e):
 * Get the SCT of a sequenced or known entry signed, then call done.
 */
void ct_shard_sign(struct ct_shard *s, struct ct_shard_entry *e);

/**
 * ct_sequencer_run(s):
 * The body of the sequencer thread.
 */
void *ct_sequencer_run(void *s);

/**
 * ct_publish_start(s), ct_publish_stop(s, stopped, ctx), ct_publish_free(s):
 * The publisher's timer and state.
 */
MUST_CHECK int ct_publish_start(struct ct_shard *s);
void ct_publish_stop(struct ct_shard *s, void (*stopped)(void *), void *ctx);
void ct_publish_free(struct ct_shard *s);

/**
 * ct_publish_busy(s):
 * Return whether a step of the publisher is under way.
 */
bool ct_publish_busy(const struct ct_shard *s);

/**
 * ct_indexer_run(s, published):
 * Index what is published, from batches in memory or from tiles.  On a pool
 * thread, one at a time.
 */
void ct_indexer_run(struct ct_shard *s, uint64_t published);

#endif
