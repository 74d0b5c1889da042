/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ACME_HTTP01_H
#define TRUSTCHAIN_CA_ACME_HTTP01_H

#include "base/err.h"

/*
 * One attempt at an http-01 validation (RFC 8555 section 8.3): look up the
 * host, check each address against policy, connect to exactly that address,
 * follow redirects the same way.
 */
struct acme_problem;
struct ca_acme;
struct ca_acme_http01;

struct ca_acme_http01_ask {
	struct ca_acme *acme;
	const char *host; /* a DNS name */
	const char *token, *keyauth;
	/* Called once, later; problem is NULL when the response is right. */
	void (*done)(void *ctx, const struct acme_problem *problem);
	void *ctx;
};

/**
 * ca_acme_http01_start(ask, ret):
 * Start an attempt, which ends within validation_timeout_ms; strings are
 * copied.  ${ret} is valid until the callback.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_acme_http01_start(
    const struct ca_acme_http01_ask *ask, struct ca_acme_http01 **ret);

/**
 * ca_acme_http01_cancel(h):
 * Forget an attempt: its callback will not come.  NULL is legal.
 */
void ca_acme_http01_cancel(struct ca_acme_http01 *h);

#endif
