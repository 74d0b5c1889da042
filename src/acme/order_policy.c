/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order_policy.h"

#include <string.h>

#include "acme/eab.h"
#include "acme/eab_confine.h"
#include "acme/order_request.h"
#include "acme/server_internal.h"
#include "acme/turn_internal.h"

size_t
acme_order_policy_idents(const struct acme_turn *t)
{
	return t->srv->config.max_identifiers;
}

int
acme_order_policy(struct acme_turn *t, struct acme_order_request *req)
{
	const struct acme_server_config *c = &t->srv->config;
	const char *name;
	size_t i;
	int rc = acme_eab_of(t, &req->eab);

	if (rc != 0)
		return rc;
	req->ttl_ms = c->order_ttl_ms;
	req->pending_max = c->limit_pending_authz;
	req->preauthorized = req->eab != NULL && req->eab->preauthorized;
	for (i = 0; i < c->n_profiles; i++) {
		name = c->profiles[i].name;
		if ((req->profile != NULL && strcmp(name, req->profile) != 0) ||
		    !acme_eab_profile(req->eab, name))
			continue;
		req->profile = name;
		return 0;
	}
	return acme_turn_refuse(t, 0, ACME_PROBLEM_INVALID_PROFILE,
	    "the directory does not list this profile, or this account may "
	    "not have it");
}
