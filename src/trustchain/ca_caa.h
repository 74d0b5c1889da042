/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CAA_H
#define TRUSTCHAIN_CA_CAA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * One CAA check (RFC 8659 section 3): look-ups from the name up to the root,
 * the first record set found decides.
 */
struct ca_caa;
struct net_dns;

struct ca_caa_ask {
	struct net_dns *dns;
	const char *name; /* without "*." */
	bool wildcard;
	const char *const *identities;
	size_t n_identities;
	const char *account_uri, *method; /* NULL: none */
	unsigned timeout_ms;		  /* of each look-up */
	/* Called once, later: 0, or ERR_STATE_REFUSED with the reason. */
	void (*done)(void *ctx, int rc, const char *why);
	void *ctx;
};

/**
 * ca_caa_start(ask, ret):
 * Start a check; what ${ask} points to is copied but for the identities.
 * ${ret} is valid until the callback.  ERR_SYS_NOMEM, ERR_STATE_FULL.
 */
MUST_CHECK int ca_caa_start(const struct ca_caa_ask *ask, struct ca_caa **ret);

/**
 * ca_caa_cancel(c):
 * Forget a check: its callback will not come.  NULL is legal.
 */
void ca_caa_cancel(struct ca_caa *c);

#endif
