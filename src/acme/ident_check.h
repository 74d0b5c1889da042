/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_CHECK_H
#define ACME_IDENT_CHECK_H

#include "base/err.h"

struct acme_order_request;
struct acme_turn;

/**
 * acme_ident_check(t, req):
 * Check the identifiers of ${req} against type, profile and policy.  Several
 * bad ones are one compound problem (RFC 8555 section 6.7.1).
 */
MUST_CHECK int acme_ident_check(
    struct acme_turn *t, const struct acme_order_request *req);

#endif
