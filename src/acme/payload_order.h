/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_ORDER_H
#define ACME_PAYLOAD_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_ident;
struct acme_turn;

struct acme_payload_order {
	struct acme_ident *ident; /* types and values as sent */
	size_t n_idents;
	const char *profile, *replaces; /* NULL when absent */
};

struct acme_payload_finalize {
	const uint8_t *csr;
	size_t csr_len;
};

/**
 * acme_payload_order(t, idents_max, ret):
 * Read newOrder (section 7.4); notBefore and notAfter are refused.
 */
MUST_CHECK int acme_payload_order(
    struct acme_turn *t, size_t idents_max, struct acme_payload_order *ret);

/**
 * acme_payload_finalize(t, ret):
 * Read the finalize request (section 7.4): the base64url DER of a CSR.
 */
MUST_CHECK int acme_payload_finalize(
    struct acme_turn *t, struct acme_payload_finalize *ret);

#endif
