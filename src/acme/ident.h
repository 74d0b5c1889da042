/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_H
#define ACME_IDENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct acme_problem;
struct arena;
struct pki_san_list;

/* An order's identifier (RFC 8555 section 7.1.3, RFC 8738). */
struct acme_ident {
	const char *type;  /* "dns" or "ip" */
	const char *value; /* canonical: lower case, RFC 5952 */
};

/**
 * acme_ident_encode(idents, n, arena):
 * Return the JSON array kept with an order, or NULL when memory is short.
 */
const char *acme_ident_encode(
    const struct acme_ident *idents, size_t n, struct arena *arena);

/**
 * acme_ident_decode(text, arena, ret, ret_n):
 * Read that array back.  ERR_SYS_CORRUPT, ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int acme_ident_decode(const char *text, struct arena *arena,
    struct acme_ident **ret, size_t *ret_n);

/**
 * acme_ident_wildcard(ident):
 * Return whether the identifier is a wildcard name.
 */
bool acme_ident_wildcard(const struct acme_ident *ident);

/**
 * acme_ident_key(idents, n, arena):
 * Return one string that is equal for equal sets of identifiers, whatever
 * their order; NULL when memory is short.
 */
const char *acme_ident_key(
    const struct acme_ident *idents, size_t n, struct arena *arena);

/**
 * acme_ident_sans(idents, n, ret):
 * Write the identifiers as a certificate's names.  Errors as pki_san_add.
 */
MUST_CHECK int acme_ident_sans(
    const struct acme_ident *idents, size_t n, struct pki_san_list *ret);

#endif
