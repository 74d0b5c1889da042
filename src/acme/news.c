/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/news.h"

#include "acme/authz.h"
#include "acme/load_order.h"
#include "acme/order.h"
#include "acme/outcome.h"
#include "acme/store.h"
#include "base/arena.h"

static int
tell_order(const struct acme_news *n, const struct acme_order *was)
{
	enum acme_state to = ACME_INVALID;
	struct acme_order *o;
	bool ready = true;
	int rc;

	if (was->status != ACME_PENDING && was->status != ACME_READY)
		return 0;
	if (n->authz->status == ACME_VALID) {
		to = ACME_READY;
		if (was->status == ACME_READY)
			return 0;
		rc = acme_load_order_complete(
		    n->store, n->arena, was, n->authz->id, n->now_ms, &ready);
		if (rc != 0)
			return rc;
	}
	o = base_arena_dup(n->arena, was, sizeof(*was));
	if (o == NULL)
		return ERR_SYS_NOMEM;
	/*
	 * Put even when it stays pending: two authorizations that become valid
	 * at once each see the other pending, and it is the order's revision
	 * that makes the second of them look again.
	 */
	if (ready)
		acme_state_move(ACME_ORDER, &o->status, to);
	o->error = to == ACME_INVALID ? n->error : NULL;
	return acme_outcome_put(n->out, n->arena, ACME_PUT_ORDER, o);
}

int
acme_news_tell(const struct acme_news *n)
{
	struct acme_order *o;
	size_t i, count;
	int rc;

	rc = n->store->ops->orders_of_authz(
	    n->store->ctx, n->authz->id, n->arena, &o, &count);
	for (i = 0; rc == 0 && i < count; i++)
		rc = tell_order(n, &o[i]);
	return rc;
}
