/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_LOAD_CERTID_H
#define ACME_LOAD_CERTID_H

#include "base/err.h"

struct acme_cert;
struct acme_turn;

/**
 * acme_load_certid(t, certid, ret):
 * One of our certificates, by the text of its name (RFC 9773 section 4.1).
 * Refused as malformed when it is no name; ERR_STATE_NOT_FOUND.
 */
MUST_CHECK int acme_load_certid(
    struct acme_turn *t, const char *certid, struct acme_cert *ret);

#endif
