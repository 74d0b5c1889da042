/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_KEYCHANGE_H
#define ACME_PAYLOAD_KEYCHANGE_H

#include <stddef.h>

#include "base/err.h"

struct acme_turn;

/* What the new key signs in a keyChange, as sent. */
struct acme_payload_key_change {
	const char *account; /* URL */
	const char *old_key; /* JWK text */
};

/**
 * acme_payload_key_change(t, data, len, ret):
 * Read the payload of the inner JWS (RFC 8555 section 7.3.5).  Errors as
 * acme/turn_internal.h says.
 */
MUST_CHECK int acme_payload_key_change(struct acme_turn *t, const void *data,
    size_t len, struct acme_payload_key_change *ret);

#endif
