/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_FD_H
#define LOOP_FD_H

#include "base/err.h"

struct loop;
struct loop_fd;

#define LOOP_FD_READ 1U
#define LOOP_FD_WRITE 2U

/* ${events} holds LOOP_FD_READ and LOOP_FD_WRITE bits; an error or a hang-up
 * is reported as every bit that was asked for. */
typedef void loop_fd_fn(void *ctx, unsigned events);

/**
 * loop_fd_new(l, fd, fn, ctx, ret):
 * Watch the non-blocking descriptor ${fd}, at first for nothing.  ${fd} stays
 * the caller's, who closes it after loop_fd_free.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int loop_fd_new(
    struct loop *l, int fd, loop_fd_fn *fn, void *ctx, struct loop_fd **ret);

/**
 * loop_fd_free(w):
 * Stop watching; the callback will not run again.  May be called from the
 * callback.  NULL is allowed.
 */
void loop_fd_free(struct loop_fd *w);

/**
 * loop_fd_watch(w, events):
 * Watch for exactly these events, level-triggered; 0 pauses.  ERR_SYS_OS.
 */
MUST_CHECK int loop_fd_watch(struct loop_fd *w, unsigned events);

#endif
