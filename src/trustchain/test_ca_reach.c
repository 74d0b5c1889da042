/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses validations connect to, and how many at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "loop/loop.h"
#include "trustchain/ca_acme_attempt.h"
#include "trustchain/ca_acme_internal.h"
#include "trustchain/ca_acme_reach.h"

enum { TIMEOUT_MS = 400, CROWD = 5 };

static struct {
	struct loop *loop;
	struct ca_config config;
	struct ca_acme acme;
} lab;

/* One reach and what came of it. */
struct one {
	struct ca_acme_attempt attempt;
	struct ca_acme_reach *reach;
	struct net_addr addr;
	unsigned connects, share_ms;
	enum acme_problem_type failed;
	char why[64];
};

static const char *const deny[] = { "::ffff:0:0/96", "10.0.0.0/8",
	"fc00::/7" };
static const char *const allow[] = { "fd99::/16" };

static int
set_up(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	assert_int_equal(loop_new(&lab.loop), 0);
	lab.config.server.environment = TRUSTCHAIN_LOCAL;
	lab.config.acme.validation_deny =
	    (struct ops_config_list){ (void *)(uintptr_t)deny, 3 };
	lab.config.acme.validation_allow =
	    (struct ops_config_list){ (void *)(uintptr_t)allow, 1 };
	lab.acme.o.loop = lab.loop;
	lab.acme.o.config = &lab.config;
	lab.acme.conf = &lab.config.acme;
	base_list_init(&lab.acme.reached);
	return ca_acme_address_load(&lab.acme, NULL);
}

static int
tear_down(void **state)
{
	(void)state;
	loop_free(lab.loop);
	return 0;
}

static void
on_connect(void *ctx, const struct net_addr *addr, unsigned share_ms)
{
	struct one *o = ctx;

	o->connects++;
	o->addr = *addr;
	o->share_ms = share_ms;
}

static void
on_failed(void *ctx, enum acme_problem_type type, const char *what)
{
	struct one *o = ctx;

	o->failed = type;
	strncpy(o->why, what, sizeof(o->why) - 1);
	ca_acme_reach_free(o->reach);
	o->reach = NULL;
}

static int
begin(struct one *o, const char *host)
{
	const struct ca_acme_reach_ask ask = { .attempt = &o->attempt,
		.host = host,
		.port = 443,
		.connect = on_connect,
		.failed = on_failed,
		.ctx = o };

	memset(o, 0, sizeof(*o));
	o->attempt.ask.acme = &lab.acme;
	o->attempt.deadline_ms = loop_now_ms(lab.loop) + TIMEOUT_MS;
	return ca_acme_reach_start(&ask, &o->reach);
}

static void
test_policy(void **state)
{
	static const struct {
		const char *host;
		bool ipv4;    /* allow_ipv4 */
		bool allowed; /* may be connected */
	} rows[] = {
		{ "2001:db8::1", false, true },
		{ "fd98::1", false, false },
		{ "fd99::1", false, true },
		{ "192.0.2.1", false, false },
		{ "192.0.2.1", true, true },
		{ "10.1.2.3", true, false },
		{ "::ffff:192.0.2.1", true, false },
		{ "::ffff:10.1.2.3", true, false },
	};
	struct one o;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lab.config.issue.allow_ipv4 = rows[i].ipv4;
		assert_int_equal(begin(&o, rows[i].host), 0);
		assert_int_equal(o.connects, 0); /* never at once */
		(void)loop_run_for(lab.loop, 20);
		if (o.connects != rows[i].allowed ||
		    (o.failed == ACME_PROBLEM_CONNECTION) == rows[i].allowed)
			fail_msg("%s: %u %s", rows[i].host, o.connects, o.why);
		if (rows[i].allowed) {
			assert_int_equal(o.addr.port, 443);
			assert_in_range(o.share_ms, 1, TIMEOUT_MS);
			ca_acme_reach_next(o.reach);
			assert_string_equal(o.why,
			    "no address answers on the validation port");
		}
		ca_acme_reach_free(o.reach);
	}
}

/* The list denies IPv4 where it says so, in IPv4's own form. */
static void
test_deny_all(void **state)
{
	static const char *const all[] = { "0.0.0.0/0" };
	struct net_addr addr;

	(void)state;
	lab.config.issue.allow_ipv4 = true;
	assert_int_equal(net_addr_parse_ip("192.0.2.1", 80, &addr), 0);
	assert_true(ca_acme_address_allowed(&lab.acme, &addr));
	lab.config.acme.validation_deny =
	    (struct ops_config_list){ (void *)(uintptr_t)all, 1 };
	assert_int_equal(ca_acme_address_load(&lab.acme, NULL), 0);
	assert_false(ca_acme_address_allowed(&lab.acme, &addr));
}

/* Four at a time of one address; the fifth waits its turn, not for ever. */
static void
test_crowd(void **state)
{
	struct one o[CROWD], other;

	(void)state;
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(begin(&o[i], "fd99::1"), 0);
	assert_int_equal(begin(&other, "fd99::2"), 0);
	(void)loop_run_for(lab.loop, 60);
	assert_int_equal(other.connects, 1);
	assert_int_equal(o[CROWD - 1].connects, 0);
	ca_acme_reach_free(o[0].reach);
	(void)loop_run_for(lab.loop, 100);
	assert_int_equal(o[CROWD - 1].connects, 1);
	assert_int_equal(begin(&o[0], "fd99::1"), 0);
	(void)loop_run_for(lab.loop, TIMEOUT_MS + 200);
	assert_int_equal(o[0].connects, 0);
	assert_int_equal(o[0].failed, ACME_PROBLEM_CONNECTION);
	assert_string_equal(o[0].why, "no answer in time");
	for (size_t i = 0; i < CROWD; i++)
		ca_acme_reach_free(o[i].reach);
	ca_acme_reach_free(other.reach);
	ca_acme_reach_free(NULL);
}

static int
start_and_free(void)
{
	struct one o;
	int rc = begin(&o, "fd99::1");

	if (rc == 0)
		ca_acme_reach_free(o.reach);
	return rc;
}

static void
test_memory(void **state)
{
	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	assert_true(alloc_test_each(start_and_free) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_policy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_deny_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crowd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
