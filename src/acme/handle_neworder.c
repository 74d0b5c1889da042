/* SPDX-License-Identifier: Apache-2.0 */
/* newOrder (RFC 8555 section 7.4). */
#include "acme/handle.h"

#include <string.h>

#include "acme/authz_make.h"
#include "acme/kind.h"
#include "acme/order.h"
#include "acme/order_request.h"
#include "acme/turn_change.h"

enum { ID_LEN = 22 /* 16 octets in base64url */ };

/* The list of the order's authorizations, and how many of them are new. */
static int
authorize(struct acme_turn *t, const struct acme_order_request *req,
    const char **ret, size_t *ret_pending)
{
	char *list = acme_turn_alloc(t, req->n_idents * (ID_LEN + 1) + 1), *at;
	const char *id;
	bool fresh;
	size_t i;
	int rc;

	if (list == NULL)
		return ERR_SYS_NOMEM;
	*ret_pending = 0;
	for (i = 0, at = list; i < req->n_idents; i++) {
		rc = acme_authz_make(t, req, i, &id, &fresh);
		if (rc != 0)
			return rc;
		if (strlen(id) != ID_LEN)
			return ERR_SYS_CORRUPT;
		if (i > 0)
			*at++ = ',';
		memcpy(at, id, ID_LEN);
		at += ID_LEN;
		*ret_pending += fresh;
	}
	*ret = list;
	return acme_authz_make_pending(
	    t, *ret_pending, req->exempt ? 0 : req->pending_max);
}

int
acme_handle_new_order(struct acme_turn *t)
{
	struct acme_order *o = acme_turn_alloc(t, sizeof(*o));
	struct acme_order_request req;
	size_t pending;
	int rc = acme_order_request_read(t, &req);

	if (rc == 0 && o == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = acme_turn_id(t, 16, &o->id);
	if (rc == 0)
		rc = acme_turn_id(t, 16, &o->cert_id);
	if (rc == 0)
		rc = authorize(t, &req, &o->authzs, &pending);
	if (rc != 0)
		return rc;
	o->account = t->account;
	o->status = ACME_PENDING;
	o->created = t->now_ms;
	o->expires = t->now_ms + req.ttl_ms;
	o->profile = req.profile;
	o->replaces = req.replaces;
	o->identifiers = req.identifiers;
	/* Section 7.1.6: with nothing left to prove it is ready at once. */
	if (pending == 0)
		acme_state_move(ACME_ORDER, &o->status, ACME_READY);
	rc = acme_turn_put(t, ACME_PUT_ORDER, o);
	return rc != 0 ? rc : acme_handle_show_order(t, 201, o);
}
