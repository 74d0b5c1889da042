/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_LIST_H
#define ACME_IDENT_LIST_H

#include <stddef.h>

#include "acme/ident_type.h"
#include "base/err.h"

struct arena;
struct pki_san_list;

/**
 * acme_ident_list_decode(text, arena, ret, ret_n):
 * Read that array back.  ERR_SYS_CORRUPT, ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int acme_ident_list_decode(const char *text, struct arena *arena,
    struct acme_ident **ret, size_t *ret_n);

/**
 * acme_ident_list_sans(idents, n, ret):
 * Write the identifiers as a certificate's names.  Errors as pki_san_add.
 */
MUST_CHECK int acme_ident_list_sans(
    const struct acme_ident *idents, size_t n, struct pki_san_list *ret);

#endif
