/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REVOKE_H
#define TRUSTCHAIN_CA_REVOKE_H

#include <stddef.h>
#include <stdint.h>

#include "trustchain/ca_problem.h"
#include "wire/json.h"

/*
 * Revocation as the REST API and the command ask for it (identity.md section
 * 6): exactly one selector, a reason, and whether the name, key or EAB key is
 * refused from then on.  Loop thread only.
 */
struct ca_revoke;
struct ca_store;
struct clock;

struct ca_revoke_opts {
	struct ca_store *store;
	const struct clock *clock;
	/* ${n} certificates of an issuer were revoked; may be NULL. */
	void (*revoked)(
	    void *ctx, const char *issuer, int64_t reason, size_t n);
	void *ctx;
};

/* Valid during the callback. */
struct ca_revoke_result {
	enum ca_problem problem; /* CA_PROBLEM_NONE: done */
	const char *detail;	 /* of a problem */
	/* Done: {revoked, serials[], reason, at}; to be kept or not. */
	json_t *reply;
};

typedef void ca_revoke_fn(void *ctx, const struct ca_revoke_result *r);

/**
 * ca_revoke_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_revoke_new(
    const struct ca_revoke_opts *opts, struct ca_revoke **ret);

/**
 * ca_revoke_stop(rv), ca_revoke_free(rv):
 * The two halves of the end.  Stop: answer what is under way with a problem.
 * Free: after the store was closed.  NULL is legal for both.
 */
void ca_revoke_stop(struct ca_revoke *rv);
void ca_revoke_free(struct ca_revoke *rv);

/**
 * ca_revoke_submit(rv, request, by, fn, ctx):
 * Revoke what the object ${request} {serial|fingerprint|name|eab_kid,
 * reason?=0, block?=false} selects, in the name of ${by}; other members are
 * not looked at.  ${fn} is called once, perhaps at once.
 */
void ca_revoke_submit(struct ca_revoke *rv, const json_t *request,
    const char *by, ca_revoke_fn *fn, void *ctx);

/**
 * ca_revoke_reason_ok(reason):
 * Whether a subscriber's certificate may be revoked for that reason: 0, 1, 3,
 * 4, 5 or 9 of RFC 5280 section 5.3.1.
 */
bool ca_revoke_reason_ok(int64_t reason);

#endif
