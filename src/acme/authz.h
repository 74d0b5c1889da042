/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_AUTHZ_H
#define ACME_AUTHZ_H

#include <stdint.h>

#include "acme/state.h"

/*
 * An authorization and its challenge (RFC 8555 sections 7.1.4, 7.1.5); see
 * acme/store.h for rev and times.
 */
struct acme_authz {
	const char *id;
	int64_t rev;
	const char *account;
	enum acme_state status;
	int64_t created, expires;
	const char *type, *value; /* identifier, without "*." */
	int64_t wildcard, validated, caa_checked;
};

struct acme_challenge {
	const char *id;
	int64_t rev;
	const char *authz;
	const char *type; /* "http-01", "dns-01", "tls-alpn-01" */
	enum acme_state status;
	const char *token;
	int64_t validated;
	const char *error; /* problem JSON */
};

#endif
