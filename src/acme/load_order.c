/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_order.h"

#include "acme/store.h"
#include "acme/turn_internal.h"

int
acme_load_order(struct acme_turn *t, const char *id, struct acme_order *ret)
{
	int rc = t->store->ops->order(t->store->ctx, id, t->arena, ret);

	rc = acme_turn_missing(t, rc, "order");
	return rc != 0 ? rc : acme_turn_own(t, ret->account);
}

enum acme_state
acme_load_order_state(const struct acme_order *o, int64_t now_ms)
{
	/* What is being issued is not given up half-way. */
	if (o->expires <= now_ms &&
	    (o->status == ACME_PENDING || o->status == ACME_READY))
		return ACME_INVALID;
	return o->status;
}
