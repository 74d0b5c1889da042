/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 100,000 pending orders of somebody who never comes back: nobody waits for
 * them, and when they have expired they go, a bounded number at a time.
 */
#include "trustchain/ca_store_fixture.h"

#include "base/clock.h"
#include "loop/timer.h"
#include "trustchain/ca_gc.h"

enum { ORDERS = 100000, PER_BATCH = 500, HONEST_MS = 50 };

static const int64_t expires = 5000;
static int64_t now_ms;

static int64_t
get_now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock test_clock = { get_now, NULL };

static void
put_flood(struct ca_batch *b, int i)
{
	char order[16], authz[16], challenge[16], name[32], cert[16];
	struct ca_acme_authz z = { .id = authz,
		.account = "flood",
		.status = "pending",
		.expires = expires,
		.type = "dns",
		.value = name };
	struct ca_acme_challenge c = { .id = challenge,
		.authz = authz,
		.type = "http-01",
		.status = "pending",
		.token = "t" };
	struct ca_acme_order o = { .id = order,
		.account = "flood",
		.status = "pending",
		.expires = expires,
		.identifiers = "[]",
		.authzs = authz,
		.cert_id = cert };

	(void)snprintf(order, sizeof(order), "o%d", i);
	(void)snprintf(authz, sizeof(authz), "z%d", i);
	(void)snprintf(challenge, sizeof(challenge), "c%d", i);
	(void)snprintf(cert, sizeof(cert), "p%d", i);
	(void)snprintf(name, sizeof(name), "n%d.test", i);
	ca_batch_put_authz(b, &z);
	ca_batch_put_challenge(b, &c);
	ca_batch_put_order(b, &o);
}

static void
put_account(const char *id)
{
	struct ca_acme_account account = {
		.id = id, .status = "valid", .thumbprint = id, .jwk = "{}"
	};
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_account(b, &account);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
}

static void
flood(void)
{
	struct ca_batch *b;
	int i, k;

	put_account("flood");
	for (i = 0; i < ORDERS; i += PER_BATCH) {
		b = ca_batch_new();
		for (k = 0; k < PER_BATCH; k++)
			put_flood(b, i + k);
		assert_int_equal(s->ops->submit_wait(s, b), 0);
	}
}

/* An honest client meanwhile. */
static struct {
	struct loop *loop;
	struct loop_timer *timer;
	int sent, done;
} honest;

static void
on_stored(void *ctx, int rc)
{
	(void)ctx;
	assert_int_equal(rc, 0);
	honest.done++;
}

static void
on_honest(void *ctx)
{
	struct ca_acme_order o = { .account = "honest",
		.status = "pending",
		.expires = INT64_C(1) << 60,
		.identifiers = "[]" };
	struct ca_batch *b = ca_batch_new();
	int64_t pending;
	char id[16];

	(void)ctx;
	(void)snprintf(id, sizeof(id), "h%d", honest.sent++);
	o.id = id;
	ca_batch_put_order(b, &o);
	assert_int_equal(s->ops->submit(s, b, on_stored, NULL), 0);
	if (honest.sent % 10 != 0)
		return;
	/* Until nothing of the flood is left. */
	assert_int_equal(s->ops->count_pending(s, "flood", 0, &pending), 0);
	if (pending == 0)
		loop_stop(honest.loop);
}

static void
test_flood(void **state)
{
	struct ca_acme_order o;
	struct ca_acme_challenge c;
	struct ca_gc *gc;
	int64_t pending;

	(void)state;
	assert_int_equal(loop_new(&honest.loop), 0);
	s->ops->close(s);
	assert_int_equal(open_store(honest.loop), 0);
	flood();
	put_account("honest");
	assert_int_equal(s->ops->count_pending(s, "flood", 0, &pending), 0);
	assert_int_equal(pending, ORDERS);
	assert_int_equal(s->ops->count_pending(s, "honest", 0, &pending), 0);
	assert_int_equal(pending, 0);
	/* a day after they expired */
	now_ms = expires + INT64_C(86400000) + 1;
	assert_int_equal(ca_gc_new(s, &test_clock, honest.loop, &gc), 0);
	assert_int_equal(
	    loop_timer_new(honest.loop, on_honest, NULL, &honest.timer), 0);
	loop_timer_start(honest.timer, HONEST_MS, HONEST_MS);
	ca_gc_kick(gc);
	assert_true(loop_run_for(honest.loop, 60000));
	/* everything else went on */
	assert_true(honest.sent > 10);
	assert_true(honest.done >= honest.sent - 3);
	assert_int_equal(
	    s->ops->get_order(s, "o1", a, &o), ERR_STATE_NOT_FOUND);
	assert_int_equal(
	    s->ops->get_challenge(s, "c1", a, &c), ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->get_order(s, "h0", a, &o), 0);
	ca_gc_free(gc);
	loop_timer_free(honest.timer);
	s->ops->close(s);
	s = NULL;
	loop_free(honest.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flood, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
