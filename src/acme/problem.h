/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PROBLEM_H
#define ACME_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "acme/problem_type.h"

/* One identifier's part of a problem; strings are borrowed. */
struct acme_subproblem {
	enum acme_problem_type type;
	const char *ident_type, *ident_value;
	char detail[128];
};

/* An error document (RFC 7807, RFC 8555 section 6.7). */
struct acme_problem {
	enum acme_problem_type type;
	int status;	   /* HTTP status */
	int retry_after_s; /* 0: no Retry-After header */
	bool algorithms;   /* list the signature algorithms we take */
	const struct acme_subproblem *sub;
	size_t n_sub;
	char detail[256];
};

/**
 * acme_problem_urn(type):
 * Return the last part of the error's URN.
 */
const char *acme_problem_urn(enum acme_problem_type type);

/**
 * acme_problem_encode(p):
 * Return the document as a heap string to free(), or NULL without memory.
 */
char *acme_problem_encode(const struct acme_problem *p);

#endif
