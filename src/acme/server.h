/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_SERVER_H
#define ACME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_authz;
struct acme_challenge;
struct acme_ident;
struct acme_jwk;
struct acme_order;
struct acme_outcome;
struct acme_problem;
struct acme_server;
struct acme_store;
struct acme_turn;
struct arena;
struct rng;

/*
 * The ACME server (RFC 8555) as a pure core.  A request is one turn: begin
 * (parse, authenticate, use up the nonce), decide (as often as the store
 * refuses the changes), settle (once they are durable), end.
 */
enum acme_limit_kind {
	ACME_LIMIT_ACCOUNTS,   /* new accounts per address, 3 h */
	ACME_LIMIT_ORDERS,     /* orders per account, 1 h */
	ACME_LIMIT_FAILED,     /* failed validations, account and name, 1 h */
	ACME_LIMIT_DUPLICATES, /* certificates per set of names, 1 d */
	ACME_LIMIT_KINDS
};

struct acme_server_profile {
	const char *name, *description;
};

/* Borrowed for the server's life. */
struct acme_server_config {
	const char *base_url;		 /* without a trailing slash */
	const char *terms_url, *website; /* "" = none */
	const char *const *caa_identities;
	size_t n_caa_identities;
	const struct acme_server_profile *profiles; /* [0] is the default */
	size_t n_profiles;
	size_t max_identifiers;
	int64_t order_ttl_ms, authz_ttl_ms;
	uint32_t limit[ACME_LIMIT_KINDS]; /* 0 = off */
	uint32_t limit_pending_authz;
	/* May this identifier be ordered under this profile?  0, or
	 * ERR_PEER_NAME with a static text; names, blocks, reserved names. */
	int (*ident_allowed)(void *ctx, const struct acme_ident *,
	    const char *profile, const char **ret_why);
	void *ident_ctx;
};

/* One request; borrowed until acme_server_end. */
struct acme_server_request {
	const char *method;	  /* "GET" "HEAD" "POST" or another */
	const char *path;	  /* with query, starting "/acme/" */
	const char *content_type; /* may be NULL */
	const char *body;
	size_t body_len;
	const char *peer; /* whom to charge: an address or its /64 */
};

/**
 * acme_server_new(config, rng, ret):
 * Make a server.  ERR_SYS_NOMEM, ERR_SYS_RNG.
 */
MUST_CHECK int acme_server_new(const struct acme_server_config *config,
    const struct rng *rng, struct acme_server **ret);

/**
 * acme_server_free(s):
 * Free ${s}; NULL is allowed.  All its turns must have ended.
 */
void acme_server_free(struct acme_server *s);

/**
 * acme_server_begin(s, req, store, arena, ret):
 * Parse and authenticate a request.  What is wrong with it is kept for
 * acme_server_decide.  ERR_SYS_NOMEM only.
 */
MUST_CHECK int acme_server_begin(struct acme_server *s,
    const struct acme_server_request *req, const struct acme_store *store,
    struct arena *arena, struct acme_turn **ret);

/**
 * acme_server_decide(t, now_ms, ret):
 * Decide what the request changes, starts and answers.
 */
void acme_server_decide(
    struct acme_turn *t, int64_t now_ms, struct acme_outcome *ret);

/**
 * acme_server_settle(t, now_ms, outcome):
 * The changes of ${outcome} are durable: charge the rate limits.
 */
void acme_server_settle(
    struct acme_turn *t, int64_t now_ms, const struct acme_outcome *outcome);

/**
 * acme_server_refuse(t, problem, ret):
 * Make ${ret} the reply for a problem the caller met.
 */
void acme_server_refuse(struct acme_turn *t, const struct acme_problem *problem,
    struct acme_outcome *ret);

/**
 * acme_server_order(t, order_id, ret):
 * Make ${ret} the reply that shows this order as it now stands: the answer to
 * finalize.
 */
void acme_server_order(
    struct acme_turn *t, const char *order_id, struct acme_outcome *ret);

/**
 * acme_server_end(t):
 * Forget the turn; its arena is the caller's to free afterwards.
 */
void acme_server_end(struct acme_turn *t);

/**
 * acme_server_nonce(s, out):
 * Write a nonce of ACME_NONCE_LEN characters for Replay-Nonce.
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int acme_server_nonce(struct acme_server *s, char *out);

/* How a validation ended. */
struct acme_server_verdict {
	const char *challenge;		    /* id */
	const struct acme_problem *problem; /* NULL: it succeeded */
	bool caa_checked;
	int64_t now_ms;
};

/**
 * acme_server_validated(s, verdict, store, arena, ret):
 * Decide what the end of a validation changes: the challenge, its
 * authorization and every order that waits for it.  ${ret} has no reply.
 * ERR_STATE_NOT_FOUND or ERR_STATE_STALE when nothing waits for it any more;
 * ERR_SYS codes of the store.
 */
MUST_CHECK int acme_server_validated(struct acme_server *s,
    const struct acme_server_verdict *verdict, const struct acme_store *store,
    struct arena *arena, struct acme_outcome *ret);

/**
 * acme_server_order_failed(order, problem, arena, ret):
 * Decide what a final refusal by the issue pipeline changes: the order
 * becomes invalid with the problem.  ERR_STATE_STALE when it cannot any more.
 */
MUST_CHECK int acme_server_order_failed(const struct acme_order *order,
    const struct acme_problem *problem, struct arena *arena,
    struct acme_outcome *ret);

#endif
