/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_PUT_H
#define ACME_EAB_PUT_H

#include <stdbool.h>

#include "base/err.h"

struct acme_turn;

/**
 * acme_eab_put(t, kid, account): change: the key binds the account.
 */
MUST_CHECK int acme_eab_put(
    struct acme_turn *t, const char *kid, const char *account);

/**
 * acme_eab_needed(t): whether new accounts need a binding.
 */
bool acme_eab_needed(const struct acme_turn *t);

#endif
