/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_GC_H
#define TRUSTCHAIN_CA_GC_H

#include "base/err.h"

/*
 * The hourly removal of what has expired (identity.md section 7): idempotency
 * entries, unfinished orders and authorizations, counters of limits.  Loop
 * thread only.
 */
struct ca_gc;
struct ca_store;
struct clock;
struct loop;

/**
 * ca_gc_new(store, clock, loop, ret):
 * Begin a minute from now.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_gc_new(struct ca_store *store, const struct clock *clock,
    struct loop *loop, struct ca_gc **ret);

/**
 * ca_gc_free(g):
 * Before the store is closed.  NULL is legal.
 */
void ca_gc_free(struct ca_gc *g);

/**
 * ca_gc_kick(g):
 * Begin now, if nothing is under way.
 */
void ca_gc_kick(struct ca_gc *g);

#endif
