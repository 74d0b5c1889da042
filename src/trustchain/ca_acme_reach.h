/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ACME_REACH_H
#define TRUSTCHAIN_CA_ACME_REACH_H

#include <stdint.h>

#include "acme/problem_type.h"
#include "base/err.h"

/*
 * The addresses of a host that is validated, one after the other: looked up
 * once, each checked against policy after that, at most four validations
 * connected to one address at a time (identity.md section 7).  Whoever is
 * given an address connects to exactly that one.
 */
struct ca_acme_attempt;
struct ca_acme_reach;
struct net_addr;

struct ca_acme_reach_ask {
	struct ca_acme_attempt *attempt; /* whose deadline holds */
	const char *host; /* name or address; outlives the reach */
	uint16_t port;
	/* Called later, for each address in turn: connect, but give up after
	 * ${share_ms}, so that the other addresses have a turn. */
	void (*connect)(
	    void *ctx, const struct net_addr *addr, unsigned share_ms);
	/* Called once, later: there is no address more. */
	void (*failed)(
	    void *ctx, enum acme_problem_type type, const char *what);
	void *ctx;
};

/**
 * ca_acme_reach_start(ask, ret):
 * Begin.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_acme_reach_start(
    const struct ca_acme_reach_ask *ask, struct ca_acme_reach **ret);

/**
 * ca_acme_reach_next(r):
 * The address that was given last does not answer: go on to the next.
 */
void ca_acme_reach_next(struct ca_acme_reach *r);

/**
 * ca_acme_reach_free(r):
 * Stop; the connection, if any, no longer counts.  NULL is legal.
 */
void ca_acme_reach_free(struct ca_acme_reach *r);

#endif
