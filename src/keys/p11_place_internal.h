/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_PLACE_INTERNAL_H
#define KEYS_P11_PLACE_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * The ups and downs of a token: one that fails is tried again every
 * KEYS_P11_RETRY_MS, but a PIN that it has refused never is, in this process
 * or in its successors.
 */
#define KEYS_P11_RETRY_MS 5000

struct keys_p11_place;
struct keys_p11_token;

/**
 * keys_p11_place_up(pl, now_ms, f):
 * Return 0 when the token is there and logged in, trying to make it so when
 * it is time to.  ERR_SYS_PIN when its PIN is refused, now or earlier; other
 * errors of keys_p11_token_open.
 */
MUST_CHECK int keys_p11_place_up(
    struct keys_p11_place *pl, int64_t now_ms, struct fault *f);

/**
 * keys_p11_place_lost(pl, now_ms, why):
 * A call failed: close the session.  The next attempt is at once, or 5
 * seconds after the last one.
 */
void keys_p11_place_lost(
    struct keys_p11_place *pl, int64_t now_ms, const struct fault *why);

/**
 * keys_p11_place_token(pl), keys_p11_place_epoch(pl),
 * keys_p11_place_digest(pl), keys_p11_place_retry_ms(pl):
 * Return the open session, how many sessions there have been (handles of an
 * earlier one mean nothing), the digest that names the PIN, when the next
 * attempt is due.
 */
const struct keys_p11_token *keys_p11_place_token(
    const struct keys_p11_place *pl);
uint64_t keys_p11_place_epoch(const struct keys_p11_place *pl);
const uint8_t *keys_p11_place_digest(const struct keys_p11_place *pl);
int64_t keys_p11_place_retry_ms(const struct keys_p11_place *pl);

#endif
