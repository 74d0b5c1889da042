/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_AUTHZ_MAKE_H
#define ACME_AUTHZ_MAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct acme_order_request;
struct acme_turn;

/**
 * acme_authz_make(t, req, i, ret_id, ret_fresh):
 * Give identifier ${i} its authorization: a valid one of the account is used
 * again; one that the account's binding preauthorizes is made valid; else a
 * pending one is made, with a challenge of each method that may prove it.
 */
MUST_CHECK int acme_authz_make(struct acme_turn *t,
    const struct acme_order_request *req, size_t i, const char **ret_id,
    bool *ret_fresh);

/**
 * acme_authz_make_pending(t, more, most):
 * Refuse when the account would have more than ${most} pending ones with
 * ${more} of this order; 0 is no limit.
 */
MUST_CHECK int acme_authz_make_pending(
    struct acme_turn *t, size_t more, size_t most);

#endif
