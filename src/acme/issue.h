/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ISSUE_H
#define ACME_ISSUE_H

#include <stddef.h>

#include "base/err.h"

struct acme_authz;
struct acme_order;
struct acme_turn;

/**
 * acme_issue_csr(t, o):
 * Read the CSR of a finalize request into ${o} and check it against the order
 * and the account's key.
 */
MUST_CHECK int acme_issue_csr(struct acme_turn *t, struct acme_order *o);

/**
 * acme_issue_effect(t, o, authz, n):
 * Make issuing the effect of the turn.
 */
int acme_issue_effect(struct acme_turn *t, const struct acme_order *o,
    const struct acme_authz *authz, size_t n);

/**
 * acme_issue_start(t, o):
 * Ask the caller to issue for ${o}, all of whose authorizations must be valid.
 */
MUST_CHECK int acme_issue_start(
    struct acme_turn *t, const struct acme_order *o);

#endif
