/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_RENEWAL_H
#define ACME_RENEWAL_H

#include "acme/renewal_rule.h"

struct acme_cert;

/* Unix milliseconds. */
struct acme_renewal_window {
	int64_t start, end;
};

/**
 * acme_renewal_window(cert, rule):
 * Return the suggested window (RFC 9773 section 4.2); that of a revoked
 * certificate began when it was revoked.
 */
struct acme_renewal_window acme_renewal_window(
    const struct acme_cert *cert, const struct acme_renewal_rule *rule);

#endif
