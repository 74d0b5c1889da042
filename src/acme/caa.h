/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CAA_H
#define ACME_CAA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Certification Authority Authorization (RFC 8659) with account URI and
 * validation methods (RFC 8657).  The caller looks up the record sets.
 */
struct acme_caa_rdata {
	const uint8_t *data;
	size_t len;
};

struct acme_caa_query {
	bool wildcard;
	const char *const *identities; /* domain names this CA answers to */
	size_t n_identities;
	const char *account_uri; /* NULL: not known, so any accounturi fails */
	const char *method;	 /* "http-01"; NULL as above */
};

/**
 * acme_caa_evaluate(set, n, query, why, why_cap):
 * Evaluate one relevant record set, which is not empty.  Return 0 if it lets
 * this CA issue; ERR_STATE_REFUSED if not, with the reason as text in ${why}.
 * A record that cannot be parsed refuses.
 */
MUST_CHECK int acme_caa_evaluate(const struct acme_caa_rdata *set, size_t n,
    const struct acme_caa_query *query, char *why, size_t why_cap);

/**
 * acme_caa_parent(name):
 * Return the next name of the tree climb (RFC 8659 section 3): the part of
 * ${name} after its first dot, or NULL when the root is reached.
 */
const char *acme_caa_parent(const char *name);

#endif
