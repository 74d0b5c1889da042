/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct loop_timer;

typedef void loop_timer_fn(void *ctx);

/**
 * loop_timer_new(l, fn, ctx, ret):
 * Create a stopped timer that calls ${fn}(${ctx}).  ERR_SYS_NOMEM.
 */
MUST_CHECK int loop_timer_new(
    struct loop *l, loop_timer_fn *fn, void *ctx, struct loop_timer **ret);

/**
 * loop_timer_free(t):
 * Stop and free ${t}; its callback will not run again.  May be called from
 * the callback.  NULL is allowed.
 */
void loop_timer_free(struct loop_timer *t);

/**
 * loop_timer_start(t, delay_ms, repeat_ms):
 * Fire after ${delay_ms}, then every ${repeat_ms} unless that is 0.  A running
 * timer is set anew.
 */
void loop_timer_start(
    struct loop_timer *t, uint64_t delay_ms, uint64_t repeat_ms);

/**
 * loop_timer_stop(t):
 * Do not fire until started again.
 */
void loop_timer_stop(struct loop_timer *t);

/**
 * loop_timer_active(t):
 * Return whether ${t} will fire.
 */
bool loop_timer_active(const struct loop_timer *t);

#endif
