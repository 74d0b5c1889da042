/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_ACCOUNT_H
#define ACME_LOAD_ACCOUNT_H

#include "base/err.h"

struct acme_account;
struct acme_turn;

/**
 * acme_load_account(t, id, ret), acme_load_account_jwk(t, id, ret):
 * The account of a request, or its key; refused unless it is valid.
 */
MUST_CHECK int acme_load_account(
    struct acme_turn *t, const char *id, struct acme_account *ret);
MUST_CHECK int acme_load_account_jwk(
    struct acme_turn *t, const char *id, const char **ret);

/**
 * acme_load_account_key(t, thumbprint, ret):
 * The account of a key in any state; ERR_STATE_NOT_FOUND.
 */
MUST_CHECK int acme_load_account_key(
    struct acme_turn *t, const char *thumbprint, struct acme_account *ret);

#endif
