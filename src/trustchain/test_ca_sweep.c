/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc_test.h"
#include "trustchain/ca_store_fixture.h"

#include "base/clock.h"
#include "crypto/rng.h"
#include "loop/work.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_emergency_fixture.h"
#include "trustchain/ca_sweep.h"

/*
 * Revoke-all over a real store: one token sweeps once, however often and
 * whatever fails; the publisher of CRLs is played.
 */
#define ID "0123456789abcdef0123456789abcdef"

static struct ca_sweep *sweeper;
static struct loop *loop;
static struct loop_pool *pool;
static struct ca_config config;
static struct ca_authority_issuer issuer = { .id = "int1" };
static struct ca_authority authority = { .n_issuers = 1, .issuer = &issuer };
static int64_t now;
static int publish_rc, published, swept_count;
static size_t counted;

static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock test_clock = { clock_now, NULL };

struct publication {
	ca_crl_fn *fn;
	void *ctx;
	int rc;
};

static void
on_publish(void *ctx)
{
	struct publication *p = ctx;

	published++;
	p->fn(p->ctx, p->rc, NULL, 0);
	free(p);
}

int
ca_crl_publish(struct ca_crl *c, ca_crl_fn *fn, void *ctx)
{
	struct publication *p = malloc(sizeof(*p));

	(void)c;
	if (p == NULL)
		return ERR_SYS_NOMEM;
	*p = (struct publication){ fn, ctx, publish_rc };
	return loop_post(loop, on_publish, p);
}

static void
on_swept(void *ctx)
{
	(void)ctx;
	swept_count++;
}

static void
on_revoked(void *ctx, const char *id, int64_t reason, size_t n)
{
	(void)ctx;
	assert_string_equal(id, "int1");
	assert_int_equal(reason, 4);
	counted += n;
}

static void
begin(void)
{
	const struct ca_sweep_opts o = { .loop = loop,
		.pool = pool,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.config = &config,
		.authority = &authority,
		.store = s,
		.swept = on_swept,
		.revoked = on_revoked };

	assert_int_equal(ca_sweep_new(&o, &sweeper), 0);
	loop_run_for(loop, 20);
}

static void
end(void)
{
	ca_sweep_stop(sweeper);
	s->ops->close(s);
	loop_run_for(loop, 5);
	ca_sweep_free(sweeper);
}

static int
setup_sweep(void **state)
{
	setup(state);
	s->ops->close(s);
	operators_new();
	now = 5000;
	publish_rc = published = swept_count = 0;
	counted = 0;
	memset(&config, 0, sizeof(config));
	config.auth.operators = operators;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(loop_pool_new(loop, 1, 64, &pool), 0);
	assert_int_equal(open_store(loop), 0);
	begin();
	return 0;
}

static int
teardown_sweep(void **state)
{
	end();
	s = NULL;
	loop_pool_free(pool);
	loop_free(loop);
	operators_free();
	return teardown(state);
}

struct got {
	int calls;
	enum ca_problem problem;
	char state[16];
	char token[CA_SWEEP_TOKEN_MAX];
	int64_t revoked;
};

static void
on_answer(void *ctx, const struct ca_sweep_result *r)
{
	struct got *g = ctx;
	const char *text;

	g->calls++;
	g->problem = r->problem;
	if ((text = json_string_value(json_object_get(r->reply, "state"))))
		snprintf(g->state, sizeof(g->state), "%s", text);
	if ((text = json_string_value(json_object_get(r->reply, "token"))))
		snprintf(g->token, sizeof(g->token), "%s", text);
	g->revoked = json_integer_value(json_object_get(r->reply, "revoked"));
}

static void
wait_for(const struct got *g)
{
	int i;

	for (i = 0; i < 500 && g->calls == 0; i++)
		loop_run_for(loop, 10);
	assert_int_equal(g->calls, 1);
}

/* A statement signed by the operators of the set ${who}. */
static struct got
arm(const char *action, unsigned who)
{
	char text[512], note[NOTE_CAP];
	struct got g = { 0 };
	int i;

	snprintf(text, sizeof(text),
	    "trustchain/emergency/v1\n" ID
	    "\naction %s\nscope all\nreason 4\nnot-after 60\n",
	    action);
	snprintf(note, sizeof(note), "%s\n", text);
	for (i = 0; i < 4; i++)
		if ((who & (1U << i)) != 0)
			sign_note(note, text, i,
			    operator_key[i == 2	  ? 1
					 : i == 3 ? 2
						  : i]);
	ca_sweep_arm(sweeper, note, strlen(note), on_answer, &g);
	wait_for(&g);
	return g;
}

