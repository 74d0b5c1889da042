/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/issue.h"

#include "acme/load_authz.h"
#include "acme/order.h"
#include "acme/turn_internal.h"

int
acme_issue_start(struct acme_turn *t, const struct acme_order *o)
{
	struct acme_authz *authz;
	size_t n;
	int rc = acme_load_authzs(t, o->authzs, &authz, &n);

	return rc != 0 ? rc : acme_issue_effect(t, o, authz, n);
}
