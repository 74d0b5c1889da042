/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ACME_H
#define TRUSTCHAIN_CA_ACME_H

#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * The ACME server of trustchain-ca (identity.md section 7): the core of
 * src/acme with HTTP in front of it and the store, the validations and the
 * issue pipeline behind it.  Loop thread only.
 */
struct ca_acme;
struct ca_authority;
struct ca_config;
struct ca_issue;
struct ca_revoke;
struct ca_store;
struct clock;
struct http_request;
struct loop;
struct ops_log;
struct rng;

struct ca_acme_opts {
	struct loop *loop;
	const struct clock *clock;
	const struct rng *rng;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct ca_issue *issue;
	struct ca_revoke *revoke;
	struct ops_log *log;
	/* For metrics; each may be NULL.  type "http-01", result "valid" or
	 * the last part of the error's URN; status of RFC 8555. */
	void (*validated)(void *ctx, const char *type, const char *result);
	void (*ordered)(void *ctx, const char *status);
	void *ctx;
};

/**
 * ca_acme_new(opts, ret, f):
 * Start the server: resolver, HTTP client, what was charged to limits.
 * Everything that ${opts} points to outlives it.  Call it before the sandbox
 * closes: the DNSSEC trust anchor is read here.  ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int ca_acme_new(
    const struct ca_acme_opts *opts, struct ca_acme **ret, struct fault *f);

/**
 * ca_acme_free(a):
 * Stop validations (they begin again after a restart) and free.  Requests
 * that wait are answered with 503.  NULL is legal.
 */
void ca_acme_free(struct ca_acme *a);

/**
 * ca_acme_handle(a, r):
 * Answer a request whose path begins with "/acme/".
 */
void ca_acme_handle(struct ca_acme *a, struct http_request *r);

/**
 * ca_acme_validations(a):
 * Return how many validations are running or queued.
 */
size_t ca_acme_validations(const struct ca_acme *a);

#endif
