/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_KEY_CHANGE_H
#define ACME_KEY_CHANGE_H

#include "base/err.h"

struct acme_turn;

/* A key change that both keys agree to. */
struct acme_key_change {
	const char *jwk, *thumbprint; /* of the new key */
};

/**
 * acme_key_change_read(t, ret):
 * Read and check a keyChange request (RFC 8555 section 7.3.5): the new key
 * signed this account's URL and its present key, for this resource.
 */
MUST_CHECK int acme_key_change_read(
    struct acme_turn *t, struct acme_key_change *ret);

#endif
