/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_REPLACES_H
#define ACME_ORDER_REPLACES_H

#include "base/err.h"

struct acme_order_request;
struct acme_turn;

/**
 * acme_order_replaces(t, req):
 * Check what a newOrder says that it replaces (RFC 9773 section 5).  A
 * certificate that is not ours is ignored; refused is one of another account
 * or without a common name, and one that a finalized order has replaced.  An
 * earlier order that was never finalized no longer replaces it.  The first
 * order for a certificate is exempt from limits.
 */
MUST_CHECK int acme_order_replaces(
    struct acme_turn *t, struct acme_order_request *req);

#endif
