/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/err.h"

struct store_lock;

/**
 * store_lock_take(dir, ret_lock):
 * Take the exclusive lock of the state directory ${dir} (flock on
 * "${dir}/lock", made if missing) without waiting.  Return 0,
 * ERR_STATE_CONFLICT if another process holds it, or an ERR_SYS code.  The
 * lock goes with the process, however it ends.
 */
MUST_CHECK int store_lock_take(const char *, struct store_lock **);

/**
 * store_lock_drop(lock):
 * Give the lock back and free it; NULL is allowed.
 */
void store_lock_drop(struct store_lock *);

#endif /* STORE_LOCK_H */
