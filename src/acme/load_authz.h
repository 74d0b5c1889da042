/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_AUTHZ_H
#define ACME_LOAD_AUTHZ_H

#include <stddef.h>
#include <stdint.h>

#include "acme/authz.h"

struct acme_turn;
struct arena;

/**
 * acme_load_authz(t, id, ret), acme_load_challenge(t, id, ret, ret_authz):
 * An authorization, or a challenge and its authorization, of the account.
 */
MUST_CHECK int acme_load_authz(
    struct acme_turn *t, const char *id, struct acme_authz *ret);
MUST_CHECK int acme_load_challenge(struct acme_turn *t, const char *id,
    struct acme_challenge *ret, struct acme_authz *ret_authz);

/**
 * acme_load_challenges(t, authz, ret, ret_n):
 * The challenges of an authorization.
 */
MUST_CHECK int acme_load_challenges(struct acme_turn *t, const char *authz,
    struct acme_challenge **ret, size_t *ret_n);

/**
 * acme_load_authzs(t, ids, ret, ret_n):
 * All authorizations of a comma separated list; refused unless all are valid.
 */
MUST_CHECK int acme_load_authzs(struct acme_turn *t, const char *ids,
    struct acme_authz **ret, size_t *ret_n);

/**
 * acme_load_authz_state(a, now_ms):
 * The state as of now: what has expired is neither pending nor valid.
 */
enum acme_state acme_load_authz_state(
    const struct acme_authz *a, int64_t now_ms);

/**
 * acme_load_authz_limit_key(arena, a):
 * What failed validations are counted by: account and name; or NULL.
 */
const char *acme_load_authz_limit_key(
    struct arena *arena, const struct acme_authz *a);

#endif
