/* SPDX-License-Identifier: Apache-2.0 */
/* The core's objects over the rows of the store. */
#include "trustchain/ca_acme_internal.h"

#include <stdlib.h>
#include <string.h>

#include "acme/account.h"
#include "base/arena.h"
#include "base/map.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_store.h"

enum { ORDERS_A_PAGE = 50 };

static struct ca_store *
store_of(void *ctx)
{
	return ((struct ca_acme *)ctx)->o.store;
}

static int
to_account(const struct ca_acme_account *r, struct acme_account *ret)
{
	const struct acme_account a = { .id = r->id,
		.rev = r->rev,
		.thumbprint = r->thumbprint,
		.jwk = r->jwk,
		.contact = r->contact,
		.eab_kid = r->eab_kid,
		.created = r->created };

	*ret = a;
	return acme_state_parse(ACME_ACCOUNT, r->status, &ret->status);
}

int
ca_acme_order_of_row(const struct ca_acme *a, const struct ca_acme_order *r,
    struct acme_order *ret)
{
	const struct acme_order o = { .id = r->id,
		.rev = r->rev,
		.account = r->account,
		.created = r->created,
		.expires = r->expires,
		.identifiers = r->identifiers,
		.authzs = r->authzs == NULL ? "" : r->authzs,
		.profile = r->profile,
		.replaces = r->replaces,
		.error = r->error,
		.cert_id = r->cert_id,
		.csr = r->csr.data,
		.csr_len = r->csr.len,
		.cert = r->cert };

	*ret = o;
	if (acme_state_parse(ACME_ORDER, r->status, &ret->status) != 0)
		return ERR_SYS_CORRUPT;
	/* Between finalize and C1 the store still says ready. */
	if (ret->status == ACME_READY &&
	    base_map_get(a->issuing, r->id, strlen(r->id)) != NULL)
		ret->status = ACME_PROCESSING;
	return 0;
}

static int
to_authz(const struct ca_acme_authz *r, struct acme_authz *ret)
{
	const struct acme_authz z = { .id = r->id,
		.rev = r->rev,
		.account = r->account,
		.created = r->created,
		.expires = r->expires,
		.type = r->type,
		.value = r->value,
		.wildcard = r->wildcard,
		.validated = r->validated,
		.caa_checked = r->caa_checked };

	*ret = z;
	return acme_state_parse(ACME_AUTHZ, r->status, &ret->status);
}

static int
to_challenge(const struct ca_acme_challenge *r, struct acme_challenge *ret)
{
	const struct acme_challenge c = { .id = r->id,
		.rev = r->rev,
		.authz = r->authz,
		.type = r->type,
		.token = r->token,
		.validated = r->validated,
		.error = r->error };

	*ret = c;
	return acme_state_parse(ACME_CHALLENGE, r->status, &ret->status);
}

static int
read_account(
    void *ctx, const char *id, struct arena *arena, struct acme_account *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_account row;
	int rc = s->ops->get_account(s, id, arena, &row);

	return rc != 0 ? rc : to_account(&row, ret);
}

static int
read_account_key(void *ctx, const char *thumbprint, struct arena *arena,
    struct acme_account *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_account row;
	int rc = s->ops->get_account_key(s, thumbprint, arena, &row);

	return rc != 0 ? rc : to_account(&row, ret);
}

static int
read_order(
    void *ctx, const char *id, struct arena *arena, struct acme_order *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_order row;
	int rc = s->ops->get_order(s, id, arena, &row);

	return rc != 0 ? rc : ca_acme_order_of_row(ctx, &row, ret);
}

static int
read_order_cert(
    void *ctx, const char *cert_id, struct arena *arena, struct acme_order *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_order row;
	int rc = s->ops->get_order_cert(s, cert_id, arena, &row);

	return rc != 0 ? rc : ca_acme_order_of_row(ctx, &row, ret);
}

static int
to_orders(const struct ca_acme *a, const struct ca_acme_order *row, size_t n,
    struct arena *arena, struct acme_order **ret)
{
	struct acme_order *o = base_arena_alloc(arena, (n + 1) * sizeof(*o));
	size_t i;
	int rc = o == NULL ? ERR_SYS_NOMEM : 0;

	for (i = 0; i < n && rc == 0; i++)
		rc = ca_acme_order_of_row(a, &row[i], &o[i]);
	if (rc == 0)
		*ret = o;
	return rc;
}

