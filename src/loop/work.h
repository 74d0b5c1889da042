/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_WORK_H
#define LOOP_WORK_H

#include <stddef.h>

#include "base/err.h"

struct loop;
struct loop_pool;

/* Runs on a thread of the pool. */
typedef void loop_work_fn(void *ctx);
/* Runs on the loop thread after the work. */
typedef void loop_done_fn(void *ctx);

/**
 * loop_pool_new(l, threads, queue_max, ret):
 * Start ${threads} threads (1..64; 0 = one per processor) that serve a queue
 * of at most ${queue_max} jobs.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int loop_pool_new(
    struct loop *l, unsigned threads, size_t queue_max, struct loop_pool **ret);

/**
 * loop_pool_free(p):
 * Finish running jobs, drop those not begun and completions not yet
 * delivered, and stop the threads.  Loop thread only.  NULL is allowed.
 */
void loop_pool_free(struct loop_pool *p);

/**
 * loop_pool_submit(p, work, done, ctx):
 * Run ${work}(${ctx}) on a thread, then ${done}(${ctx}) (may be NULL) on the
 * loop.  Loop thread only.  ERR_STATE_FULL when queue_max jobs are unfinished,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int loop_pool_submit(
    struct loop_pool *p, loop_work_fn *work, loop_done_fn *done, void *ctx);

/**
 * loop_pool_pending(p):
 * Return the number of jobs whose done callback has not run yet.
 */
size_t loop_pool_pending(const struct loop_pool *p);

#endif
