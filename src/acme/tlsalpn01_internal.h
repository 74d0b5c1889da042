/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_TLSALPN01_INTERNAL_H
#define ACME_TLSALPN01_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"

struct acme_ident;
struct pki_cert;

/**
 * acme_tlsalpn01_named(c, ident, ret):
 * Find out whether ${ident} is the one alternative name of ${c}, and the only
 * one.  ERR_SYS_NOMEM.
 */
MUST_CHECK int acme_tlsalpn01_named(
    const struct pki_cert *c, const struct acme_ident *ident, bool *ret);

#endif
