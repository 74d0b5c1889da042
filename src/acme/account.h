/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H

#include <stdint.h>

#include "acme/state.h"

/* An account (RFC 8555 section 7.1.2); see acme/store.h for rev and times. */
struct acme_account {
	const char *id;
	int64_t rev;
	enum acme_state status;
	const char *thumbprint; /* RFC 7638, base64url */
	const char *jwk;	/* JSON, canonical members only */
	const char *contact;	/* JSON array */
	const char *eab_kid;
	int64_t created;
};

#endif
