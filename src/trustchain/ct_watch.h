/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_WATCH_H
#define TRUSTCHAIN_CT_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"
#include "merkle/vkey.h"
#include "trustchain/ct_fetch.h"
#include "trustchain/ct_leaf.h"

/*
 * One log as a monitor sees it (identity.md section 10): each head continues
 * the one before, the entries are what the tiles hash, and the heads that
 * witnesses stand by are heads of the same tree.
 */
struct store_disk;
struct ct_watch;

/* What was found, for the operator.  ${id} is that of the evidence, "" where
 * nothing could be proved to others. */
typedef void ct_watch_alert_fn(void *ctx, const char *origin, const char *type,
    const char *id, const char *detail);

struct ct_watch_witness {
	const char *name;
	struct trustchain_peer peer;
	struct merkle_vkey key;
};

struct ct_watch_opts {
	struct ct_fetch *fetch;
	struct store_disk *disk;
	struct merkle_vkey vkey; /* of the log's checkpoints; its origin */
	const uint8_t *spki;	 /* the log's P-256 key, or NULL; copied */
	size_t spki_len;
	struct trustchain_peer peer;
	const char *prefix;	  /* of the monitoring URL's path, or "" */
	const char *dir;	  /* of its own state; made */
	const char *evidence_dir; /* made when there is something */
	const struct ct_watch_witness *witness; /* outlive the result */
	size_t witnesses;
	bool entries; /* hash the entries, too */
	/* Called for each new entry; may be NULL. */
	int (*entry)(void *ctx, struct ct_watch *w, const struct ct_leaf *leaf);
	ct_watch_alert_fn *alert;
	void *ctx;
};

/**
 * ct_watch_new(opts, ret):
 * Take up where the last run ended; the strings are copied.
 * ERR_STATE_INTEGRITY when the stored head is not the log's, ERR_SYS_*.
 */
MUST_CHECK int ct_watch_new(
    const struct ct_watch_opts *opts, struct ct_watch **ret);

/** ct_watch_free(w): Free; NULL is legal. */
void ct_watch_free(struct ct_watch *w);

/**
 * ct_watch_round(w):
 * Look at the log once.  0 when nothing is wrong, ERR_STATE_INTEGRITY after
 * an alert, ERR_SYS_* and ERR_PEER_* when the log could not be looked at.
 */
MUST_CHECK int ct_watch_round(struct ct_watch *w);

/**
 * ct_watch_origin(w), ct_watch_head(w), ct_watch_time_ms(w),
 * ct_watch_checkpoint(w):
 * The log; its last good head (size 0: none yet), when its P-256 key signed it
 * (0: not known), and the head as it was signed.
 */
const char *ct_watch_origin(const struct ct_watch *w);
const struct merkle_head *ct_watch_head(const struct ct_watch *w);
uint64_t ct_watch_time_ms(const struct ct_watch *w);
const char *ct_watch_checkpoint(const struct ct_watch *w);

/**
 * ct_watch_tiles(w):
 * The tiles of the head that is being looked at, or of the last one; NULL
 * after a round that found something or failed.
 */
struct ct_tiles *ct_watch_tiles(struct ct_watch *w);

/** ct_watch_vkey(w): the verifier key of its checkpoints. */
const struct merkle_vkey *ct_watch_vkey(const struct ct_watch *w);

/**
 * ct_watch_spki(w, ret_len):
 * The log's P-256 key, or NULL.
 */
const uint8_t *ct_watch_spki(const struct ct_watch *w, size_t *ret_len);

/**
 * ct_watch_accuse(w, type, subject, text, detail):
 * Store the evidence ${text} (NULL: there is none) and raise the alert.  The
 * same type and ${subject} are stored once in a run.
 */
void ct_watch_accuse(struct ct_watch *w, const char *type, const char *subject,
    const char *text, const char *detail);

/**
 * ct_watch_now(ret):
 * Write the time for found_at.
 */
void ct_watch_now(char ret[32]);

#endif
