/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_SERVER_H
#define ACME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acme/limit_kind.h"
#include "acme/renewal_rule.h"
#include "base/err.h"

struct acme_ident;
struct acme_outcome;
struct acme_server;
struct rng;

/* The ACME server (RFC 8555) as a pure core; its requests are acme/turn.h. */
struct acme_server_profile {
	const char *name, *description;
};

/* Borrowed for the server's life. */
struct acme_server_config {
	const char *base_url;		 /* without a trailing slash */
	const char *terms_url, *website; /* "" = none */
	const char *const *caa_identities;
	size_t n_caa_identities;
	const struct acme_server_profile *profiles; /* [0] is the default */
	size_t n_profiles;
	size_t max_identifiers;
	int64_t order_ttl_ms;
	uint32_t limit[ACME_LIMIT_KINDS]; /* 0 = off */
	uint32_t limit_pending_authz;
	struct acme_renewal_rule renewal;
	bool require_eab; /* for new accounts */
	/* May this be ordered under this profile?  0, or ERR_PEER_NAME with a
	 * static text: names, blocks, reserved names. */
	int (*ident_allowed)(void *ctx, const struct acme_ident *,
	    const char *profile, const char **ret_why);
	void *ident_ctx;
};

/**
 * acme_server_new(config, rng, ret), acme_server_free(s):
 * Make a server (ERR_SYS_NOMEM, ERR_SYS_RNG); free it, NULL being allowed,
 * after all its turns.
 */
MUST_CHECK int acme_server_new(const struct acme_server_config *config,
    const struct rng *rng, struct acme_server **ret);
void acme_server_free(struct acme_server *s);

/**
 * acme_server_nonce(s, out):
 * Write a nonce of 32 characters and a zero, for Replay-Nonce.
 */
MUST_CHECK int acme_server_nonce(struct acme_server *s, char out[33]);

/**
 * acme_server_nonce_check(s, nonce), acme_server_nonce_use(s, nonce):
 * Whether a nonce is good, without and with using it up.  Errors as
 * acme_nonce_check.
 */
MUST_CHECK int acme_server_nonce_check(
    const struct acme_server *s, const char *nonce);
MUST_CHECK int acme_server_nonce_use(struct acme_server *s, const char *nonce);

/**
 * acme_server_charge(s, outcome, now_ms):
 * The changes of ${outcome} are durable: charge the limits it names.
 */
void acme_server_charge(
    struct acme_server *s, const struct acme_outcome *outcome, int64_t now_ms);

#endif
