/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_LOAD_H
#define ACME_EAB_LOAD_H

#include "base/err.h"

struct acme_eab;
struct acme_turn;

/**
 * acme_eab_load(t, kid, ret):
 * Read a binding key.  ERR_STATE_NOT_FOUND, ERR_SYS codes.
 */
MUST_CHECK int acme_eab_load(
    struct acme_turn *t, const char *kid, struct acme_eab *ret);

#endif
