/* SPDX-License-Identifier: Apache-2.0 */
/* Download of the certificate (RFC 8555 section 7.4.2). */
#include "acme/handle.h"

#include "acme/order.h"
#include "acme/store.h"
#include "acme/turn_internal.h"

int
acme_handle_cert(struct acme_turn *t)
{
	struct acme_order o;
	const char *pem;
	size_t len;
	int rc = acme_turn_read(t);

	if (rc == 0)
		rc = t->store->ops->order_cert(
		    t->store->ctx, t->id, t->arena, &o);
	if (rc == 0)
		rc = acme_turn_own(t, o.account);
	if (rc == 0 && o.status != ACME_VALID)
		rc = ERR_STATE_NOT_FOUND;
	rc = acme_turn_missing(t, rc, "certificate");
	if (rc == 0)
		rc = t->store->ops->chain(
		    t->store->ctx, &o, t->arena, &pem, &len);
	return rc != 0 ? rc : acme_turn_pem(t, pem, len);
}
