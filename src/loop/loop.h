/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The event loop of a process: one thread runs it, every callback of every
 * module comes from that thread.  The work pool is loop/work.h, timers are
 * loop/timer.h, descriptors loop/fd.h, signals loop/signal.h.
 */
struct loop;

typedef void loop_post_fn(void *ctx);

/* Posted callbacks that may wait. */
#define LOOP_POST_MAX 65536

/**
 * loop_new(ret):
 * Create a loop.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int loop_new(struct loop **ret);

/**
 * loop_free(l):
 * Close and free a loop that is not running.  Timers, descriptors and signals
 * must have been freed; posted callbacks that have not run are dropped.  NULL
 * is allowed.
 */
void loop_free(struct loop *l);

/**
 * loop_run(l):
 * Run until loop_stop.  A stop requested before the run makes it return after
 * one turn.
 */
void loop_run(struct loop *l);

/**
 * loop_run_for(l, ms):
 * Run until loop_stop or until ${ms} milliseconds have passed; return whether
 * it was stopped.  For tests and tools.
 */
bool loop_run_for(struct loop *l, uint64_t ms);

/**
 * loop_stop(l):
 * Make loop_run return after the current turn.  Loop thread only; from
 * another thread post a callback that calls it.
 */
void loop_stop(struct loop *l);

/**
 * loop_now_ms(l):
 * Return the monotonic time of the current turn in milliseconds, from an
 * unspecified start.
 */
uint64_t loop_now_ms(const struct loop *l);

/**
 * loop_monotonic_us():
 * Return the monotonic clock in microseconds, read now: for latency figures.
 */
uint64_t loop_monotonic_us(void);

/**
 * loop_post(l, fn, ctx):
 * Run ${fn}(${ctx}) on the loop thread soon, in the order of posting.  May be
 * called from any thread.  ERR_SYS_NOMEM; ERR_STATE_FULL when LOOP_POST_MAX
 * callbacks wait already.
 */
MUST_CHECK int loop_post(struct loop *l, loop_post_fn *fn, void *ctx);

#endif
