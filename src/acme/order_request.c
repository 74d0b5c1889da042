/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order_request.h"

#include <string.h>

#include "acme/ident.h"
#include "acme/ident_check.h"
#include "acme/limit_kind.h"
#include "acme/order_policy.h"
#include "acme/order_replaces.h"
#include "acme/payload_order.h"
#include "acme/turn_change.h"

static void
lower(const char *s)
{
	char *p;

	/* The string is our copy in the arena. */
	for (p = (char *)(uintptr_t)s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
}

/* Names in lower case, each once. */
static void
normalise(struct acme_order_request *m)
{
	size_t i, j, n = 0;

	for (i = 0; i < m->n_idents; i++) {
		lower(m->ident[i].value);
		for (j = 0; j < n; j++)
			if (strcmp(m->ident[i].type, m->ident[j].type) == 0 &&
			    strcmp(m->ident[i].value, m->ident[j].value) == 0)
				break;
		if (j == n)
			m->ident[n++] = m->ident[i];
	}
	m->n_idents = n;
}

static int
check_limits(struct acme_turn *t, const struct acme_order_request *r)
{
	int rc;

	rc = acme_turn_limited(
	    t, ACME_LIMIT_ORDERS, t->account, "orders of this account");
	if (rc != 0)
		return rc;
	acme_turn_charge(t, ACME_LIMIT_ORDERS, t->account);
	return acme_turn_limited(t, ACME_LIMIT_DUPLICATES, r->set,
	    "certificates for this set of names");
}

int
acme_order_request_read(struct acme_turn *t, struct acme_order_request *ret)
{
	struct acme_payload_order order = { 0 };
	int rc = acme_payload_order(t, acme_order_policy_idents(t), &order);

	if (rc != 0)
		return rc;
	ret->ident = order.ident;
	ret->n_idents = order.n_idents;
	ret->profile = order.profile;
	ret->replaces = order.replaces;
	ret->exempt = false;
	normalise(ret);
	rc = acme_order_policy(t, ret);
	if (rc == 0)
		rc = acme_ident_check(t, ret);
	if (rc != 0)
		return rc;
	ret->identifiers =
	    acme_ident_encode(ret->ident, ret->n_idents, t->arena);
	ret->set = acme_ident_key(ret->ident, ret->n_idents, t->arena);
	if (ret->identifiers == NULL || ret->set == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_order_replaces(t, ret);
	return rc != 0 || ret->exempt ? rc : check_limits(t, ret);
}
