/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_FRONT_H
#define TRUSTCHAIN_FRONT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/fault.h"

/* How a daemon that is not the CA shows a certificate of the CA's; see
 * trustchain_tls.h. */
struct trustchain_daemon;
struct trustchain_front;

/**
 * trustchain_front_new(d, ret, f):
 * Begin, if [server] token_file is set; else store NULL.  The first thing that
 * uses the key process, after the sandbox is entered.  Errors of
 * trustchain_tls_new, ERR_SYS_*.
 */
MUST_CHECK int trustchain_front_new(struct trustchain_daemon *d,
    struct trustchain_front **ret, struct fault *f);

/** trustchain_front_free(t): Before ${d}; NULL is legal. */
void trustchain_front_free(struct trustchain_front *t);

/**
 * trustchain_front_certified(t):
 * Whether the listeners show what they should; true for NULL.
 */
bool trustchain_front_certified(const struct trustchain_front *t);

#endif
