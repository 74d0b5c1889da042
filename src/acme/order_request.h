/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_REQUEST_H
#define ACME_ORDER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_eab;
struct acme_ident;
struct acme_turn;

/* A newOrder request that may be granted. */
struct acme_order_request {
	struct acme_ident *ident; /* lower case, each once */
	size_t n_idents;
	const char *identifiers; /* as JSON */
	const char *set;	 /* equal for equal sets */
	const char *profile;
	const char *replaces; /* certid, or NULL */
	int64_t ttl_ms;
	const struct acme_eab *eab; /* confines the account, or NULL */
	bool preauthorized, exempt; /* by it; from limits */
	uint32_t pending_max;	    /* authorizations; 0 = no limit */
};

/**
 * acme_order_request_read(t, ret):
 * Read the payload of a newOrder and check identifiers, profile and rate
 * limits.  Errors as acme/turn_internal.h says.
 */
MUST_CHECK int acme_order_request_read(
    struct acme_turn *t, struct acme_order_request *ret);

#endif
