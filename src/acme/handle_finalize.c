/* SPDX-License-Identifier: Apache-2.0 */
/* finalize (RFC 8555 section 7.4). */
#include "acme/handle.h"

#include "acme/issue.h"
#include "acme/load_order.h"
#include "acme/turn_internal.h"

int
acme_handle_finalize(struct acme_turn *t)
{
	struct acme_order *o = acme_turn_alloc(t, sizeof(*o));
	int rc;

	if (o == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_load_order(t, t->id, o);
	if (rc != 0)
		return rc;
	if (acme_load_order_state(o, t->now_ms) != ACME_READY)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_ORDER_NOT_READY,
		    "RFC 8555 section 7.4: the order is not ready");
	rc = acme_issue_csr(t, o);
	return rc != 0 ? rc : acme_issue_start(t, o);
}
