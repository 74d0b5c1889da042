/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_POLICY_H
#define ACME_ORDER_POLICY_H

#include <stddef.h>

#include "base/err.h"

struct acme_order_request;
struct acme_turn;

/** acme_order_policy_idents(t): how many identifiers an order may have. */
size_t acme_order_policy_idents(const struct acme_turn *t);

/**
 * acme_order_policy(t, req):
 * Find the binding that confines the account, the profile (the one asked for,
 * or the first that the account may have), life time and limits.
 */
MUST_CHECK int acme_order_policy(
    struct acme_turn *t, struct acme_order_request *req);

#endif
