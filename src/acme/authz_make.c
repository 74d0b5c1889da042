/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authz_make.h"

#include <string.h>

#include "acme/authz.h"
#include "acme/ident_type.h"
#include "acme/kind.h"
#include "acme/order_request.h"
#include "acme/store.h"
#include "acme/turn_change.h"

/*
 * What may prove which kind of identifier: dns-01 not an address (RFC 8738
 * section 7), and nothing but dns-01 a wildcard.
 */
static const struct {
	const char *type;
	bool ip, name, wildcard;
} methods[] = {
	{ "http-01", true, true, false },
	{ "dns-01", false, true, true },
	{ "tls-alpn-01", true, true, false },
};

static int
challenge(struct acme_turn *t, const char *authz, const char *type)
{
	struct acme_challenge *c = acme_turn_alloc(t, sizeof(*c));
	int rc;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_turn_id(t, 16, &c->id);
	if (rc == 0)
		rc = acme_turn_id(t, 32, &c->token);
	if (rc != 0)
		return rc;
	c->authz = authz;
	c->type = type;
	c->status = ACME_PENDING;
	return acme_turn_put(t, ACME_PUT_CHALLENGE, c);
}

/* A wildcard is kept as its base and a mark (RFC 8555 section 7.1.4). */
static void
identify(const struct acme_ident *ident, struct acme_authz *a)
{
	a->type = ident->type;
	a->wildcard = strncmp(ident->value, "*.", 2) == 0;
	a->value = ident->value + (a->wildcard ? 2 : 0);
}

static int
fresh(struct acme_turn *t, const struct acme_order_request *req,
    const struct acme_ident *ident, const char **ret_id)
{
	struct acme_authz *a = acme_turn_alloc(t, sizeof(*a));
	bool ip = strcmp(ident->type, "ip") == 0;
	size_t i;
	int rc;

	if (a == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_turn_id(t, 16, &a->id);
	if (rc != 0)
		return rc;
	a->account = t->account;
	a->created = t->now_ms;
	/* The account's binding can be the proof: no challenge then. */
	a->status = req->preauthorized ? ACME_VALID : ACME_PENDING;
	a->validated = req->preauthorized ? t->now_ms : 0;
	a->expires = t->now_ms + req->ttl_ms;
	identify(ident, a);
	*ret_id = a->id;
	rc = acme_turn_put(t, ACME_PUT_AUTHZ, a);
	if (req->preauthorized)
		return rc;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]) && rc == 0; i++)
		if (ip		  ? methods[i].ip
		    : a->wildcard ? methods[i].wildcard
				  : methods[i].name)
			rc = challenge(t, a->id, methods[i].type);
	return rc;
}

int
acme_authz_make(struct acme_turn *t, const struct acme_order_request *req,
    size_t i, const char **ret_id, bool *ret_fresh)
{
	const struct acme_ident *ident = &req->ident[i];
	struct acme_authz key = { .account = t->account, .expires = t->now_ms };
	struct acme_authz found;
	int rc;

	identify(ident, &key);
	rc = t->store->ops->authz_valid(t->store->ctx, &key, t->arena, &found);
	*ret_fresh = rc == ERR_STATE_NOT_FOUND && !req->preauthorized;
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