static int
read_orders(void *ctx, const char *account, const char *cursor,
    struct arena *arena, struct acme_order **ret, size_t *ret_n)
{
	const struct ca_order_page page = { account, cursor, ORDERS_A_PAGE };
	struct ca_store *s = store_of(ctx);
	struct ca_acme_order *row;
	int rc = s->ops->list_orders(s, &page, arena, &row, ret_n);

	return rc != 0 ? rc : to_orders(ctx, row, *ret_n, arena, ret);
}

static int
read_orders_of_authz(void *ctx, const char *authz, struct arena *arena,
    struct acme_order **ret, size_t *ret_n)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_order *row;
	int rc = s->ops->orders_of_authz(s, authz, arena, &row, ret_n);

	return rc != 0 ? rc : to_orders(ctx, row, *ret_n, arena, ret);
}

static int
read_authz(
    void *ctx, const char *id, struct arena *arena, struct acme_authz *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_authz row;
	int rc = s->ops->get_authz(s, id, arena, &row);

	return rc != 0 ? rc : to_authz(&row, ret);
}

static int
read_authz_valid(void *ctx, const struct acme_authz *key, struct arena *arena,
    struct acme_authz *ret)
{
	const struct ca_authz_key k = { key->account, key->type, key->value,
		"valid", key->wildcard, key->expires };
	struct ca_store *s = store_of(ctx);
	struct ca_acme_authz row;
	int rc = s->ops->find_authz(s, &k, arena, &row);

	return rc != 0 ? rc : to_authz(&row, ret);
}

static int
read_count_pending(void *ctx, const char *account, int64_t now_ms, int64_t *ret)
{
	struct ca_store *s = store_of(ctx);

	return s->ops->count_pending(s, account, now_ms, ret);
}

static int
read_challenge(
    void *ctx, const char *id, struct arena *arena, struct acme_challenge *ret)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_challenge row;
	int rc = s->ops->get_challenge(s, id, arena, &row);

	return rc != 0 ? rc : to_challenge(&row, ret);
}

static int
read_challenges(void *ctx, const char *authz, struct arena *arena,
    struct acme_challenge **ret, size_t *ret_n)
{
	struct ca_store *s = store_of(ctx);
	struct ca_acme_challenge *row;
	struct acme_challenge *c;
	size_t i;
	int rc = s->ops->list_challenges(s, authz, arena, &row, ret_n);

	if (rc != 0)
		return rc;
	c = base_arena_alloc(arena, (*ret_n + 1) * sizeof(*c));
	if (c == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < *ret_n && rc == 0; i++)
		rc = to_challenge(&row[i], &c[i]);
	*ret = c;
	return rc;
}

/* Leaf and intermediates (RFC 8555 section 7.4.2). */
static int
read_chain(void *ctx, const struct acme_order *o, struct arena *arena,
    const char **ret, size_t *ret_len)
{
	const struct ca_authority_issuer *issuer;
	struct ca_acme *a = ctx;
	struct ca_cert row;
	size_t leaf, rest;
	char *pem, *out;
	int rc = a->o.store->ops->get_cert_id(a->o.store, o->cert, arena, &row);

	if (rc != 0)
		return rc;
	issuer = ca_authority_find(a->o.authority, row.issuer);
	if (issuer == NULL)
		return ERR_SYS_CORRUPT;
	if (row.final.len == 0)
		return ERR_STATE_NOT_FOUND;
	pem = ca_record_pem(row.final.data, row.final.len);
	if (pem == NULL)
		return ERR_SYS_NOMEM;
	leaf = strlen(pem);
	rest = strlen(issuer->chain_pem);
	out = base_arena_alloc(arena, leaf + rest + 1);
	if (out != NULL) {
		memcpy(out, pem, leaf);
		memcpy(out + leaf, issuer->chain_pem, rest);
	}
	free(pem);
	*ret = out;
	*ret_len = leaf + rest;
	return out == NULL ? ERR_SYS_NOMEM : 0;
}

const struct acme_store_ops ca_acme_store_ops = {
	.account = read_account,
	.account_key = read_account_key,
	.eab = ca_acme_eab_read,
	.order = read_order,
	.order_cert = read_order_cert,
	.orders = read_orders,
	.orders_of_authz = read_orders_of_authz,
	.authz = read_authz,
	.authz_valid = read_authz_valid,
	.count_pending = read_count_pending,
	.challenge = read_challenge,
	.challenges = read_challenges,
	.chain = read_chain,
};
