/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_ORDER_H
#define ACME_LOAD_ORDER_H

#include <stdint.h>

#include "acme/order.h"

struct acme_turn;

/**
 * acme_load_order(t, id, ret):
 * An order of the turn's account.
 */
MUST_CHECK int acme_load_order(
    struct acme_turn *t, const char *id, struct acme_order *ret);

/**
 * acme_load_order_state(o, now_ms):
 * The state as of now: what has expired is neither pending nor ready.
 */
enum acme_state acme_load_order_state(
    const struct acme_order *o, int64_t now_ms);

#endif
