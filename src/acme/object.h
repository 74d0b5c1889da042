/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_OBJECT_H
#define ACME_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "acme/state.h"

/*
 * The ACME objects (RFC 8555 section 7.1).  Times are unix milliseconds, 0
 * meaning "not set"; absent strings are NULL.  Strings live in the arena of
 * the turn that read or made the object.  rev belongs to the store and is 0
 * for an object that is new.
 */
enum {
	ACME_ID_LEN = 22,     /* 16 random octets in base64url */
	ACME_TOKEN_LEN = 43,  /* 32 random octets in base64url */
	ACME_IDENTS_MAX = 100 /* identifiers of an order */
};

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

struct acme_order {
	const char *id;
	int64_t rev;
	const char *account;
	enum acme_state status;
	int64_t created, expires;
	const char *identifiers; /* JSON array of {type, value} */
	const char *authzs;	 /* comma separated ids, in order */
	const char *profile;
	const char *replaces;
	const char *error;   /* problem JSON */
	const char *cert_id; /* last part of the certificate URL */
	const uint8_t *csr;  /* DER */
	size_t csr_len;
	int64_t cert; /* the store's certificate row */
};

struct acme_authz {
	const char *id;
	int64_t rev;
	const char *account;
	enum acme_state status;
	int64_t created, expires;
	const char *type, *value; /* identifier, without "*." */
	int64_t wildcard;
	int64_t validated;
	int64_t caa_checked;
};

struct acme_challenge {
	const char *id;
	int64_t rev;
	const char *authz;
	const char *type; /* "http-01" */
	enum acme_state status;
	const char *token;
	int64_t validated;
	const char *error; /* problem JSON */
};

#endif
