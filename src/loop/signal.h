/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_SIGNAL_H
#define LOOP_SIGNAL_H

#include "base/err.h"

struct loop;
struct loop_signal;

typedef void loop_signal_fn(void *ctx, int signum);

/**
 * loop_signal_new(l, signum, fn, ctx, ret):
 * Call ${fn} on the loop whenever the process gets ${signum}; its default
 * action no longer happens.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int loop_signal_new(struct loop *l, int signum, loop_signal_fn *fn,
    void *ctx, struct loop_signal **ret);

/**
 * loop_signal_free(s):
 * Stop watching.  NULL is allowed.
 */
void loop_signal_free(struct loop_signal *s);

#endif
