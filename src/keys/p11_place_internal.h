/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_PLACE_INTERNAL_H
#define KEYS_P11_PLACE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The ups and downs of a token: one that fails is tried again every
 * KEYS_P11_RETRY_MS, but a PIN that it has refused never is, in this process
 * or in its successors.
 */
#define KEYS_P11_RETRY_MS 5000

struct fault;
struct keys_p11_place;
struct keys_p11_token;

/**
 * keys_p11_place_up(pl, now_ms, f):
 * Return 0 when the token is there and logged in, trying to make it so when
 * it is time to.  ERR_SYS_PIN when its PIN is refused, now or earlier; other
 * errors of keys_p11_token_open.  Not while keys_p11_place_draining.
 */
MUST_CHECK int keys_p11_place_up(
    struct keys_p11_place *pl, int64_t now_ms, struct fault *f);

/**
 * keys_p11_place_lost(pl, now_ms, why):
 * A call failed: close the sessions.  The next attempt is at once, or 5
 * seconds after the last one.
 */
void keys_p11_place_lost(
    struct keys_p11_place *pl, int64_t now_ms, const struct fault *why);

/**
 * keys_p11_place_is_up(pl), keys_p11_place_draining(pl):
 * Whether the token works; whether it was lost and calls to it have not come
 * back yet.
 */
bool keys_p11_place_is_up(const struct keys_p11_place *pl);
bool keys_p11_place_draining(const struct keys_p11_place *pl);

/** keys_p11_place_take(pl), keys_p11_place_give(pl, t): keys/p11_pool.c. */
const struct keys_p11_token *keys_p11_place_take(struct keys_p11_place *pl);
void keys_p11_place_give(
    struct keys_p11_place *pl, const struct keys_p11_token *t);

/**
 * keys_p11_place_epoch(pl), keys_p11_place_digest(pl),
 * keys_p11_place_retry_ms(pl), keys_p11_place_why(pl):
 * Return how often it has come up (handles of an earlier time mean nothing),
 * the digest that names the PIN, when the next attempt is due, why it is down.
 */
uint64_t keys_p11_place_epoch(const struct keys_p11_place *pl);
const uint8_t *keys_p11_place_digest(const struct keys_p11_place *pl);
int64_t keys_p11_place_retry_ms(const struct keys_p11_place *pl);
const struct fault *keys_p11_place_why(const struct keys_p11_place *pl);

#endif
