/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_VIEW_H
#define ACME_VIEW_H

#include <jansson.h>
#include <stddef.h>

struct acme_account;
struct acme_authz;
struct acme_challenge;
struct acme_order;
struct acme_turn;

/**
 * acme_view_account(t, a), acme_view_order(t, o), acme_view_authz(t, a, c, n),
 * acme_view_challenge(t, c):
 * The objects as clients see them (RFC 8555 section 7.1).  A new reference,
 * or NULL when memory is short or what the store holds is corrupt.
 */
json_t *acme_view_account(struct acme_turn *t, const struct acme_account *a);
json_t *acme_view_order(struct acme_turn *t, const struct acme_order *o);
json_t *acme_view_authz(struct acme_turn *t, const struct acme_authz *a,
    const struct acme_challenge *c, size_t n);
json_t *acme_view_challenge(
    struct acme_turn *t, const struct acme_challenge *c);

#endif
