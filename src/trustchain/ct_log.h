/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_LOG_H
#define TRUSTCHAIN_CT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_shard.h"

/*
 * All shards of one log server, the roots they accept and the list of them
 * that is published.  Loop thread only, but for ct_log_roots.
 */
struct ct_config;
struct ct_exhibits;
struct ct_issuers;
struct ct_log;
struct pki_roots;

struct ct_log_opts {
	const struct ct_config *config; /* outlives the result */
	struct ct_shard_opts shard; /* dir, slots and limits are filled in */
	/* Enter an event with a JSON target into the audit log; what it
	 * refuses is tried again.  May be NULL. */
	int (*event)(void *ctx, const char *action, const char *target);
	/* Called with ${event_ctx}; see ct_gate.h. */
	void (*rolled_back)(void *ctx, const char *what);
	void *event_ctx;
};

/**
 * ct_log_new(opts, ret, f):
 * Load the roots and recover every shard.  ERR_STATE_INTEGRITY: exit 5.
 * ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int ct_log_new(
    const struct ct_log_opts *opts, struct ct_log **ret, struct fault *f);

/**
 * ct_log_start(l):
 * Start the shards and sign the list of them.
 */
MUST_CHECK int ct_log_start(struct ct_log *l);

/**
 * ct_log_stop(l, stopped, ctx):
 * Finish and publish what was accepted, then call ${stopped}(${ctx}).
 */
void ct_log_stop(struct ct_log *l, void (*stopped)(void *ctx), void *ctx);

/**
 * ct_log_free(l):
 * Free it, after the loop has ended; NULL is allowed.
 */
void ct_log_free(struct ct_log *l);

/**
 * ct_log_config(l), ct_log_pool(l), ct_log_roots(l), ct_log_metrics(l),
 * ct_log_clock(l), ct_log_loop(l), ct_log_issuers(l),
 * ct_log_exhibits(l):
 * What it was made with; the roots are read-only and for any thread.
 */
const struct ct_config *ct_log_config(const struct ct_log *l);
struct loop_pool *ct_log_pool(const struct ct_log *l);
const struct pki_roots *ct_log_roots(const struct ct_log *l);
struct ops_metrics *ct_log_metrics(const struct ct_log *l);
const struct clock *ct_log_clock(const struct ct_log *l);
struct loop *ct_log_loop(const struct ct_log *l);
struct ct_issuers *ct_log_issuers(const struct ct_log *l);
struct ct_exhibits *ct_log_exhibits(const struct ct_log *l);

/**
 * ct_log_periods(l, ret):
 * List the shards, in the order of their slots.
 */
void ct_log_periods(const struct ct_log *l, struct ct_paths_shards *ret);

/**
 * ct_log_add(l, name, f):
 * Open and start a new shard, whose folder is made and which comes after all
 * others, in the next two slots.  Errors as ct_log_new.
 */
MUST_CHECK int ct_log_add(struct ct_log *l, const char *name, struct fault *f);

/**
 * ct_log_count(l), ct_log_shard(l, i):
 * The shards by name.
 */
size_t ct_log_count(const struct ct_log *l);
struct ct_shard *ct_log_shard(const struct ct_log *l, size_t i);

/**
 * ct_log_by_name(l, name, len):
 * The shard called so, or NULL.
 */
struct ct_shard *ct_log_by_name(
    const struct ct_log *l, const char *name, size_t len);

/**
 * ct_log_by_id(l, log_id):
 * The shard with this log id, or NULL.
 */
struct ct_shard *ct_log_by_id(const struct ct_log *l, const uint8_t log_id[32]);

/**
 * ct_log_for(l, not_after_ms):
 * The open shard for certificates that end then, or NULL.
 */
struct ct_shard *ct_log_for(const struct ct_log *l, int64_t not_after_ms);

/**
 * ct_log_now(l):
 * The shard whose period it is, or the newest that has begun, or the first;
 * NULL without shards.
 */
struct ct_shard *ct_log_now(const struct ct_log *l);

/**
 * ct_log_list(l, ret_json, ret_note):
 * The published list and its signed note; empty until they are signed.  Valid
 * until the next turn.
 */
void ct_log_list(const struct ct_log *l, struct pki_bytes *ret_json,
    struct pki_bytes *ret_note);

/**
 * ct_log_check(l, issue, len):
 * For the health document: 0, or 1 with what is wrong in ${issue}.
 */
int ct_log_check(const struct ct_log *l, char *issue, size_t len);

/**
 * ct_log_ready(l, why, len):
 * Whether some shard takes submissions for now and has a head, and the list
 * is signed; else the reason.
 */
bool ct_log_ready(const struct ct_log *l, char *why, size_t len);

/**
 * ct_log_quorum_met(l):
 * Whether the last head of every shard that asked has its cosignatures; false
 * without witnesses.
 */
bool ct_log_quorum_met(const struct ct_log *l);

/**
 * ct_log_gauges(l):
 * Set the gauges that are computed on demand.
 */
void ct_log_gauges(const struct ct_log *l);

#endif
