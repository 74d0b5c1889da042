/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_ACCOUNT_H
#define ACME_PAYLOAD_ACCOUNT_H

#include <stdbool.h>

#include "base/err.h"

struct acme_turn;

enum { ACME_CONTACTS_MAX = 10, ACME_CONTACT_LEN_MAX = 254 };

struct acme_payload_account {
	bool terms_agreed, only_existing;
	const char *contact; /* JSON array, NULL when absent */
	const char *status;  /* NULL when absent */
	const char *binding; /* externalAccountBinding as JSON, or NULL */
};

/**
 * acme_payload_account(t, ret):
 * Read newAccount or an account update (section 7.3): contacts are at most
 * ten mailto: URLs of one address and without header fields.  Errors as
 * acme/turn_internal.h says.
 */
MUST_CHECK int acme_payload_account(
    struct acme_turn *t, struct acme_payload_account *ret);

#endif
