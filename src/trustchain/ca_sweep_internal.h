/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SWEEP_INTERNAL_H
#define TRUSTCHAIN_CA_SWEEP_INTERNAL_H

#include <stdbool.h>

#include "base/list.h"
#include "trustchain/ca_row_status.h"
#include "trustchain/ca_sweep.h"

struct arena;
struct ca_batch;
struct ca_emergency_note;
struct loop_timer;

#define CA_SWEEP_FINISHING_MAX 16

struct ca_sweep {
	struct ca_sweep_opts o;
	struct list jobs;
	size_t n_jobs;
	struct loop_timer *timer; /* what is not published yet is retried */
	bool publishing, stopping;
	/* Operations that the publication under way finishes. */
	char finishing[CA_SWEEP_FINISHING_MAX][33];
	size_t n_finishing;
};

/* One request until its answer, or one operation that is being finished. */
struct ca_sweep_job {
	struct list node;
	struct ca_sweep *s;
	ca_sweep_fn *fn; /* NULL: nobody waits any more */
	void *ctx;
	struct arena *arena;
	struct ca_emergency row; /* of ca_sweep_run */
	const char *scope, *by;
	json_t *reply;
	int64_t at;
	/* what is counted, on the pool */
	struct ca_tally_scope *scopes;
	size_t n_scopes;
	struct ca_tally *tally;
	size_t n_tally;
	int rc;
};

/**
 * ca_sweep_job(s, fn, ctx):
 * Return a new job, or NULL after ${fn} was told that there are too many.
 */
struct ca_sweep_job *ca_sweep_job(
    struct ca_sweep *s, ca_sweep_fn *fn, void *ctx);

/**
 * ca_sweep_done(j, reply), ca_sweep_refuse(j, p, detail):
 * Answer and free the job; ${reply} is consumed, NULL meaning that memory was
 * short.
 */
void ca_sweep_done(struct ca_sweep_job *j, json_t *reply);
void ca_sweep_refuse(
    struct ca_sweep_job *j, enum ca_problem p, const char *detail);

/**
 * ca_sweep_failed(j, rc):
 * The same with the problem that an error of the store is.
 */
void ca_sweep_failed(struct ca_sweep_job *j, int rc);

/**
 * ca_sweep_commit(j, b, done):
 * Submit ${b} (NULL: memory was short) and call ${done}(j, rc), at once if it
 * cannot be submitted.
 */
void ca_sweep_commit(struct ca_sweep_job *j, struct ca_batch *b,
    void (*done)(void *ctx, int rc));

/**
 * ca_sweep_forbid(j, id, why):
 * Refuse with 403 and the audit event emergency.refused about operation
 * ${id}.
 */
void ca_sweep_forbid(struct ca_sweep_job *j, const char *id, const char *why);

/**
 * ca_sweep_event(b, at, event, fields):
 * Add an audit event; ${fields} is consumed (NULL: memory was short).
 */
void ca_sweep_event(
    struct ca_batch *b, int64_t at, const char *event, json_t *fields);

/**
 * ca_sweep_covers(scope, issuer):
 * Whether the scope has that issuer.
 */
bool ca_sweep_covers(const char *scope, const char *issuer);

/**
 * ca_sweep_scope_known(s, scope):
 * Whether it is all, or an issuer of this deployment.
 */
bool ca_sweep_scope_known(const struct ca_sweep *s, const char *scope);

/**
 * ca_sweep_json(row):
 * Return what is told about an operation.
 */
json_t *ca_sweep_json(const struct ca_emergency *row);

/**
 * ca_sweep_tally(j, done):
 * Count the scopes of the job on the pool, then call ${done}(j) on the loop
 * with rc, tally and n_tally set.
 */
void ca_sweep_tally(struct ca_sweep_job *j, void (*done)(void *ctx));

/**
 * ca_sweep_tally_json(j, total, by_issuer, by_profile):
 * Sum up what was counted; NULL where memory was short.
 */
void ca_sweep_tally_json(const struct ca_sweep_job *j, int64_t *total,
    json_t **by_issuer, json_t **by_profile);

/**
 * ca_sweep_finish(s):
 * Take up every operation that is not done: count what was not counted,
 * publish, note that it is done; again in 5 s if that fails.
 */
void ca_sweep_finish(struct ca_sweep *s);

/**
 * ca_sweep_finish_start(s), ca_sweep_finish_end(s):
 * Set up what ca_sweep_finish needs, and do it for the first time; free it.
 */
MUST_CHECK int ca_sweep_finish_start(struct ca_sweep *s);
void ca_sweep_finish_end(struct ca_sweep *s);

#endif
