/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/verdict.h"

#include <string.h>

#include "acme/limit_kind.h"
#include "acme/load_authz.h"
#include "acme/news.h"
#include "acme/outcome.h"
#include "acme/store.h"
#include "base/arena.h"

static void
charge(struct acme_outcome *o, enum acme_limit_kind kind, const char *key)
{
	o->charge[0].limit = (int)kind;
	o->charge[0].key = key;
	o->n_charges = 1;
}

static int
fail(const struct acme_verdict *v, struct arena *arena, struct acme_authz *a,
    struct acme_challenge *c, struct acme_outcome *ret)
{
	const char *key = acme_load_authz_limit_key(arena, a);

	acme_state_move(ACME_CHALLENGE, &c->status, ACME_INVALID);
	acme_state_move(ACME_AUTHZ, &a->status, ACME_INVALID);
	c->error = v->error;
	if (key == NULL)
		return ERR_SYS_NOMEM;
	charge(ret, ACME_LIMIT_FAILED, key);
	return 0;
}

static void
succeed(const struct acme_verdict *v, struct acme_authz *a,
    struct acme_challenge *c)
{
	acme_state_move(ACME_CHALLENGE, &c->status, ACME_VALID);
	acme_state_move(ACME_AUTHZ, &a->status, ACME_VALID);
	c->validated = v->now_ms;
	a->validated = v->now_ms;
	a->expires = v->now_ms + v->authz_ttl_ms;
	a->caa_checked = v->caa_checked ? v->now_ms : 0;
}

int
acme_verdict_apply(const struct acme_verdict *v, const struct acme_store *store,
    struct arena *arena, struct acme_outcome *ret)
{
	struct acme_challenge *c = base_arena_alloc(arena, sizeof(*c));
	struct acme_authz *a = base_arena_alloc(arena, sizeof(*a));
	struct acme_news n = { store, arena, ret, a, NULL, v->now_ms };
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (c == NULL || a == NULL)
		return ERR_SYS_NOMEM;
	rc = store->ops->challenge(store->ctx, v->challenge, arena, c);
	if (rc == 0)
		rc = store->ops->authz(store->ctx, c->authz, arena, a);
	if (rc != 0)
		return rc;
	if (c->status != ACME_PROCESSING || a->status != ACME_PENDING ||
	    a->expires <= v->now_ms)
		return ERR_STATE_STALE;
	if (v->error == NULL)
		succeed(v, a, c);
	else
		rc = fail(v, arena, a, c, ret);
	n.error = c->error;
	if (rc == 0)
		rc = acme_outcome_put(ret, arena, ACME_PUT_CHALLENGE, c);
	if (rc == 0)
		rc = acme_outcome_put(ret, arena, ACME_PUT_AUTHZ, a);
	return rc != 0 ? rc : acme_news_tell(&n);
}
