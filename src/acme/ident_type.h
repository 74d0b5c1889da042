/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_IDENT_TYPE_H
#define ACME_IDENT_TYPE_H

enum { ACME_IDENTS_MAX = 100 };

/* An order's identifier (RFC 8555 section 7.1.3, RFC 8738). */
struct acme_ident {
	const char *type;  /* "dns" or "ip" */
	const char *value; /* canonical: lower case, RFC 5952 */
};

#endif
