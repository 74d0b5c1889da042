/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authz_make.h"

#include "acme/authz.h"
#include "acme/ident_type.h"
#include "acme/kind.h"
#include "acme/order_request.h"
#include "acme/store.h"
#include "acme/turn_internal.h"

static int
fresh(struct acme_turn *t, const struct acme_order_request *req,
    const struct acme_ident *ident, const char **ret_id)
{
	struct acme_authz *a = acme_turn_alloc(t, sizeof(*a));
	struct acme_challenge *c = acme_turn_alloc(t, sizeof(*c));
	int rc;

	if (a == NULL || c == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_turn_id(t, 16, &a->id);
	if (rc == 0)
		rc = acme_turn_id(t, 16, &c->id);
	if (rc == 0)
		rc = acme_turn_id(t, 32, &c->token);
	if (rc != 0)
		return rc;
	a->account = t->account;
	a->status = ACME_PENDING;
	a->created = t->now_ms;
	a->expires = t->now_ms + req->ttl_ms;
	a->type = ident->type;
	a->value = ident->value;
	c->authz = a->id;
	c->type = "http-01";
	c->status = ACME_PENDING;
	*ret_id = a->id;
	rc = acme_turn_put(t, ACME_PUT_AUTHZ, a);
	return rc != 0 ? rc : acme_turn_put(t, ACME_PUT_CHALLENGE, c);
}

int
acme_authz_make(struct acme_turn *t, const struct acme_order_request *req,
    size_t i, const char **ret_id, bool *ret_fresh)
{
	const struct acme_ident *ident = &req->ident[i];
	const struct acme_authz key = { .account = t->account,
		.type = ident->type,
		.value = ident->value,
		.expires = t->now_ms };
	struct acme_authz found;
	int rc;

	rc = t->store->ops->authz_valid(t->store->ctx, &key, t->arena, &found);
	*ret_fresh = rc == ERR_STATE_NOT_FOUND;
	if (rc == 0)
		*ret_id = found.id;
	else if (rc == ERR_STATE_NOT_FOUND)
		rc = fresh(t, req, ident, ret_id);
	return rc;
}

int
acme_authz_make_pending(struct acme_turn *t, size_t more, size_t most)
{
	int64_t pending;
	int rc;

	if (more == 0 || most == 0)
		return 0;
	rc = t->store->ops->count_pending(
	    t->store->ctx, t->account, t->now_ms, &pending);
	if (rc != 0 || pending + (int64_t)more <= (int64_t)most)
		return rc;
	rc = acme_turn_header(t, "retry-after", "60");
	return rc != 0 ? rc
		       : acme_turn_refuse(t, 0, ACME_PROBLEM_RATE_LIMITED,
			     "too many pending authorizations of this account");
}
