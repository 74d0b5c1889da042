/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_CONFINE_H
#define ACME_EAB_CONFINE_H

#include <stdbool.h>

#include "base/err.h"

struct acme_eab;
struct acme_turn;

/**
 * acme_eab_of(t, ret):
 * Find the binding key that confines the account of a request; ${ret} is NULL
 * for an account without one.  Errors as acme/turn_internal.h says.
 */
MUST_CHECK int acme_eab_of(struct acme_turn *t, const struct acme_eab **ret);

/**
 * acme_eab_profile(eab, name):
 * Return whether ${eab} (NULL: no confinement) allows the profile.
 */
bool acme_eab_profile(const struct acme_eab *eab, const char *name);

#endif
