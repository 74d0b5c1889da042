/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_END_H
#define ACME_ORDER_END_H

#include "base/err.h"

struct acme_order;
struct acme_outcome;
struct arena;

/**
 * acme_order_end_refused(order, error, arena, ret):
 * Decide what a final refusal by the issue pipeline changes: the order
 * becomes invalid with the problem JSON ${error}.  ERR_STATE_STALE when it
 * cannot any more.
 */
MUST_CHECK int acme_order_end_refused(const struct acme_order *order,
    const char *error, struct arena *arena, struct acme_outcome *ret);

/**
 * acme_order_end_issued(order, arena, ret):
 * A certificate was issued: charge the limit on duplicates.  ERR_SYS codes.
 */
MUST_CHECK int acme_order_end_issued(const struct acme_order *order,
    struct arena *arena, struct acme_outcome *ret);

#endif
