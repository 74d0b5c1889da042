/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SHARD_H
#define TRUSTCHAIN_CT_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "keys/client.h"
#include "merkle/sth.h"
#include "merkle/types.h"
#include "trustchain/ct_leaf.h"
#include "trustchain/ct_params.h"

/*
 * One shard at work: its sequencer thread, which makes submissions durable in
 * the write-ahead log, and its publisher, which turns them into tiles and
 * signed heads.  Identity spec section 9.
 *
 * Loop thread only, except where it says "any thread".
 */
struct clock;
struct ct_quorum;
struct ct_shard;
struct loop;
struct loop_pool;
struct ops_faults;
struct ops_log;
struct ops_metrics;
struct store_disk;

/* How signatures are got: keys_client_call in the daemon. */
struct ct_signer {
	int (*call)(void *ctx, const struct keys_request *req,
	    keys_client_fn *fn, void *fn_ctx);
	void *ctx;
};

struct ct_shard_limits {
	unsigned batch_ms, batch_max, queue_max;
	unsigned checkpoint_ms, sth_refresh_s, index_commit_s;
	uint64_t max_entries;
	size_t segment_max; /* 0: CT_WAL_SEGMENT_MAX */
};

struct ct_shard_opts {
	struct loop *loop;
	struct loop_pool *pool;
	struct store_disk *disk;
	const struct clock *clock;
	struct ct_signer signer;
	struct ct_shard_limits limits;
	struct ops_log *log;	     /* may be NULL, as the two below */
	struct ops_metrics *metrics; /* of ct_metrics.h */
	struct ops_faults *faults;   /* points of ct_points.h */
	const char *dir;	     /* of the shard; copied */
	uint8_t log_slot, note_slot;
	const uint8_t *siphash_key; /* 16 random octets; copied */
	struct ct_quorum *quorum;   /* NULL: no witnesses */
	bool quorum_strict;	    /* withhold heads that they do not meet */
};

enum ct_shard_state {
	CT_SHARD_OPEN,
	CT_SHARD_FROZEN,
	CT_SHARD_ARCHIVED,
	CT_SHARD_RETIRED
};

/* The published head; immutable, valid until the next turn of the loop. */
struct ct_shard_head {
	struct merkle_head tree;
	struct merkle_sth sth;
	const char *checkpoint; /* the signed note */
	size_t checkpoint_len;
};

/* One issuer of the chain that was submitted. */
struct ct_shard_issuer {
	struct pki_bytes der;
	uint8_t fingerprint[32];
};

/* A submission belongs to the caller and stays put until done is called. */
struct ct_shard_entry {
	struct pki_ct_entry entry;
	struct pki_bytes precert;
	struct ct_shard_issuer issuer[CT_LEAF_CHAIN_MAX];
	size_t issuers;
	uint8_t dedup[CT_LEAF_DEDUP_LEN]; /* ct_leaf_dedup(entry) */
	/* 0 with sct and index set, ERR_STATE_READ_ONLY, ERR_STATE_FULL
	 * (max_entries), or the signer's code. */
	void (*done)(struct ct_shard_entry *, int rc);

	uint64_t index; /* results */
	struct pki_ct_sct sct;

	struct ct_shard *shard; /* the shard's own from here */
	struct ct_shard_entry *next;
	int rc;
	bool known;
};

/**
 * ct_shard_open(opts, ret, f):
 * Recover the shard in opts->dir: signatures of the head, the right edge of
 * the tiles against its root, the write-ahead log; see the table of events.
 * ERR_STATE_INTEGRITY with the finding in ${f}: nothing was changed, and the
 * daemon must exit with 5.  Otherwise ERR_SYS_*.
 */
MUST_CHECK int ct_shard_open(
    const struct ct_shard_opts *opts, struct ct_shard **ret, struct fault *f);

/**
 * ct_shard_start(s):
 * Start the sequencer and the publisher.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int ct_shard_start(struct ct_shard *s);

/**
 * ct_shard_stop(s, stopped, ctx):
 * Take no more submissions, sequence and publish what is queued, then call
 * ${stopped}(${ctx}).
 */
void ct_shard_stop(struct ct_shard *s, void (*stopped)(void *ctx), void *ctx);

/**
 * ct_shard_free(s):
 * Free a shard that is stopped, never started, or abandoned at the end of the
 * process; the loop must not run any more.  NULL is allowed.
 */
void ct_shard_free(struct ct_shard *s);

/**
 * ct_shard_params(s), ct_shard_dir(s), ct_shard_state(s):
 * What it is; where its tiles are; whether it takes submissions now.  The
 * first two from any thread.
 */
const struct ct_params *ct_shard_params(const struct ct_shard *s);
const char *ct_shard_dir(const struct ct_shard *s);
enum ct_shard_state ct_shard_state(const struct ct_shard *s);

/**
 * ct_shard_head(s):
 * The published head; NULL while there is none yet.
 */
const struct ct_shard_head *ct_shard_head(const struct ct_shard *s);

/**
 * ct_shard_submit(s, e):
 * Queue ${e}; its done is called later, exactly once.  ERR_STATE_FULL
 * (queue_max wait), ERR_STATE_READ_ONLY, ERR_STATE_CLOSED (frozen, or
 * stopping); done is not called then.
 */
MUST_CHECK int ct_shard_submit(struct ct_shard *s, struct ct_shard_entry *e);

/**
 * ct_shard_expect(s), ct_shard_expected(s):
 * A submission is being looked at and may come to ct_shard_submit; it has
 * come, or will not.  The sequencer waits for more (batch_ms) only while some
 * are expected.
 */
void ct_shard_expect(struct ct_shard *s);
void ct_shard_expected(struct ct_shard *s);

/**
 * ct_shard_find(s, e):
 * Any thread: look whether ${e} is in the log already, so that
 * ct_shard_submit need not queue it; sets e->known, index and timestamp.
 */
void ct_shard_find(struct ct_shard *s, struct ct_shard_entry *e);

/**
 * ct_shard_by_leaf(s, leaf, ret):
 * Any thread: the index of a leaf hash among the published entries.
 * ERR_STATE_NOT_FOUND, ERR_STATE_PENDING while the index is being rebuilt.
 */
MUST_CHECK int ct_shard_by_leaf(
    struct ct_shard *s, const struct merkle_hash *leaf, uint64_t *ret);

/* For health and metrics. */
struct ct_shard_stats {
	size_t queued;
	uint64_t sequenced; /* size with what is not yet published */
	bool read_only;	    /* the disk failed; only a restart helps */
	bool indexing;	    /* look-ups by hash may fail */
	bool publishing;    /* a head is being made */
	bool held;	    /* see ct_shard_rule.h */
	bool quorum_known;  /* some head went to the witnesses */
	bool quorum_met;    /* the last one had enough cosignatures */
	int64_t lag_ms;	    /* age of the oldest unpublished entry */
	int64_t head_age_ms;
};

/** ct_shard_stats(s, ret): fill in the figures of the moment. */
void ct_shard_stats(struct ct_shard *s, struct ct_shard_stats *ret);

#endif
