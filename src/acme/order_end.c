/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order_end.h"

#include <string.h>

#include "acme/ident.h"
#include "acme/ident_list.h"
#include "acme/limit_kind.h"
#include "acme/order.h"
#include "acme/outcome.h"
#include "base/arena.h"

int
acme_order_end_refused(const struct acme_order *order, const char *error,
    struct arena *arena, struct acme_outcome *ret)
{
	struct acme_order *o;

	memset(ret, 0, sizeof(*ret));
	if (!acme_state_may(ACME_ORDER, order->status, ACME_INVALID))
		return ERR_STATE_STALE;
	o = base_arena_dup(arena, order, sizeof(*order));
	if (o == NULL)
		return ERR_SYS_NOMEM;
	o->error = error;
	acme_state_move(ACME_ORDER, &o->status, ACME_INVALID);
	return acme_outcome_put(ret, arena, ACME_PUT_ORDER, o);
}

int
acme_order_end_issued(const struct acme_order *order, struct arena *arena,
    struct acme_outcome *ret)
{
	struct acme_ident *ident;
	size_t n;
	int rc = acme_ident_list_decode(order->identifiers, arena, &ident, &n);

	memset(ret, 0, sizeof(*ret));
	if (rc != 0)
		return rc;
	ret->charge[0].limit = ACME_LIMIT_DUPLICATES;
	ret->charge[0].key = acme_ident_key(ident, n, arena);
	ret->n_charges = ret->charge[0].key == NULL ? 0 : 1;
	return 0;
}
