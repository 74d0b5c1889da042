/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "net/addr.h"
#include "net/budget.h"

static const uint8_t key[16] = { 1 };

static struct net_addr
peer(unsigned n)
{
	struct net_addr a;
	char text[64];

	snprintf(text, sizeof(text), "2001:db8:%x:%x::1", n >> 16, n & 0xffff);
	assert_int_equal(net_addr_parse_ip(text, 1, &a), 0);
	return a;
}

static void
bucket_refills_at_its_rate(void **state)
{
	struct net_addr a = peer(1);
	struct net_budget *b;
	uint64_t wait_ms = 0, now = 1000;
	unsigned took = 0;

	(void)state;
	assert_int_equal(net_budget_new(60, 5, 10, key, &b), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(net_budget_take(b, &a, now, &wait_ms), 0);
	assert_int_equal(net_budget_take(b, &a, now, &wait_ms), ERR_PEER_RATE);
	assert_int_equal(wait_ms, 1000);
	assert_int_equal(
	    net_budget_take(b, &a, now + 999, &wait_ms), ERR_PEER_RATE);
	assert_int_equal(wait_ms, 1);
	assert_int_equal(net_budget_take(b, &a, now + 1000, &wait_ms), 0);
	/* Asking often does not lose fractions: 10 s give 10 tokens. */
	for (uint64_t t = now + 1000; t <= now + 11000; t += 7)
		took += net_budget_take(b, &a, t, &wait_ms) == 0;
	assert_in_range(took, 9, 10);
	/* A long pause fills it to the burst, no further. */
	took = 0;
	for (int i = 0; i < 100; i++)
		took += net_budget_take(b, &a, UINT64_MAX, &wait_ms) == 0;
	assert_int_equal(took, 5);
	/* A clock that goes back neither crashes nor gives tokens. */
	assert_int_equal(net_budget_take(b, &a, 0, &wait_ms), ERR_PEER_RATE);
	net_budget_free(b);
}

static void
peers_do_not_share(void **state)
{
	struct net_addr a = peer(1), c = peer(2);
	struct net_budget *b;
	uint64_t wait_ms;

	(void)state;
	assert_int_equal(net_budget_new(60, 1, 10, key, &b), 0);
	assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), 0);
	assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), ERR_PEER_RATE);
	assert_int_equal(net_budget_take(b, &c, 1, &wait_ms), 0);
	net_budget_free(b);
}

static void
table_has_a_maximum(void **state)
{
	struct net_addr a;
	struct net_budget *b;
	uint64_t wait_ms;

	(void)state;
	assert_int_equal(net_budget_new(1, 1, 100, key, &b), 0);
	for (unsigned i = 0; i < 1000; i++) {
		a = peer(i);
		assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), 0);
	}
	assert_int_equal(net_budget_count(b), 100);
	a = peer(999); /* remembered */
	assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), ERR_PEER_RATE);
	a = peer(0); /* forgotten */
	assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), 0);
	net_budget_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_refills_at_its_rate),
		cmocka_unit_test(peers_do_not_share),
		cmocka_unit_test(table_has_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
