/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_SUPERSEDE_H
#define ACME_ORDER_SUPERSEDE_H

#include <stdbool.h>

#include "base/err.h"

struct acme_turn;

/**
 * acme_order_supersede(t, certid, ret_first):
 * Make room for a new order that replaces this certificate: 409
 * alreadyReplaced if a finalized one does; an unfinished one ceases to.
 * ${ret_first}: there was none.
 */
MUST_CHECK int acme_order_supersede(
    struct acme_turn *t, const char *certid, bool *ret_first);

#endif
