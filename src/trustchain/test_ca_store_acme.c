/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_fixture.h"

static int
put_order(struct ca_acme_order *o)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_order(b, o);
	return s->ops->submit_wait(s, b);
}

/* Account, authorization, challenge and order as newOrder stores them. */
static struct ca_acme_order
acme_objects(void)
{
	struct ca_acme_account acct = {
		.id = "acct", .status = "valid", .thumbprint = "tp", .jwk = "{}"
	};
	struct ca_acme_authz z = { .id = "z1",
		.account = "acct",
		.status = "pending",
		.expires = 5000,
		.type = "dns",
		.value = "www.example" };
	struct ca_acme_challenge ch = { .id = "c1",
		.authz = "z1",
		.type = "http-01",
		.status = "pending",
		.token = "tok" };
	struct ca_acme_order o = { .id = "o1",
		.account = "acct",
		.status = "pending",
		.created = 10,
		.expires = 5000,
		.identifiers = "[]",
		.authzs = "z1,z2",
		.replaces = "old",
		.cert_id = "pub1" };
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_account(b, &acct);
	ca_batch_put_authz(b, &z);
	ca_batch_put_challenge(b, &ch);
	z.id = "z2";
	z.value = "two.example";
	z.expires = 6000;
	ca_batch_put_authz(b, &z);
	ca_batch_put_order(b, &o);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	return o;
}

