/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_OUTCOME_H
#define ACME_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "acme/problem.h"

struct acme_account;
struct acme_authz;
struct acme_challenge;
struct acme_order;

/*
 * What the core decided: changes to make durable, then something to start,
 * then a reply to send.  All of it lives in the turn's arena.  The caller
 * commits the changes as one unit first; if the store refuses them because an
 * object has moved on, it asks the core to decide again.
 */
enum acme_change_kind {
	ACME_PUT_ACCOUNT,
	ACME_PUT_ORDER,
	ACME_PUT_AUTHZ,
	ACME_PUT_CHALLENGE,
	ACME_AUDIT /* event and its JSON fields */
};

struct acme_change {
	enum acme_change_kind kind;
	union {
		const struct acme_account *account;
		const struct acme_order *order;
		const struct acme_authz *authz;
		const struct acme_challenge *challenge;
		struct {
			const char *event, *fields;
		} audit;
	} u;
};

enum acme_effect_kind {
	ACME_EFFECT_NONE,
	ACME_EFFECT_VALIDATE, /* challenge; does nothing if it is running */
	ACME_EFFECT_ISSUE     /* order->csr for order; then reply */
};

enum { ACME_CHANGES_MAX = 1024, ACME_HEADERS_MAX = 6, ACME_CHARGES_MAX = 4 };

struct acme_header {
	const char *name, *value;
};

struct acme_outcome {
	/* The reply. */
	int status;
	const char *content_type; /* NULL without a body */
	const char *body;
	size_t body_len;
	struct acme_header header[ACME_HEADERS_MAX];
	size_t n_headers;
	/* Set when the reply is an error. */
	enum acme_problem_type problem;
	/* Durable before anything else happens. */
	struct acme_change *change;
	size_t n_changes;
	/* Then started. */
	enum acme_effect_kind effect;
	const struct acme_account *account;
	const struct acme_order *order;
	const struct acme_authz *authz;
	const struct acme_challenge *challenge;
	/* Counted against a limit once durable. */
	struct {
		int limit;
		const char *key;
	} charge[ACME_CHARGES_MAX];
	size_t n_charges;
};

#endif
