/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_EAB_H
#define TRUSTCHAIN_CA_EAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Keys for external account binding (RFC 8555 section 7.3.4), as the REST API
 * and the command make them.
 */
struct ca_authority;
struct ca_batch;
struct ca_principal;
struct clock;
struct rng;

enum { CA_EAB_KID_LEN = 32, CA_EAB_KEY_LEN = 43, CA_EAB_PROFILES_MAX = 32 };

struct ca_eab_spec {
	const struct ca_principal *who; /* whose scopes and profiles bound it */
	const char *const *scopes;
	size_t nscopes;
	const char *const *profiles; /* none: all that ${who} may give */
	size_t nprofiles;
	int64_t expires_ms; /* until then it can be bound */
	bool preauthorized;
};

struct ca_eab_maker {
	const struct ca_authority *authority;
	const struct clock *clock;
	const struct rng *rng;
	int64_t ttl_max_ms;
};

/* A new key; it exists nowhere else in this form. */
struct ca_eab_made {
	char kid[CA_EAB_KID_LEN + 1];
	char hmac_key[CA_EAB_KEY_LEN + 1]; /* base64url; to be wiped */
};

/**
 * ca_eab_mint(m, spec, batch, ret, ret_why):
 * Add a new key and its audit event to ${batch}.  ERR_STATE_USAGE or
 * ERR_STATE_FORBIDDEN with a text in ${ret_why}; ERR_SYS codes.
 */
MUST_CHECK int ca_eab_mint(const struct ca_eab_maker *m,
    const struct ca_eab_spec *spec, struct ca_batch *batch,
    struct ca_eab_made *ret, const char **ret_why);

/**
 * ca_eab_kid_ok(kid): whether ${kid} has the form of a key's id.
 */
bool ca_eab_kid_ok(const char *kid);

#endif
