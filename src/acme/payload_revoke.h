/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_REVOKE_H
#define ACME_PAYLOAD_REVOKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_turn;

struct acme_payload_revoke {
	const uint8_t *cert; /* DER */
	size_t cert_len;
	int64_t reason; /* RFC 5280 section 5.3.1: 0, 1, 3, 4 or 5 */
};

/**
 * acme_payload_revoke(t, ret):
 * Read revokeCert (RFC 8555 section 7.6).  Errors as acme/turn_internal.h
 * says.
 */
MUST_CHECK int acme_payload_revoke(
    struct acme_turn *t, struct acme_payload_revoke *ret);

#endif
