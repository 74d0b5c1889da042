/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_AUTHZ_UPDATE_H
#define ACME_AUTHZ_UPDATE_H

#include "base/err.h"

struct acme_authz;
struct acme_challenge;
struct acme_turn;

/**
 * acme_authz_update_deactivate(t, a):
 * Deactivate an authorization (RFC 8555 section 7.5.2); orders that need it
 * become invalid.  ${a} becomes what it will be.  Errors as
 * acme/turn_internal.h says.
 */
MUST_CHECK int acme_authz_update_deactivate(
    struct acme_turn *t, struct acme_authz *a);

/**
 * acme_authz_update_respond(t, a, c):
 * The client is ready for the challenge (section 7.5.1): a pending one
 * becomes processing, any other stays as it is.
 */
MUST_CHECK int acme_authz_update_respond(
    struct acme_turn *t, const struct acme_authz *a, struct acme_challenge *c);

#endif
