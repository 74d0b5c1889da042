/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_AUTH_H
#define TRUSTCHAIN_CA_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trustchain/ca_scopes.h"

/*
 * Bearer tokens of the REST API (identity.md section 6): "tc_<16 hex>_<43
 * base64url>", of which the store keeps the id and the SHA-256 of the 32
 * octets.  Loop thread only.
 */
struct ca_auth;
struct ca_batch;
struct ca_store;
struct clock;
struct pki_san;
struct rng;

#define CA_AUTH_TOKEN_MAX 80
#define CA_AUTH_SCOPES_MAX CA_SCOPES_MAX
#define CA_AUTH_SCOPE_BYTES_MAX CA_SCOPES_BYTES_MAX

enum ca_auth_role {
	CA_AUTH_ISSUER = 1,
	CA_AUTH_REVOKER = 2,
	CA_AUTH_OPERATOR = 4,
	CA_AUTH_AUDITOR = 8,
	CA_AUTH_REGISTRAR = 16, /* makes binding keys for ACME */
	CA_AUTH_KEYGEN = 32	/* has keys made for it */
};

/* Who asks, and what for: a token, or the control socket. */
struct ca_principal {
	char owner[40];	    /* "token:<id>" or "system" */
	unsigned roles;	    /* set of enum ca_auth_role */
	bool any_name;	    /* the control socket */
	char profiles[256]; /* comma-separated; "" = all */
	size_t nscopes;
	char scope[CA_AUTH_SCOPES_MAX][CA_AUTH_SCOPE_BYTES_MAX + 1];
};

/* Octets of a principal that are used: a copy needs no more. */
#define CA_AUTH_PRINCIPAL_LEN(p)                                               \
	(offsetof(struct ca_principal, scope) +                                \
	    (p)->nscopes * sizeof((p)->scope[0]))

/* What a new token may do. */
struct ca_auth_spec {
	const char *const *roles;
	size_t nroles;
	const char *const *scopes;
	size_t nscopes;
	const char *const *profiles;
	size_t nprofiles;
	int64_t ttl_ms;
	int64_t rate_per_min;
};

/**
 * ca_auth_new(store, clock, rng, ret):
 * The hooks outlive the result.  ERR_SYS_NOMEM, ERR_SYS_RNG.
 */
MUST_CHECK int ca_auth_new(struct ca_store *store, const struct clock *clock,
    const struct rng *rng, struct ca_auth **ret);

/**
 * ca_auth_free(a):
 * NULL is legal.
 */
void ca_auth_free(struct ca_auth *a);

/**
 * ca_auth_check(a, header, need, ret, ret_wait_s):
 * Judge an Authorization header (NULL: there was none) against the roles
 * ${need}, of which one suffices (0: any token), and charge the token's rate.
 * ERR_STATE_UNAUTHORIZED (401: no or unknown or expired token; charge the
 * peer's address), ERR_STATE_FORBIDDEN (403), ERR_PEER_RATE (429; try again
 * in ${ret_wait_s}), ERR_SYS_*.
 */
MUST_CHECK int ca_auth_check(struct ca_auth *a, const char *header,
    unsigned need, struct ca_principal *ret, unsigned *ret_wait_s);

/**
 * ca_auth_charge(a, id, rate, ret_wait_s):
 * Take one request of ${id}, which may ask ${rate} times a minute.
 * ERR_PEER_RATE as above, ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_auth_charge(
    struct ca_auth *a, const char *id, int64_t rate, unsigned *ret_wait_s);

/**
 * ca_auth_system(ret):
 * The principal of the control socket: all roles, all names.
 */
void ca_auth_system(struct ca_principal *ret);

/**
 * ca_auth_role_name(i, ret_role):
 * Return the name of the ${i}th role there is, and its bit; NULL behind the
 * last.
 */
const char *ca_auth_role_name(size_t i, unsigned *ret_role);

/**
 * ca_auth_allows_name(p, san):
 * Return whether the name scopes of ${p} cover the name.
 */
bool ca_auth_allows_name(
    const struct ca_principal *p, const struct pki_san *san);

/**
 * ca_auth_allows_scope(p, scope):
 * Return whether the name scopes of ${p} cover all that ${scope} does.
 */
bool ca_auth_allows_scope(const struct ca_principal *p, const char *scope);

/**
 * ca_auth_allows_profile(p, name):
 * Return whether ${p} may ask for the profile.
 */
bool ca_auth_allows_profile(const struct ca_principal *p, const char *name);

/**
 * ca_auth_mint(a, spec, batch, ret_text, ret_id):
 * Make a token: add its row and its audit event to ${batch} and write its
 * text, which exists nowhere else, to ${ret_text} and its id to ${ret_id}
 * (17 bytes).  ERR_STATE_USAGE for an unknown role, scope or rate,
 * ERR_SYS_*.
 */
MUST_CHECK int ca_auth_mint(struct ca_auth *a, const struct ca_auth_spec *spec,
    struct ca_batch *batch, char ret_text[CA_AUTH_TOKEN_MAX], char ret_id[17]);

#endif
