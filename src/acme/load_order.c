/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_order.h"

#include <string.h>

#include "acme/authz.h"
#include "acme/store.h"
#include "acme/turn_internal.h"
#include "base/arena.h"

int
acme_load_order_complete(const struct acme_store *store, struct arena *arena,
    const struct acme_order *o, const char *but, int64_t now_ms, bool *ret)
{
	struct acme_authz a;
	const char *p = o->authzs;
	char *id;
	int rc;

	for (*ret = true; *ret && *p != '\0'; p += *p == ',') {
		size_t len = strcspn(p, ",");

		id = base_arena_dup(arena, p, len);
		if (id == NULL)
			return ERR_SYS_NOMEM;
		p += len;
		if (but != NULL && strcmp(id, but) == 0)
			continue;
		rc = store->ops->authz(store->ctx, id, arena, &a);
		if (rc != 0)
			return rc;
		*ret = a.status == ACME_VALID && a.expires > now_ms;
	}
	return 0;
}

int
acme_load_order(struct acme_turn *t, const char *id, struct acme_order *ret)
{
	int rc = t->store->ops->order(t->store->ctx, id, t->arena, ret);
	bool ready = false;

	rc = acme_turn_missing(t, rc, "order");
	if (rc == 0)
		rc = acme_turn_own(t, ret->account);
	if (rc == 0 && ret->status == ACME_PENDING)
		rc = acme_load_order_complete(
		    t->store, t->arena, ret, NULL, t->now_ms, &ready);
	if (rc == 0 && ready)
		acme_state_move(ACME_ORDER, &ret->status, ACME_READY);
	return rc;
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
