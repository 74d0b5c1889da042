/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_AUTH_H
#define ACME_AUTH_H

#include <stdbool.h>

#include "base/err.h"

struct acme_jwk;
struct acme_jws;
struct acme_turn;

/**
 * acme_auth_check(t):
 * Authenticate a POST (RFC 8555 section 6.2 to 6.5): content type, envelope,
 * url, nonce, key, signature; the nonce is used up by whoever could sign.
 * Sets the turn's payload, key and account.  0, ERR_STATE_REFUSED with the
 * turn's problem, or an ERR_SYS code.
 */
MUST_CHECK int acme_auth_check(struct acme_turn *t);

/**
 * acme_auth_verify(t, jws, key, ret):
 * Verify an envelope by the JWK text ${key} and return the key, which is the
 * caller's to free.  Errors as acme_auth_check.
 */
MUST_CHECK int acme_auth_verify(struct acme_turn *t, const struct acme_jws *jws,
    const char *key, struct acme_jwk **ret);

/**
 * acme_auth_again(t):
 * Check that the account of an authenticated request is still valid and has
 * not changed its key.  Errors as acme_auth_check.
 */
MUST_CHECK int acme_auth_again(struct acme_turn *t);

/**
 * acme_auth_nonce(t, nonce, use):
 * Check a nonce, and use it up if ${use}.  Errors as acme_nonce_check.
 */
MUST_CHECK int acme_auth_nonce(
    struct acme_turn *t, const char *nonce, bool use);

#endif
