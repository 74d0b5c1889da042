/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_REVOKE_H
#define ACME_REVOKE_H

#include <stdint.h>

#include "base/err.h"

struct acme_cert;
struct acme_turn;

/**
 * acme_revoke_allowed(t, cert, reason, ret_by):
 * Check that who signed the request may revoke the certificate (RFC 8555
 * section 7.6): the account it was issued to, an account that holds valid
 * authorizations for all its names, or its own key.  Errors as
 * acme/turn_internal.h says.
 */
MUST_CHECK int acme_revoke_allowed(struct acme_turn *t,
    const struct acme_cert *cert, int64_t reason, const char **ret_by);

/**
 * acme_revoke_key(t, cert):
 * Check that the certificate's key signed the request.
 */
MUST_CHECK int acme_revoke_key(
    struct acme_turn *t, const struct acme_cert *cert);

#endif
