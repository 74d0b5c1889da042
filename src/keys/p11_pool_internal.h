/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_POOL_INTERNAL_H
#define KEYS_P11_POOL_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The sessions with one token.  A session does one thing at a time, so each
 * user of the token takes one and gives it back.
 */
#define KEYS_P11_SESSIONS 4

struct fault;
struct keys_p11_pool;
struct keys_p11_token;

/** keys_p11_pool_new(ret), keys_p11_pool_free(pool): ERR_SYS_NOMEM. */
MUST_CHECK int keys_p11_pool_new(struct keys_p11_pool **ret);
void keys_p11_pool_free(struct keys_p11_pool *pool);

/**
 * keys_p11_pool_fill(pool, t, f):
 * Put the session ${t}, which has logged in, and more of the same kind into
 * ${pool}, as many as the token allows: the login counts for all.  On failure
 * nothing stays open.  Errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_pool_fill(struct keys_p11_pool *pool,
    const struct keys_p11_token *t, struct fault *f);

/**
 * keys_p11_pool_take(pool), keys_p11_pool_give(pool, t):
 * Return a session that nobody uses, or NULL when all are taken or the pool
 * is closed; give it back.
 */
const struct keys_p11_token *keys_p11_pool_take(struct keys_p11_pool *pool);
void keys_p11_pool_give(
    struct keys_p11_pool *pool, const struct keys_p11_token *t);

/** keys_p11_pool_close(pool): close all; those taken when they come back. */
void keys_p11_pool_close(struct keys_p11_pool *pool);

/** keys_p11_pool_is_up(pool), keys_p11_pool_in_use(pool): open; taken? */
bool keys_p11_pool_is_up(const struct keys_p11_pool *pool);
bool keys_p11_pool_in_use(const struct keys_p11_pool *pool);

#endif
