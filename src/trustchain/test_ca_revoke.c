/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc_test.h"
#include "trustchain/ca_store_fixture.h"

#include "base/clock.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_revoke.h"

/*
 * Revocation as it is asked for: selectors, blocks, what is answered, and
 * what is left behind when the disk fails.
 */
static struct ca_revoke *rv;
static struct loop *loop;
static int64_t now = 5000;
static size_t counted;

static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock clock_5s = { clock_now, NULL };

static void
on_revoked(void *ctx, const char *issuer, int64_t reason, size_t n)
{
	(void)ctx;
	(void)reason;
	assert_string_equal(issuer, "int1");
	counted += n;
}

static int
setup_revoke(void **state)
{
	struct ca_revoke_opts o = { .clock = &clock_5s, .revoked = on_revoked };

	setup(state);
	s->ops->close(s);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(open_store(loop), 0);
	o.store = s;
	now = 5000;
	counted = 0;
	assert_int_equal(ca_revoke_new(&o, &rv), 0);
	return 0;
}

static int
teardown_revoke(void **state)
{
	ca_revoke_stop(rv);
	s->ops->close(s);
	s = NULL;
	loop_run_for(loop, 5);
	ca_revoke_free(rv);
	loop_free(loop);
	return teardown(state);
}

struct got {
	int calls;
	enum ca_problem problem;
	json_t *reply;
};

static void
on_answer(void *ctx, const struct ca_revoke_result *r)
{
	struct got *g = ctx;

	g->calls++;
	g->problem = r->problem;
	assert_int_equal(r->problem == CA_PROBLEM_NONE, r->detail == NULL);
	g->reply = json_incref(r->reply);
}

static struct got
ask(const char *text)
{
	json_t *req = json_loads(text, 0, NULL);
	struct got g = { 0 };
	int i;

	assert_non_null(req);
	ca_revoke_submit(rv, req, "token:t9", on_answer, &g);
	json_decref(req);
	for (i = 0; i < 200 && g.calls == 0; i++)
		loop_run_for(loop, 10);
	assert_int_equal(g.calls, 1);
	return g;
}

static enum ca_problem
refused(const char *text)
{
	struct got g = ask(text);

	assert_null(g.reply);
	return g.problem;
}

/* {revoked, serials, reason, at} must be this JSON. */
static void
done(const char *text, const char *want)
{
	struct got g = ask(text);
	char *is;

	assert_int_equal(g.problem, CA_PROBLEM_NONE);
	is = json_dumps(g.reply, JSON_COMPACT);
	assert_string_equal(is, want);
	free(is);
	json_decref(g.reply);
}

static void
put(const char *serial)
{
	static uint8_t spki[32];
	struct ca_cert c = cert(serial);

	memset(spki, serial[1], sizeof(spki));
	c.spki = (struct ca_blob){ spki, 32 };
	assert_int_equal(c1(&c, NULL), 0);
	assert_int_equal(c2(serial), 0);
}

static void
test_serial(void **state)
{
	struct ca_block block;

	(void)state;
	put("s1");
	put("s2");
	assert_int_equal(
	    refused("{\"serial\":\"7339\"}"), CA_PROBLEM_NOT_FOUND);
	done("{\"serial\":\"7331\",\"reason\":4}",
	    "{\"revoked\":1,\"serials\":[\"7331\"],\"reason\":4,"
	    "\"at\":\"1970-01-01T00:00:05Z\"}");
	assert_int_equal(counted, 1);
	/* Again: the first date and reason, and no second event. */
	now = 8000;
	done("{\"serial\":\"7331\",\"reason\":1,\"block\":true}",
	    "{\"revoked\":1,\"serials\":[\"7331\"],\"reason\":4,"
	    "\"at\":\"1970-01-01T00:00:05Z\"}");
	assert_int_equal(counted, 1);
	assert_int_equal(s->ops->get_block(s, "spki",
			     "3131313131313131313131313131313131313131313131313"
			     "131313131313131",
			     a, &block),
	    0);
	assert_string_equal(block.by, "token:t9");
	assert_int_equal(s->ops->get_block(s, "spki",
			     "3232323232323232323232323232323232323232323232323"
			     "232323232323232",
			     a, &block),
	    ERR_STATE_NOT_FOUND);
	/* The certificate's digest is "s2" here. */
	assert_int_equal(
	    refused("{\"fingerprint\":\"7332\"}"), CA_PROBLEM_MALFORMED);
}

static void
test_name(void **state)
{
	struct ca_block block;

	(void)state;
	put("s1");
	put("s2");
	done("{\"serial\":\"7331\"}",
	    "{\"revoked\":1,\"serials\":[\"7331\"],\"reason\":0,"
	    "\"at\":\"1970-01-01T00:00:05Z\"}");
	now = 6000;
	done("{\"name\":\"WWW.example\",\"block\":true,\"reason\":5}",
	    "{\"revoked\":2,\"serials\":[\"7331\",\"7332\"],\"reason\":5,"
	    "\"at\":\"1970-01-01T00:00:06Z\"}");
	assert_int_equal(counted, 2);
	assert_int_equal(
	    s->ops->get_block(s, "name", "www.example", a, &block), 0);
	done("{\"eab_kid\":\"nobody\",\"block\":true}",
	    "{\"revoked\":0,\"serials\":[],\"reason\":0,"
	    "\"at\":\"1970-01-01T00:00:06Z\"}");
	assert_int_equal(s->ops->get_block(s, "eab", "nobody", a, &block), 0);
}

