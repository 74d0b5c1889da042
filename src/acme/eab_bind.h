/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_BIND_H
#define ACME_EAB_BIND_H

#include "base/err.h"

struct acme_turn;

/**
 * acme_eab_bind(t, binding, account, ret_kid):
 * Check the externalAccountBinding ${binding} (JSON text, NULL when there was
 * none) of a newAccount request (RFC 8555 section 7.3.4): HS256 by a key that
 * binds no account yet, over the very key that signed the request, for the
 * same URL; and bind that key to ${account}.  ${ret_kid} is NULL when there is
 * none and none is needed.  Errors as acme/turn_internal.h says.
 */
MUST_CHECK int acme_eab_bind(struct acme_turn *t, const char *binding,
    const char *account, const char **ret_kid);

#endif
