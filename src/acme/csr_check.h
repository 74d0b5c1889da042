/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CSR_CHECK_H
#define ACME_CSR_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_jwk;
struct acme_problem;
struct arena;

struct acme_csr_check {
	const uint8_t *csr; /* DER */
	size_t csr_len;
	const char *identifiers;    /* of the order, as stored */
	const struct acme_jwk *key; /* of the account */
};

/**
 * acme_csr_check(c, arena, problem):
 * Check a finalize request (RFC 8555 section 7.4): the CSR is well-formed and
 * signed, asks for exactly the order's names, and its key is not the
 * account's (section 11.1).  0, ERR_STATE_REFUSED with badCSR, or an ERR_SYS
 * code.
 */
MUST_CHECK int acme_csr_check(const struct acme_csr_check *c,
    struct arena *arena, struct acme_problem *problem);

#endif