static void
test_malformed(void **state)
{
	static const char *const bad[] = { "{}", "{\"serial\":1}",
		"{\"serial\":\"\"}", "{\"serial\":\"xyz\"}",
		"{\"serial\":\"7331\",\"name\":\"a.b\"}",
		"{\"name\":\"urn:a:b\",\"reason\":2}",
		"{\"serial\":\"7331\",\"reason\":\"1\"}",
		"{\"serial\":\"7331\",\"reason\":-1}",
		"{\"serial\":\"7331\",\"reason\":6}",
		"{\"serial\":\"7331\",\"block\":1}",
		"{\"serial\":\"0102030405060708090a0b0c0d0e0f101112131415\"}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(refused(bad[i]), CA_PROBLEM_MALFORMED);
}

/* A revocation that is not durable is not reported. */
static void
test_disk(void **state)
{
	struct ca_status st;

	(void)state;
	put("s1");
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 1, EIO);
	assert_int_equal(
	    refused("{\"serial\":\"7331\"}"), CA_PROBLEM_STORAGE_UNAVAILABLE);
	assert_int_equal(counted, 0);
	assert_int_equal(s->revocations, 0);
	assert_int_equal(s->ops->get_status(s, "int1", blob("s1"), &st), 0);
	assert_int_equal(st.kind, CA_STATUS_GOOD);
}

/* At the end those under way are told, once. */
static void
test_stop(void **state)
{
	json_t *req = json_pack("{s:s}", "serial", "7331");
	struct got g = { 0 };

	(void)state;
	put("s1");
	ca_revoke_submit(rv, req, "system", on_answer, &g);
	json_decref(req);
	ca_revoke_stop(rv);
	assert_int_equal(g.calls, 1);
	assert_int_equal(g.problem, CA_PROBLEM_STORAGE_UNAVAILABLE);
	loop_run_for(loop, 20);
	assert_int_equal(g.calls, 1);
}

/* Whatever allocation fails: it is revoked with its event, or not at all. */
static void
test_memory(void **state)
{
	json_t *req = json_pack(
	    "{s:s, s:i, s:b}", "serial", "7331", "reason", 4, "block", 1);
	struct ca_outbox *rows;
	struct ca_status st;
	struct got g;
	size_t i, k;
	long n;

	(void)state;
	put("s1");
	for (n = 0; n < 5000; n++) {
		memset(&g, 0, sizeof(g));
		(void)alloc_test_fail(n);
		ca_revoke_submit(rv, req, "token:t9", on_answer, &g);
		for (i = 0; i < 500 && g.calls == 0; i++)
			loop_run_for(loop, 2);
		(void)alloc_test_failed();
		assert_int_equal(g.calls, 1);
		assert_true(g.problem == CA_PROBLEM_NONE ||
			    g.problem == CA_PROBLEM_INTERNAL ||
			    g.problem == CA_PROBLEM_RATE_LIMITED ||
			    g.problem == CA_PROBLEM_STORAGE_UNAVAILABLE);
		json_decref(g.reply);
		assert_int_equal(
		    s->ops->get_status(s, "int1", blob("s1"), &st), 0);
		if (st.kind == CA_STATUS_REVOKED)
			break;
		assert_true(g.problem != CA_PROBLEM_NONE);
		assert_int_equal(counted, 0);
	}
	json_decref(req);
	assert_true(n > 20 || !ALLOC_TEST);
	assert_int_equal(s->ops->list_outbox(s, 0, 100, a, &rows, &k), 0);
	assert_string_equal(rows[k - 1].event, "block.added");
	assert_string_equal(rows[k - 2].event, "cert.revoked");
	assert_string_equal(rows[k - 2].fields,
	    "{\"serial\":\"7331\",\"issuer\":\"int1\",\"reason\":4,"
	    "\"by\":\"token:t9\"}");
}

static void
test_name_text(void **state)
{
	static const char *const same[] = { "a.example", "2001:db8::1",
		"192.0.2.1", "urn:troth:node:00", "*.a.example" };
	struct ca_name_octets n;
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(ca_name_parse(same[i], &n), 0);
		ca_name_text(&n.name, text, sizeof(text));
		assert_string_equal(text, same[i]);
	}
	assert_int_equal(ca_name_parse("192.0.2.1", &n), 0);
	assert_int_equal(n.name.value.len, 16);
	assert_int_equal(ca_name_parse("A.Example", &n), 0);
	assert_memory_equal(n.name.value.data, "a.example", 9);
	assert_true(ca_name_parse("", &n) != 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_revoke, teardown_revoke)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_serial),
		T(test_name),
		T(test_malformed),
		T(test_disk),
		T(test_stop),
		T(test_memory),
		cmocka_unit_test(test_name_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
