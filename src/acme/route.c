/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/route.h"

#include <string.h>

#include "acme/handle.h"

static const struct acme_route routes[] = {
	{ "directory", false, NULL, ACME_AUTH_NONE, acme_handle_directory },
	{ "new-nonce", false, NULL, ACME_AUTH_NONE, acme_handle_nonce },
	{ "new-acct", false, NULL, ACME_AUTH_KEY, acme_handle_new_account },
	{ "new-order", false, NULL, ACME_AUTH_ACCOUNT, acme_handle_new_order },
	{ "key-change", false, NULL, ACME_AUTH_ACCOUNT,
	    acme_handle_key_change },
	{ "revoke-cert", false, NULL, ACME_AUTH_EITHER, acme_handle_revoke },
	{ "renewal-info", true, NULL, ACME_AUTH_NONE, acme_handle_renewal },
	{ "acct", true, NULL, ACME_AUTH_ACCOUNT, acme_handle_account },
	{ "acct", true, "orders", ACME_AUTH_ACCOUNT, acme_handle_orders },
	{ "order", true, NULL, ACME_AUTH_ACCOUNT, acme_handle_order },
	{ "order", true, "finalize", ACME_AUTH_ACCOUNT, acme_handle_finalize },
	{ "authz", true, NULL, ACME_AUTH_ACCOUNT, acme_handle_authz },
	{ "chall", true, NULL, ACME_AUTH_ACCOUNT, acme_handle_challenge },
	{ "cert", true, NULL, ACME_AUTH_ACCOUNT, acme_handle_cert },
};

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct acme_route *
acme_route_find(const char *name, const char *id, const char *suffix)
{
	size_t i;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct acme_route *r = &routes[i];

		if (strcmp(r->name, name) == 0 && r->has_id == (id != NULL) &&
		    (id == NULL || id[0] != '\0') && same(r->suffix, suffix))
			return r;
	}
	return NULL;
}
