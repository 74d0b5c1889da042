/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn.h"

#include "acme/handle.h"
#include "acme/load_order.h"
#include "acme/turn_internal.h"

void
acme_turn_order(struct acme_turn *t, const char *order_id, int64_t now_ms,
    struct acme_outcome *ret)
{
	struct acme_order o;
	int rc;

	t->out = ret;
	t->now_ms = now_ms;
	rc = acme_load_order(t, order_id, &o);
	if (rc == 0)
		rc = acme_handle_show_order(t, 200, &o);
	if (rc != 0 && rc != ERR_STATE_REFUSED)
		acme_turn_internal(t, rc);
	if (rc != 0)
		acme_turn_fail(t, t->problem, ret);
}
