/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SWEEP_H
#define TRUSTCHAIN_CA_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "trustchain/ca_problem.h"
#include "wire/json.h"

/*
 * Halting, and revoke-all (identity.md section 8): two operators arm an
 * operation and get a token; whoever brings it has all certificates of its
 * scope revoked by one transaction, issuance halted, signers and CRLs renewed;
 * two operators let issuance resume.  What a crash left undone is done at the
 * next start.  Loop thread only.
 */
struct ca_authority;
struct ca_config;
struct ca_crl;
struct ca_store;
struct ca_sweep;
struct clock;
struct loop;
struct loop_pool;
struct ops_faults;
struct ops_log;
struct rng;

#define CA_SWEEP_TOKEN_PREFIX "tcE_"
#define CA_SWEEP_TOKEN_MAX 96

struct ca_sweep_opts {
	struct loop *loop;
	struct loop_pool *pool;
	const struct clock *clock;
	const struct rng *rng;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct ca_crl *crl;
	struct ops_log *log;
	struct ops_faults *faults;
	/* Signers and own certificates are of an old epoch now. */
	void (*swept)(void *ctx);
	/* As in ca_revoke_opts; each may be NULL. */
	void (*revoked)(
	    void *ctx, const char *issuer, int64_t reason, size_t n);
	void *ctx;
};

/* Valid during the callback. */
struct ca_sweep_result {
	enum ca_problem problem; /* CA_PROBLEM_NONE: done */
	const char *detail;	 /* of a problem */
	json_t *reply;		 /* to be kept or not */
};

typedef void ca_sweep_fn(void *ctx, const struct ca_sweep_result *r);

/**
 * ca_sweep_new(opts, ret):
 * What ${opts} names outlives the result; operations that were not done when
 * the program ended go on.  ERR_SYS_NOMEM, or what the store says.
 */
MUST_CHECK int ca_sweep_new(
    const struct ca_sweep_opts *opts, struct ca_sweep **ret);

/**
 * ca_sweep_stop(s), ca_sweep_free(s):
 * The two halves of the end, as ca_revoke_stop and ca_revoke_free.
 */
void ca_sweep_stop(struct ca_sweep *s);
void ca_sweep_free(struct ca_sweep *s);

/**
 * ca_sweep_arm(s, note, len, fn, ctx):
 * Register a statement that two operators signed: {operation_id, action,
 * scope, reason, not_after, token?}; the token of revoke-all is in this answer
 * and nowhere else.  FORBIDDEN (with the event emergency.refused), CONFLICT
 * when it is registered already, MALFORMED.
 */
void ca_sweep_arm(struct ca_sweep *s, const char *note, size_t len,
    ca_sweep_fn *fn, void *ctx);

/**
 * ca_sweep_run(s, token, scope, fn, ctx):
 * Perform the operation of the token, or tell how it stands if that has begun:
 * {operation_id, state, issuance, revoked, reason, scope, started_at,
 * crl_published_at?}.  ${scope}, if not NULL, has to be the token's.
 * UNAUTHORIZED for what is no token of ours, FORBIDDEN as above.
 */
void ca_sweep_run(struct ca_sweep *s, const char *token, const char *scope,
    ca_sweep_fn *fn, void *ctx);

/**
 * ca_sweep_check(s, token):
 * Return whether the token is one of ours, whatever it is good for.
 */
bool ca_sweep_check(struct ca_sweep *s, const char *token);

/**
 * ca_sweep_count(s, scope, fn, ctx):
 * Count what an operation of that scope (NULL: all) would revoke:
 * {would_revoke, by_issuer, by_profile}.
 */
void ca_sweep_count(
    struct ca_sweep *s, const char *scope, ca_sweep_fn *fn, void *ctx);

/**
 * ca_sweep_show(s, id, fn, ctx):
 * Tell about the operation ${id}, or {operations[]} for NULL.
 */
void ca_sweep_show(
    struct ca_sweep *s, const char *id, ca_sweep_fn *fn, void *ctx);

/**
 * ca_sweep_halt(s, by, fn, ctx), ca_sweep_resume(s, id, by, fn, ctx):
 * Halt all issuers: {issuance: "halted"}; let them issue again, after the
 * operation ${id} or, for NULL, after a plain halt: {issuance: "open",
 * halted[]}.  Idempotent.  FORBIDDEN when two operators have to allow it.
 */
void ca_sweep_halt(
    struct ca_sweep *s, const char *by, ca_sweep_fn *fn, void *ctx);
void ca_sweep_resume(struct ca_sweep *s, const char *id, const char *by,
    ca_sweep_fn *fn, void *ctx);

#endif
