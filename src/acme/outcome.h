/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_OUTCOME_H
#define ACME_OUTCOME_H

#include <stddef.h>
#include <stdint.h>

#include "acme/kind.h"
#include "base/err.h"

struct arena;

/*
 * What the core decided: changes to make durable as one unit, then something
 * to start, then a reply to send.  All of it lives in the turn's arena.  If
 * the store refuses the changes because an object's rev has moved on, the
 * caller asks the core to decide again.
 */
struct acme_change {
	enum acme_change_kind kind;
	const void *object;	    /* struct acme_account and so on */
	const char *event, *fields; /* ACME_AUDIT: name and JSON object */
};

enum acme_effect {
	ACME_EFFECT_NONE,
	ACME_EFFECT_VALIDATE, /* challenge of authz[0], unless it runs */
	ACME_EFFECT_ISSUE,    /* order->csr; the reply is made afterwards */
	ACME_EFFECT_REVOKE    /* revocation; then the reply */
};

enum { ACME_CHANGES_MAX = 1024, ACME_HEADERS_MAX = 6, ACME_CHARGES_MAX = 4 };

struct acme_header {
	const char *name, *value;
};

struct acme_outcome {
	int status;
	const char *content_type, *body;
	size_t body_len;
	struct acme_header header[ACME_HEADERS_MAX];
	size_t n_headers;
	int problem; /* enum acme_problem_type of an error reply */
	struct acme_change *change;
	size_t n_changes;
	enum acme_effect effect;
	const struct acme_account *account;
	const struct acme_order *order;
	const struct acme_authz *authz;
	size_t n_authzs;
	const struct acme_challenge *challenge;
	const struct acme_revocation *revocation;
	struct {
		int limit;
		const char *key;
	} charge[ACME_CHARGES_MAX]; /* counted once durable */
	size_t n_charges;
};

/**
 * acme_outcome_put(o, arena, kind, object):
 * Append a change; ${object} is in the arena.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int acme_outcome_put(struct acme_outcome *o, struct arena *arena,
    enum acme_change_kind kind, const void *object);

#endif