static struct got
run(const char *token)
{
	struct got g = { 0 };

	ca_sweep_run(sweeper, token, NULL, on_answer, &g);
	wait_for(&g);
	return g;
}

static struct got
show(void)
{
	struct got g = { 0 };

	ca_sweep_show(sweeper, ID, on_answer, &g);
	wait_for(&g);
	return g;
}

static struct got
resume(const char *id)
{
	struct got g = { 0 };

	ca_sweep_resume(sweeper, id, "token:o", on_answer, &g);
	wait_for(&g);
	return g;
}

static int64_t
epoch(void)
{
	struct ca_issuer is;

	assert_int_equal(s->ops->get_issuer(s, "int1", a, &is), 0);
	return is.epoch;
}

static void
put(const char *serial)
{
	struct ca_cert c = cert(serial);

	assert_int_equal(c1(&c, NULL), 0);
}

static void
test_once(void **state)
{
	struct got g = arm("revoke-all", 3), one = { 0 }, two = { 0 };
	struct ca_status st;

	(void)state;
	put("s1");
	put("s2");
	assert_int_equal(g.problem, CA_PROBLEM_NONE);
	assert_int_equal(arm("revoke-all", 3).problem, CA_PROBLEM_CONFLICT);
	/* Two at the same moment. */
	ca_sweep_run(sweeper, g.token, NULL, on_answer, &one);
	ca_sweep_run(sweeper, g.token, NULL, on_answer, &two);
	wait_for(&one);
	wait_for(&two);
	assert_int_equal(one.problem, CA_PROBLEM_NONE);
	assert_int_equal(two.problem, CA_PROBLEM_NONE);
	assert_int_equal(one.revoked, 2);
	assert_int_equal(epoch(), 2);
	assert_int_equal(swept_count, 1);
	assert_int_equal(counted, 2);
	assert_int_equal(s->ops->get_status(s, "int1", blob("s1"), &st), 0);
	assert_int_equal(st.revoked_at, 5000);
	assert_int_equal(st.reason, 4);
	loop_run_for(loop, 50);
	assert_string_equal(show().state, "done");
	assert_int_equal(published, 1);
	now = 100000; /* the statement has expired, the operation has not */
	assert_int_equal(run(g.token).problem, CA_PROBLEM_NONE);
	assert_int_equal(epoch(), 2);
}

static void
test_refused(void **state)
{
	struct got g;

	(void)state;
	assert_int_equal(arm("revoke-all", 0).problem, CA_PROBLEM_MALFORMED);
	assert_int_equal(arm("revoke-all", 1).problem, CA_PROBLEM_FORBIDDEN);
	/* Bob twice, under two names. */
	assert_int_equal(arm("revoke-all", 6).problem, CA_PROBLEM_FORBIDDEN);
	assert_int_equal(arm("resume", 3).problem, CA_PROBLEM_FORBIDDEN);
	g = arm("revoke-all", 9);
	assert_int_equal(g.problem, CA_PROBLEM_NONE);
	assert_int_equal(run("tcE_").problem, CA_PROBLEM_UNAUTHORIZED);
	assert_int_equal(run("").problem, CA_PROBLEM_UNAUTHORIZED);
	assert_false(ca_sweep_check(sweeper, "tcE_" ID "_"));
	assert_true(ca_sweep_check(sweeper, g.token));
	/* An operator who has left since. */
	config.auth.operators.n = 3;
	assert_int_equal(run(g.token).problem, CA_PROBLEM_FORBIDDEN);
	config.auth.operators.n = 4;
	now = 61000;
	assert_int_equal(run(g.token).problem, CA_PROBLEM_FORBIDDEN);
	assert_int_equal(epoch(), 1);
	now = 5000;
	assert_int_equal(run(g.token).problem, CA_PROBLEM_NONE);
	assert_int_equal(resume(NULL).problem, CA_PROBLEM_FORBIDDEN);
	assert_int_equal(resume(ID).problem, CA_PROBLEM_FORBIDDEN);
	assert_int_equal(arm("resume", 4).problem, CA_PROBLEM_FORBIDDEN);
	assert_int_equal(arm("resume", 5).problem, CA_PROBLEM_NONE);
	assert_int_equal(resume(ID).problem, CA_PROBLEM_NONE);
	assert_string_equal(show().state, "resumed");
	assert_int_equal(resume(ID).problem, CA_PROBLEM_NONE);
}

