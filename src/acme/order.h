/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "acme/state.h"

/* An order (RFC 8555 section 7.1.3); see acme/store.h for rev and times. */
struct acme_order {
	const char *id;
	int64_t rev;
	const char *account;
	enum acme_state status;
	int64_t created, expires;
	const char *identifiers; /* JSON array of {type, value} */
	const char *authzs;	 /* comma separated ids, in order */
	const char *profile, *replaces;
	const char *error;   /* problem JSON */
	const char *cert_id; /* last part of the certificate URL */
	const uint8_t *csr;  /* DER */
	size_t csr_len;
	int64_t cert; /* the store's certificate row */
};

#endif
