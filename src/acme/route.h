/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_ROUTE_H
#define ACME_ROUTE_H

#include <stdbool.h>

struct acme_turn;

enum acme_auth {
	ACME_AUTH_NONE, /* GET; a POST-as-GET by an account as well */
	ACME_AUTH_KEY,	/* a key in the request */
	ACME_AUTH_ACCOUNT,
	ACME_AUTH_EITHER
};

struct acme_route {
	const char *name;
	bool has_id;
	const char *suffix; /* after the id */
	enum acme_auth auth;
	int (*handle)(struct acme_turn *);
};

/**
 * acme_route_find(name, id, suffix):
 * Return the route of /acme/<name>[/<id>[/<suffix>]], or NULL; what the path
 * does not have is NULL.
 */
const struct acme_route *acme_route_find(
    const char *name, const char *id, const char *suffix);

#endif