/* The program ends before the CRLs are published: the next one does it. */
static void
test_restart(void **state)
{
	struct got g = arm("revoke-all", 3);

	(void)state;
	put("s1");
	publish_rc = ERR_SYS_IO;
	assert_int_equal(run(g.token).problem, CA_PROBLEM_NONE);
	loop_run_for(loop, 50);
	assert_string_equal(show().state, "running");
	end();
	publish_rc = 0;
	assert_int_equal(open_store(loop), 0);
	begin();
	loop_run_for(loop, 100);
	assert_string_equal(show().state, "done");
	assert_int_equal(show().revoked, 1);
	assert_int_equal(epoch(), 2);
}

/* The n-th operation on the disk fails: all is swept, or nothing. */
static void
test_disk(void **state)
{
	struct got g = arm("revoke-all", 3), r;
	struct ca_status st;
	uint64_t n;

	(void)state;
	put("s1");
	for (n = 1; n < 400; n += 3) {
		store_disk_fault_fail(
		    disk, store_disk_fault_ops(disk) + n, EIO);
		r = run(g.token);
		store_disk_fault_fail(disk, 0, 0);
		assert_int_equal(
		    s->ops->get_status(s, "int1", blob("s1"), &st), 0);
		assert_int_equal(st.kind == CA_STATUS_REVOKED, epoch() == 2);
		if (r.problem == CA_PROBLEM_NONE)
			assert_int_equal(epoch(), 2);
		end();
		assert_int_equal(open_store(loop), 0);
		begin();
		if (epoch() == 2)
			break;
		assert_string_equal(show().state, "armed");
	}
	assert_true(n > 1 && n < 400);
	/* Whatever the first answer was, the token tells how it stands. */
	loop_run_for(loop, 100);
	r = run(g.token);
	assert_int_equal(r.problem, CA_PROBLEM_NONE);
	assert_string_equal(r.state, "done");
	assert_int_equal(r.revoked, 1);
	assert_int_equal(epoch(), 2);
}

/* How the operation stands, once it has come to rest. */
static const char *
rested(int ms)
{
	static struct got g;
	int i;

	for (i = 0; i < ms; i += 10) {
		g = show();
		if (strcmp(g.state, "running") != 0)
			break;
		loop_run_for(loop, 10);
	}
	return g.state;
}

/*
 * The n-th allocation fails: all is swept, or nothing; what is swept is
 * finished by itself, without a restart.
 */
static void
sweep_without(long n, bool *ret_failed, int *waits)
{
	struct ca_status st;
	struct got g, r;
	void *state = NULL;

	assert_int_equal(setup_sweep(&state), 0);
	g = arm("revoke-all", 3);
	put("s1");
	(void)alloc_test_fail(n);
	r = run(g.token);
	loop_run_for(loop, 20);
	*ret_failed = alloc_test_failed() && ALLOC_TEST;
	assert_int_equal(s->ops->get_status(s, "int1", blob("s1"), &st), 0);
	assert_int_equal(st.kind == CA_STATUS_REVOKED, epoch() == 2);
	if (r.problem == CA_PROBLEM_NONE)
		assert_int_equal(epoch(), 2);
	if (epoch() == 1)
		assert_string_equal(show().state, "armed");
	/* It is tried again in 5 s: one of them is waited for. */
	else if (strcmp(rested(50), "done") != 0 && (*waits)++ < 1)
		assert_string_equal(rested(8000), "done");
	if (!*ret_failed)
		assert_string_equal(show().state, "done");
	teardown_sweep(&state);
}

static void
test_memory(void **state)
{
	bool failed = true;
	int waits = 0;
	long n;

	(void)state;
	for (n = 0; failed; n += 11)
		sweep_without(n, &failed, &waits);
	assert_true(n > 20 || !ALLOC_TEST);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_sweep, teardown_sweep)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_once),
		T(test_refused),
		T(test_restart),
		T(test_disk),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
