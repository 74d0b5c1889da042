/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ACCOUNT_MAKE_H
#define ACME_ACCOUNT_MAKE_H

#include <stdbool.h>
#include "base/err.h"

struct acme_turn;

/**
 * acme_account_make_key(t, ret_jwk, ret_thumbprint): the verified key as
 * canonical JWK, and its thumbprint.  ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_account_make_key(
    struct acme_turn *t, const char **ret_jwk, const char **ret_thumbprint);

/** acme_account_make_peer(t): whom to charge for a new account. */
const char *acme_account_make_peer(const struct acme_turn *t);

/** acme_account_make_terms(t): whether terms must be agreed to. */
bool acme_account_make_terms(const struct acme_turn *t);

#endif
