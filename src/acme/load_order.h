/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_ORDER_H
#define ACME_LOAD_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "acme/order.h"

struct acme_store;
struct acme_turn;
struct arena;

/**
 * acme_load_order(t, id, ret):
 * An order of the turn's account.  One that is stored as pending is ready
 * when all its authorizations are valid: two that become valid at the same
 * time do not see each other and leave it pending.
 */
MUST_CHECK int acme_load_order(
    struct acme_turn *t, const char *id, struct acme_order *ret);

/**
 * acme_load_order_complete(store, arena, o, but, now_ms, ret):
 * Store whether every authorization of ${o} is valid; the one with the id
 * ${but} (may be NULL) counts as valid.  ERR_SYS codes.
 */
MUST_CHECK int acme_load_order_complete(const struct acme_store *store,
    struct arena *arena, const struct acme_order *o, const char *but,
    int64_t now_ms, bool *ret);

/**
 * acme_load_order_state(o, now_ms):
 * The state as of now: what has expired is neither pending nor ready.
 */
enum acme_state acme_load_order_state(
    const struct acme_order *o, int64_t now_ms);

#endif
