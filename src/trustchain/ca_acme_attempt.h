/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ACME_ATTEMPT_H
#define TRUSTCHAIN_CA_ACME_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "acme/ident_type.h"
#include "acme/problem_type.h"
#include "base/err.h"

/*
 * One attempt at a validation, whatever the method (identity.md section 7):
 * a room of its own for each, chosen by the challenge's type.
 */
struct acme_problem;
struct ca_acme;
struct ca_acme_attempt;

/* Strings outlive the attempt. */
struct ca_acme_attempt_ask {
	struct ca_acme *acme;
	const char *type; /* of the challenge */
	struct acme_ident ident; /* a wildcard's base */
	const char *token, *keyauth;
	/* Called once, later; problem is NULL when control is proven. */
	void (*done)(void *ctx, const struct acme_problem *problem);
	void *ctx;
};

/*
 * A method.  new: allocate, with the attempt first in the struct.  begin:
 * start; the end comes later, by ca_acme_attempt_end.  free: stop and free,
 * also before begin.
 */
struct ca_acme_method {
	const char *type;
	struct ca_acme_attempt *(*new)(void);
	int (*begin)(struct ca_acme_attempt *);
	void (*free)(struct ca_acme_attempt *);
};

extern const struct ca_acme_method ca_acme_http01, ca_acme_dns01,
    ca_acme_tlsalpn01;

/* What every method's struct begins with. */
struct ca_acme_attempt {
	const struct ca_acme_method *method;
	struct ca_acme_attempt_ask ask;
	uint64_t deadline_ms; /* of the loop's clock */
};

/**
 * ca_acme_attempt_start(ask, ret):
 * Start an attempt, which ends within validation_timeout_ms.  ${ret} is valid
 * until the callback.  ERR_SYS_NOMEM, ERR_SYS_LIMIT; ERR_PEER_UNSUPPORTED for
 * a type that is none of ours.
 */
MUST_CHECK int ca_acme_attempt_start(
    const struct ca_acme_attempt_ask *ask, struct ca_acme_attempt **ret);

/**
 * ca_acme_attempt_cancel(at):
 * Forget an attempt: its callback will not come.  NULL is legal.
 */
void ca_acme_attempt_cancel(struct ca_acme_attempt *at);

/**
 * ca_acme_attempt_end(at, problem), ca_acme_attempt_fail(at, type, host, what):
 * For methods: free ${at} and tell whoever asked; with the problem
 * "host: what".
 */
void ca_acme_attempt_end(
    struct ca_acme_attempt *at, const struct acme_problem *problem);
void ca_acme_attempt_fail(struct ca_acme_attempt *at,
    enum acme_problem_type type, const char *host, const char *what);

/**
 * ca_acme_attempt_left_ms(at):
 * Return the time left, at least 1.
 */
unsigned ca_acme_attempt_left_ms(const struct ca_acme_attempt *at);

#endif
