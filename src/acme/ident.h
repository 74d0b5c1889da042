/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_H
#define ACME_IDENT_H

#include <stddef.h>

#include "acme/ident_type.h"
#include "base/err.h"

struct arena;

/**
 * acme_ident_encode(idents, n, arena):
 * Return the JSON array kept with an order, or NULL when memory is short.
 */
const char *acme_ident_encode(
    const struct acme_ident *idents, size_t n, struct arena *arena);

/**
 * acme_ident_key(idents, n, arena):
 * Return one string that is equal for equal sets of identifiers, whatever
 * their order; NULL when memory is short.
 */
const char *acme_ident_key(
    const struct acme_ident *idents, size_t n, struct arena *arena);

#endif
