/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LIMIT_H
#define ACME_LIMIT_H

#include <stdint.h>

#include "base/err.h"

/*
 * Sliding-window counters: at most ${max} charges per ${window_ms} and key.
 * The window is approximated by two adjacent ones, the older weighted by its
 * share.  At most ${keys_max} keys are remembered; the one unused for longest
 * makes room.
 */
struct acme_limit;

/**
 * acme_limit_new(max, window_ms, keys_max, siphash_key, ret):
 * Make a limit; ${max} 0 means none.  ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_limit_new(uint32_t max, int64_t window_ms,
    uint32_t keys_max, const uint8_t siphash_key[16], struct acme_limit **ret);

/* A counter as it is kept outside. */
struct acme_limit_state {
	int64_t window; /* number of the window that now counts */
	uint32_t now, before;
};

/**
 * acme_limit_restore(l, key, state):
 * Set a counter to what it was before a restart.
 */
void acme_limit_restore(struct acme_limit *l, const char *key,
    const struct acme_limit_state *state);

/**
 * acme_limit_free(l):
 * Free ${l}; NULL is allowed.
 */
void acme_limit_free(struct acme_limit *l);

/**
 * acme_limit_check(l, key, now_ms, ret_wait_s):
 * Return 0 if one more charge is allowed now; else ERR_PEER_RATE with the
 * seconds to wait in ${ret_wait_s}.
 */
MUST_CHECK int acme_limit_check(
    struct acme_limit *l, const char *key, int64_t now_ms, int *ret_wait_s);

/**
 * acme_limit_charge(l, key, now_ms):
 * Count one; when memory is short the charge is lost.
 */
void acme_limit_charge(struct acme_limit *l, const char *key, int64_t now_ms);

#endif
