/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_TURN_H
#define ACME_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_outcome;
struct acme_problem;
struct acme_request;
struct acme_server;
struct acme_store;
struct acme_turn;
struct arena;

/*
 * A request is one turn: begin (parse, authenticate, use up the nonce), decide
 * (as often as the store refuses the changes), charge (once they are durable),
 * end.
 */

/**
 * acme_turn_begin(s, req, store, arena, ret):
 * Parse and authenticate a request.  What is wrong with it is kept for
 * acme_turn_decide.  ERR_SYS_NOMEM only.
 */
MUST_CHECK int acme_turn_begin(struct acme_server *s,
    const struct acme_request *req, const struct acme_store *store,
    struct arena *arena, struct acme_turn **ret);

/**
 * acme_turn_decide(t, now_ms, ret):
 * Decide what the request changes, starts and answers.
 */
void acme_turn_decide(
    struct acme_turn *t, int64_t now_ms, struct acme_outcome *ret);

/**
 * acme_turn_fail(t, problem, ret):
 * Make ${ret} the reply for a problem that the caller met.
 */
void acme_turn_fail(struct acme_turn *t, const struct acme_problem *problem,
    struct acme_outcome *ret);

/**
 * acme_turn_order(t, order_id, now_ms, ret):
 * Make ${ret} the reply that shows this order as it now stands: the answer to
 * finalize.
 */
void acme_turn_order(struct acme_turn *t, const char *order_id, int64_t now_ms,
    struct acme_outcome *ret);

/**
 * acme_turn_end(t):
 * Forget the turn; its arena is the caller's to free afterwards.
 */
void acme_turn_end(struct acme_turn *t);

#endif
