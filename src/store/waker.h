/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_WAKER_H
#define STORE_WAKER_H

#include "base/err.h"

/*
 * Lets another thread say "look again" to the loop thread.  Several wakes
 * that come before the loop looks are one.
 */
struct loop;
struct store_waker;

/**
 * store_waker_new(loop, fn, ctx, ret_waker):
 * Make a waker that calls ${fn}(${ctx}) on the thread of ${loop}.
 */
MUST_CHECK int store_waker_new(struct loop *loop, void (*fn)(void *ctx),
    void *ctx, struct store_waker **ret_waker);

/**
 * store_waker_wake(w):
 * From any thread but the loop's: have the callback called soon.  Blocks for
 * up to a second while memory is short.
 */
void store_waker_wake(struct store_waker *w);

/**
 * store_waker_free(w):
 * On the loop thread, after the last wake: the callback is not called any
 * more.  NULL is allowed.
 */
void store_waker_free(struct store_waker *w);

#endif
