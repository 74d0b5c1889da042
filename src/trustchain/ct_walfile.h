/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_WALFILE_H
#define TRUSTCHAIN_CT_WALFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "trustchain/ct_wal.h"

/*
 * The segment files of one shard's write-ahead log: wal/<first index, 16
 * hex>.wal.  One thread appends; another may drop what is published.
 */
struct ct_walfile;
struct store_disk;

/* Called for each record found at opening, in order. */
typedef int ct_walfile_fn(void *ctx, const struct ct_wal_record *record);

struct ct_walfile_opts {
	struct store_disk *disk;
	const char *dir;     /* of the shard */
	uint64_t published;  /* size that tiles and checkpoint cover */
	uint8_t digest[32];  /* of log.json: the chain's beginning */
	size_t segment_max;  /* CT_WAL_SEGMENT_MAX */
	ct_walfile_fn *each; /* may fail: opening fails with its code */
	void *ctx;
};

/**
 * ct_walfile_open(opts, ret, f):
 * Read all segments, check their chain, hand out every record, cut a torn
 * last one, and be ready to append.  ERR_STATE_INTEGRITY when a record is bad
 * that is not the last, or entries are missing; then nothing was changed.
 * Otherwise errors of the disk.
 */
MUST_CHECK int ct_walfile_open(const struct ct_walfile_opts *opts,
    struct ct_walfile **ret, struct fault *f);

/**
 * ct_walfile_close(w):
 * Close; NULL is allowed.
 */
void ct_walfile_close(struct ct_walfile *w);

/**
 * ct_walfile_next(w):
 * Return the index that the next record must start at.
 */
uint64_t ct_walfile_next(const struct ct_walfile *w);

/**
 * ct_walfile_append(w, record, count):
 * Complete ${record} (ct_wal_begin and ct_wal_leaf, ${count} leaves) and make
 * it durable.  Errors of the disk; after one the log must not be used again.
 */
MUST_CHECK int ct_walfile_append(
    struct ct_walfile *w, struct buf *record, unsigned count);

/**
 * ct_walfile_drop(w, published):
 * Delete the segments wholly below ${published}, never the last.
 */
MUST_CHECK int ct_walfile_drop(struct ct_walfile *w, uint64_t published);

#endif