static void
test_acme(void **state)
{
	struct ca_acme_order o = acme_objects(), r, *orders;
	struct ca_authz_key key = { .account = "acct",
		.type = "dns",
		.value = "www.example",
		.status = "pending",
		.now = 4999 };
	struct ca_order_page page = { "acct", NULL, 1 };
	struct ca_acme_account acct;
	struct ca_acme_challenge *chs, ch;
	struct ca_acme_authz z;
	size_t n;
	int64_t v;

	(void)state;
	assert_int_equal(s->ops->get_order(s, "o1", a, &r), 0);
	assert_int_equal(r.rev, 1);
	assert_int_equal(s->ops->orders_of_authz(s, "z2", a, &orders, &n), 0);
	assert_int_equal(n, 1);
	/* The faster of two writers wins. */
	r.status = "ready";
	assert_int_equal(put_order(&r), 0);
	assert_int_equal(put_order(&r), ERR_STATE_CONFLICT);
	assert_int_equal(s->ops->get_order(s, "o1", a, &r), 0);
	assert_int_equal(r.rev, 2);
	assert_string_equal(r.status, "ready");
	assert_int_equal(s->ops->orders_of_authz(s, "z2", a, &orders, &n), 0);
	assert_int_equal(n, 0);
	/* One living order per replaced certificate. */
	o.id = "o2";
	o.cert_id = NULL;
	o.created = 11;
	assert_int_equal(put_order(&o), ERR_STATE_EXISTS);
	r.status = "invalid";
	assert_int_equal(put_order(&r), 0);
	assert_int_equal(put_order(&o), 0);
	/* Newest first, with a cursor. */
	assert_int_equal(s->ops->list_orders(s, &page, a, &orders, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(orders[0].id, "o2");
	page.cursor = "o2";
	page.limit = 5;
	assert_int_equal(s->ops->list_orders(s, &page, a, &orders, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(orders[0].id, "o1");
	assert_int_equal(s->ops->get_order_cert(s, "pub1", a, &r), 0);
	assert_int_equal(s->ops->get_account_key(s, "tp", a, &acct), 0);
	assert_string_equal(acct.id, "acct");
	assert_int_equal(s->ops->find_authz(s, &key, a, &z), 0);
	assert_string_equal(z.id, "z1");
	key.now = 5000;
	assert_int_equal(
	    s->ops->find_authz(s, &key, a, &z), ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->count_pending(s, "acct", 5000, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(s->ops->list_challenges(s, "z1", a, &chs, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(s->ops->get_challenge(s, "c1", a, &ch), 0);
	assert_string_equal(ch.token, "tok");
}

/* The order goes with its certificate: ready, processing, valid. */
static void
test_order_with_cert(void **state)
{
	struct ca_acme_order o = acme_objects(), r;
	struct ca_cert c = cert("s1");
	struct ca_batch *b;

	(void)state;
	c.order_id = o.id;
	o.rev = 1;
	o.status = "invalid";
	assert_int_equal(put_order(&o), 0);
	assert_int_equal(c1(&c, NULL), ERR_STATE_CONFLICT);
	o.rev = 2;
	o.status = "ready";
	assert_int_equal(put_order(&o), 0);
	assert_int_equal(c1(&c, NULL), 0);
	assert_int_equal(s->ops->get_order(s, "o1", a, &r), 0);
	assert_string_equal(r.status, "processing");
	/* A second finalize of the same order is refused. */
	c.serial = blob("s2");
	assert_int_equal(c1(&c, NULL), ERR_STATE_CONFLICT);
	assert_int_equal(c2("s1"), 0);
	assert_int_equal(s->ops->get_order(s, "o1", a, &r), 0);
	assert_string_equal(r.status, "valid");
	assert_int_equal(s->ops->get_cert_id(s, r.cert, a, &c), 0);
	assert_memory_equal(c.serial.data, "s1", 2);
	/* Another one is abandoned. */
	o = (struct ca_acme_order){ .id = "o3",
		.account = "acct",
		.status = "ready",
		.identifiers = "[]" };
	assert_int_equal(put_order(&o), 0);
	c = cert("s3");
	c.order_id = "o3";
	assert_int_equal(c1(&c, NULL), 0);
	b = ca_batch_new();
	ca_batch_abandon(b, "int1", blob("s3"), 2000, "{\"e\":1}");
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_order(s, "o3", a, &r), 0);
	assert_string_equal(r.status, "invalid");
	assert_string_equal(r.error, "{\"e\":1}");
}

static void
test_gc(void **state)
{
	struct ca_acme_order o = acme_objects(), r;
	struct ca_batch *b;
	int64_t removed;
	struct ca_acme_challenge ch;
	struct ca_acme_authz z;

	(void)state;
	o.id = "o2";
	o.status = "valid";
	o.replaces = o.cert_id = NULL;
	o.authzs = "z2";
	assert_int_equal(put_order(&o), 0);
	b = ca_batch_new();
	ca_batch_gc(b, 5000 + 86400000, &removed);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_order(s, "o1", a, &r), 0);
	b = ca_batch_new();
	ca_batch_gc(b, 6001 + 86400000, &removed);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(
	    s->ops->get_order(s, "o1", a, &r), ERR_STATE_NOT_FOUND);
	assert_int_equal(
	    s->ops->get_authz(s, "z1", a, &z), ERR_STATE_NOT_FOUND);
	assert_int_equal(
	    s->ops->get_challenge(s, "c1", a, &ch), ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->get_order(s, "o2", a, &r), 0);
	assert_int_equal(s->ops->get_authz(s, "z2", a, &z), 0);
}

static int
submit_eab(const char *kid, const char *account, int64_t now)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_bind_eab(b, kid, account, now);
	return s->ops->submit_wait(s, b);
}

static const char secret[] = "hmac key of 32 octets, found here";

static void
put_eab(const char *kid)
{
	const struct ca_eab row = { .kid = kid,
		.hmac_key = { (const uint8_t *)secret, 32 },
		.name_scopes = "[\"a.test\"]",
		.profiles = "",
		.preauthorized = 1,
		.created = 1,
		.expires = 1000 };
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_eab(b, &row);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
}

/* One account per key; a bound or revoked key leaves no trace of its octets. */
static void
test_eab(void **state)
{
	struct ca_block block = { "eab", "k2", 900, "op" };
	struct ca_acme_account *accounts, acct;
	struct ca_eab row, *rows;
	struct ca_batch *b;
	int64_t removed;
	size_t n;

	(void)state;
	(void)acme_objects();
	put_eab("k1");
	put_eab("k2");
	put_eab("k3");
	assert_int_equal(s->ops->get_eab(s, "k1", a, &row), 0);
	assert_int_equal(row.hmac_key.len, 32);
	assert_memory_equal(row.hmac_key.data, secret, 32);
	assert_int_equal(submit_eab("k1", "acct", 1000), ERR_STATE_CONFLICT);
	assert_int_equal(submit_eab("no", "acct", 1), ERR_STATE_CONFLICT);
	assert_int_equal(submit_eab("k1", "acct", 999), 0);
	assert_int_equal(submit_eab("k1", "other", 999), ERR_STATE_CONFLICT);
	assert_int_equal(s->ops->get_eab(s, "k1", a, &row), 0);
	assert_string_equal(row.account, "acct");
	assert_int_equal(row.hmac_key.len, 0);
	/* a block revokes, whether or not the key exists */
	b = ca_batch_new();
	ca_batch_put_block(b, &block);
	block.value = "unknown";
	ca_batch_put_block(b, &block);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_eab(s, "k2", a, &row), 0);
	assert_int_equal(row.revoked_at, 900);
	assert_int_equal(submit_eab("k2", "acct", 1), ERR_STATE_CONFLICT);
	/* revoking a bound key ends its account */
	assert_int_equal(s->ops->get_account(s, "acct", a, &acct), 0);
	assert_string_equal(acct.status, "valid");
	b = ca_batch_new();
	ca_batch_revoke_eab(b, "k1", 950);
	ca_batch_revoke_eab(b, "k1", 960);
	ca_batch_revoke_eab(b, "k3", 960);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_account(s, "acct", a, &acct), 0);
	assert_string_equal(acct.status, "revoked");
	assert_int_equal(s->ops->list_eabs(s, NULL, a, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].revoked_at, 950);
	assert_int_equal(s->ops->list_eabs(s, "k1", a, &rows, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].kid, "k2");
	assert_int_equal(s->ops->list_accounts(s, NULL, a, &accounts, &n), 0);
	assert_int_equal(n, 1);
	/* one that nobody came for is wiped */
	put_eab("k4");
	b = ca_batch_new();
	ca_batch_gc(b, 1000, &removed);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_eab(s, "k4", a, &row), 0);
	assert_int_equal(row.hmac_key.len, 0);
	b = ca_batch_new();
	ca_batch_end_account(b, "acct");
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	b = ca_batch_new();
	ca_batch_end_account(b, "nobody");
	assert_int_equal(s->ops->submit_wait(s, b), ERR_STATE_NOT_FOUND);
}

/* Whether the database's file holds eight octets of the key in a row. */
static bool
file_has_secret(void)
{
	FILE *f = fopen(path, "rb");
	char *data = calloc(1, 4 << 20);
	size_t len = fread(data, 1, 4 << 20, f);
	bool found = false;
	int i;

	assert_true(len > 0);
	for (i = 0; i <= 24; i++)
		found |= memmem(data, len, secret + i, 8) != NULL;
	free(data);
	(void)fclose(f);
	return found;
}

static void
test_eab_wiped(void **state)
{
	(void)state;
	(void)acme_objects();
	put_eab("k1");
	s->ops->close(s);
	assert_true(file_has_secret());
	assert_int_equal(open_store(NULL), 0);
	assert_int_equal(submit_eab("k1", "acct", 999), 0);
	s->ops->close(s);
	assert_false(file_has_secret());
	assert_int_equal(open_store(NULL), 0);
}

static void
charge(const char *key, int64_t window)
{
	struct ca_limit row = { .kind = 1,
		.key = key,
		.window = window,
		.until = (window + 2) * 100 };
	struct ca_batch *b = ca_batch_new();

	ca_batch_charge(b, &row);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
}

/* Counters of limits slide, survive, and go when they are of no more use. */
static void
test_limits(void **state)
{
	struct ca_limit *v, after = { .kind = 1, .key = "a" };
	struct ca_batch *b;
	int64_t removed;
	size_t n;

	(void)state;
	charge("a", 7);
	charge("a", 7);
	charge("a", 8);
	charge("b", 7);
	charge("b", 9);
	restart();
	assert_int_equal(s->ops->list_limits(s, NULL, 800, a, &v, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].key, "a");
	assert_int_equal(v[0].window, 8);
	assert_int_equal(v[0].now, 1);
	assert_int_equal(v[0].before, 2);
	assert_int_equal(v[1].window, 9);
	assert_int_equal(v[1].now, 1);
	assert_int_equal(v[1].before, 0);
	assert_int_equal(s->ops->list_limits(s, &after, 800, a, &v, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(s->ops->list_limits(s, NULL, 1000, a, &v, &n), 0);
	assert_int_equal(n, 1);
	b = ca_batch_new();
	ca_batch_gc(b, 1000, &removed);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(removed, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_acme),
		T(test_order_with_cert),
		T(test_gc),
		T(test_limits),
		T(test_eab),
		T(test_eab_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
