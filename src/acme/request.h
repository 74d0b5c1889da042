/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_REQUEST_H
#define ACME_REQUEST_H

#include <stddef.h>

/* One request; borrowed until acme_turn_end. */
struct acme_request {
	const char *method;	  /* "GET" "HEAD" "POST" or another */
	const char *path;	  /* with query, starting "/acme/" */
	const char *content_type; /* may be NULL */
	const char *body;
	size_t body_len;
	const char *peer; /* whom to charge: an address or its /64 */
};

#endif
