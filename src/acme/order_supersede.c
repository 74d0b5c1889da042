/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order_supersede.h"

#include "acme/kind.h"
#include "acme/order.h"
#include "acme/store.h"
#include "acme/store_cert.h"
#include "acme/turn_change.h"

int
acme_order_supersede(struct acme_turn *t, const char *certid, bool *ret_first)
{
	struct acme_order *o = acme_turn_alloc(t, sizeof(*o));
	int rc;

	if (o == NULL)
		return ERR_SYS_NOMEM;
	rc =
	    t->store->certs->order_replaces(t->store->ctx, certid, t->arena, o);
	*ret_first = rc == ERR_STATE_NOT_FOUND;
	if (*ret_first)
		return 0;
	if (rc == 0 &&
	    (o->status == ACME_PROCESSING || o->status == ACME_VALID))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_ALREADY_REPLACED,
		    "RFC 9773 section 7.4: this certificate has been replaced "
		    "already");
	if (rc != 0)
		return rc;
	o->replaces = NULL;
	return acme_turn_put(t, ACME_PUT_ORDER, o);
}
