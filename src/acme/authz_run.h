/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_AUTHZ_RUN_H
#define ACME_AUTHZ_RUN_H

#include "base/err.h"

struct acme_authz;
struct acme_challenge;
struct acme_turn;

/**
 * acme_authz_run(t, a, c):
 * Have the validation of a processing challenge run.  Also done when one is
 * only looked at: a validation that a restart interrupted begins again.
 */
MUST_CHECK int acme_authz_run(struct acme_turn *t, const struct acme_authz *a,
    const struct acme_challenge *c);

#endif
