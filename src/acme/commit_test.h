/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_COMMIT_TEST_H
#define ACME_COMMIT_TEST_H

#include "acme/certid.h"
#include "acme/store_cert.h"
#include "acme/store_test.h"

/** get_eab: one call of the store. */
static int
get_eab(void *ctx, const char *kid, int64_t now_ms, struct arena *a,
    struct acme_eab *ret)
{
	(void)ctx;
	(void)now_ms;
	(void)a;
	FIND(lab.eab, lab.n_eab, strcmp(lab.eab[i].kid, kid) == 0);
}

/** get_cert: one call of the store. */
static int
get_cert(void *ctx, const uint8_t *der, size_t len, struct arena *a,
    struct acme_cert *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.cert, lab.n_cert,
	    len == 2 && memcmp(lab.cert_der[i], der, 2) == 0);
}

/** get_cert_named: one call of the store. */
static int
get_cert_named(void *ctx, const struct acme_certid *id, struct arena *a,
    struct acme_cert *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.cert, lab.n_cert,
	    id->aki_len == 3 && memcmp(id->aki, "AKI", 3) == 0 &&
		id->serial_len == 1 &&
		lab.cert_serial[i][0] == (char)id->serial[0]);
}

/** get_order_replaces: one call of the store. */
static int
get_order_replaces(
    void *ctx, const char *certid, struct arena *a, struct acme_order *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.order, lab.n_order,
	    lab.order[i].replaces != NULL &&
		strcmp(lab.order[i].replaces, certid) == 0 &&
		lab.order[i].status != ACME_INVALID);
}

/** get_chain: one call of the store. */
static int
get_chain(void *ctx, const struct acme_order *o, struct arena *a,
    const char **ret, size_t *ret_len)
{
	(void)ctx;
	(void)o;
	(void)a;
	*ret = "CHAIN";
	*ret_len = 5;
	return 0;
}

static const struct acme_store_ops ops = { get_account, get_account_key,
	get_eab, get_order, get_order_cert, get_orders, get_orders_of,
	get_authz, get_authz_valid, get_pending, get_challenge, get_challenges,
	get_chain };
static const struct acme_store_certs certs = { get_cert, get_cert_named,
	get_order_replaces };
static const struct acme_store store = { &ops, NULL, &certs };

#define PUT(list, n, object, type)                                             \
	do {                                                                   \
		const type *o_ = (object);                                     \
		size_t at_ = 0;                                                \
		while (at_ < (n) && strcmp((list)[at_].id, o_->id) != 0)       \
			at_++;                                                 \
		assert_true(at_ < ROWS_MAX);                                   \
		/* optimistic locking, as the real store has it */             \
		assert_int_equal(o_->rev, at_ < (n) ? (list)[at_].rev : 0);    \
		(list)[at_] = *o_;                                             \
		(list)[at_].rev++;                                             \
		if (at_ == (n))                                                \
			(n)++;                                                 \
	} while (0)

/** bind_eab: an external account is bound to its account. */
static void
bind_eab(const struct acme_eab_bind *bind)
{
	for (size_t i = 0; i < lab.n_eab; i++)
		if (strcmp(lab.eab[i].kid, bind->kid) == 0) {
			assert_true(lab.eab[i].usable);
			lab.eab[i].usable = false;
			lab.eab[i].key_len = 0;
			lab.bound[i] = bind->account;
		}
}

/** commit: what the real store does with an outcome. */
static void
commit(const struct acme_outcome *out)
{
	for (size_t i = 0; i < out->n_changes; i++) {
		const struct acme_change *c = &out->change[i];

		if (c->kind == ACME_PUT_ACCOUNT)
			PUT(lab.account, lab.n_account, c->object,
			    struct acme_account);
		else if (c->kind == ACME_PUT_ORDER)
			PUT(lab.order, lab.n_order, c->object,
			    struct acme_order);
		else if (c->kind == ACME_PUT_AUTHZ)
			PUT(lab.authz, lab.n_authz, c->object,
			    struct acme_authz);
		else if (c->kind == ACME_PUT_CHALLENGE)
			PUT(lab.challenge, lab.n_challenge, c->object,
			    struct acme_challenge);
		else if (c->kind == ACME_BIND_EAB)
			bind_eab(c->object);
	}
	acme_server_charge(lab.server, out, lab.now);
}

#endif
