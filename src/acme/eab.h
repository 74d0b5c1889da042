/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_H
#define ACME_EAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key for external account binding (RFC 8555 section 7.3.4). */
struct acme_eab {
	const char *kid;
	bool usable;	    /* not bound, expired, revoked or blocked */
	const uint8_t *key; /* HMAC key, while usable */
	size_t key_len;
	/* What the account that it is bound to is confined to. */
	const char *const *scopes; /* of pki_name_in_scope */
	size_t n_scopes;
	const char *const *profiles; /* none: all */
	size_t n_profiles;
	bool preauthorized; /* its identifiers need no challenge */
};

/* A change: the key binds this account from now on. */
struct acme_eab_bind {
	const char *kid, *account;
};

#endif
