/* SPDX-License-Identifier: Apache-2.0 */
/* The core's changes as a batch of the store. */
#include "trustchain/ca_acme_internal.h"

#include "acme/account.h"
#include "acme/eab.h"
#include "base/clock.h"
#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_store.h"

static void
put_account(struct ca_batch *b, const struct acme_account *a)
{
	const struct ca_acme_account row = { .id = a->id,
		.rev = a->rev,
		.status = acme_state_name(a->status),
		.thumbprint = a->thumbprint,
		.jwk = a->jwk,
		.contact = a->contact,
		.eab_kid = a->eab_kid,
		.created = a->created };

	ca_batch_put_account(b, &row);
}

static void
put_order(struct ca_batch *b, const struct acme_order *o)
{
	const struct ca_acme_order row = { .id = o->id,
		.rev = o->rev,
		.account = o->account,
		.status = acme_state_name(o->status),
		.created = o->created,
		.expires = o->expires,
		.identifiers = o->identifiers,
		.authzs = o->authzs,
		.profile = o->profile,
		.replaces = o->replaces,
		.error = o->error,
		.cert_id = o->cert_id,
		.csr = { o->csr, o->csr_len },
		.cert = o->cert };

	ca_batch_put_order(b, &row);
}

static void
put_authz(struct ca_batch *b, const struct acme_authz *z)
{
	const struct ca_acme_authz row = { .id = z->id,
		.rev = z->rev,
		.account = z->account,
		.status = acme_state_name(z->status),
		.created = z->created,
		.expires = z->expires,
		.type = z->type,
		.value = z->value,
		.wildcard = z->wildcard,
		.validated = z->validated,
		.caa_checked = z->caa_checked };

	ca_batch_put_authz(b, &row);
}

static void
put_challenge(struct ca_batch *b, const struct acme_challenge *c)
{
	const struct ca_acme_challenge row = { .id = c->id,
		.rev = c->rev,
		.authz = c->authz,
		.type = c->type,
		.status = acme_state_name(c->status),
		.token = c->token,
		.validated = c->validated,
		.error = c->error };

	ca_batch_put_challenge(b, &row);
}

static void
put(struct ca_batch *b, const struct acme_change *c, int64_t now_ms)
{
	const struct acme_eab_bind *bind;

	switch (c->kind) {
	case ACME_PUT_ACCOUNT:
		put_account(b, c->object);
		break;
	case ACME_PUT_ORDER:
		put_order(b, c->object);
		break;
	case ACME_PUT_AUTHZ:
		put_authz(b, c->object);
		break;
	case ACME_PUT_CHALLENGE:
		put_challenge(b, c->object);
		break;
	case ACME_BIND_EAB:
		bind = c->object;
		ca_batch_bind_eab(b, bind->kid, bind->account, now_ms);
		break;
	case ACME_AUDIT:
		ca_batch_outbox(b, now_ms, c->event, c->fields);
		break;
	}
}

int
ca_acme_commit(struct ca_acme *a, const struct acme_outcome *out,
    void (*done)(void *ctx, int rc), void *ctx)
{
	struct ca_batch *b = ca_batch_new();
	int64_t now_ms = base_clock_now_ms(a->o.clock);
	size_t i;

	if (b == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < out->n_changes; i++)
		put(b, &out->change[i], now_ms);
	ca_acme_limit_put(b, out, now_ms);
	return a->o.store->ops->submit(a->o.store, b, done, ctx);
}
