/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc_test.h"
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

static struct net_budget *
new_budget(uint32_t per_min, uint32_t burst, uint32_t site_factor, size_t max)
{
	const struct net_budget_options options = { per_min, burst, site_factor,
		max };
	struct net_budget *b;

	assert_int_equal(net_budget_new(&options, key, &b), 0);
	return b;
}

static void
bucket_refills_at_its_rate(void **state)
{
	struct net_addr a = peer(1);
	struct net_budget *b;
	uint64_t wait_ms = 0, now = 1000;
	unsigned took = 0;

	(void)state;
	b = new_budget(60, 5, 0, 10);
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
	b = new_budget(60, 1, 0, 10);
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
	b = new_budget(1, 1, 0, 100);
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

static int
take(struct net_budget *b, const char *ip, uint64_t now_ms)
{
	struct net_addr a;
	uint64_t wait_ms;

	assert_int_equal(net_addr_parse_ip(ip, 1, &a), 0);
	return net_budget_take(b, &a, now_ms, &wait_ms);
}

/* Who holds a /48 has 65,536 prefixes of /64, and the rate of four. */
static void
a_site_gets_four_times_a_prefix(void **state)
{
	struct net_budget *b = new_budget(600, 20, 4, 65536);
	struct net_addr a;
	uint64_t wait_ms = 0;
	unsigned took = 0;

	(void)state;
	for (int i = 0; i < 30; i++)
		took += take(b, "2001:db8:1:7::5", 1) == 0;
	assert_int_equal(took, 20);
	for (unsigned i = 0; i < 60000; i++) {
		a = peer(1 << 16 | i);
		took += net_budget_take(b, &a, 1, &wait_ms) == 0;
	}
	assert_int_equal(took, 80);
	assert_int_equal(wait_ms, 25); /* 40 a second */
	/* They made a bucket for each token, not for each prefix. */
	assert_in_range(net_budget_count(b), 2, 82);
	/* Other sites and IPv4 are not touched. */
	assert_int_equal(take(b, "2001:db8:2:7::5", 1), 0);
	assert_int_equal(take(b, "192.0.2.1", 1), 0);
	/* A site's /48 and its /64 number 0 are two buckets. */
	took = 0;
	for (int i = 0; i < 30; i++)
		took += take(b, "2001:db8:3::1", 1) == 0;
	assert_int_equal(took, 20);
	assert_int_equal(take(b, "2001:db8:3:1::1", 1), 0);
	net_budget_free(b);
}

static void
ipv4_is_charged_by_address(void **state)
{
	struct net_budget *b = new_budget(600, 20, 4, 65536);
	unsigned took = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		took += take(b, "192.0.2.1", 1) == 0;
	assert_int_equal(took, 20);
	assert_int_equal(take(b, "192.0.2.2", 1), 0);
	net_budget_free(b);
}

/*
 * Half a million spoofed sources, each new: the table stays at its size, no
 * memory is taken, and a peer who comes by now and then keeps its bucket, so
 * its tokens are not reset for it.
 */
static void
a_spoofed_flood_takes_no_memory(void **state)
{
	struct net_budget *b = new_budget(1, 2, 4, 65536);
	struct net_addr a;
	uint64_t wait_ms;
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;

	(void)state;
	assert_int_equal(take(b, "192.0.2.1", 1), 0);
	assert_int_equal(take(b, "192.0.2.1", 1), 0);
	alloc_test_fail(0); /* whoever allocates fails */
	for (uint32_t i = 0; i < 500000; i++) {
		a = (struct net_addr){ .family = NET_FAMILY_IP6 };
		a.bytes[0] = 0x20;
		memcpy(a.bytes + 1, &i, sizeof(i));
		assert_int_equal(net_budget_take(b, &a, 1, &wait_ms), 0);
		if (i % 20000 == 0)
			assert_int_equal(
			    take(b, "192.0.2.1", 1), ERR_PEER_RATE);
	}
	assert_false(alloc_test_failed());
	assert_int_equal(mallinfo2().uordblks + mallinfo2().hblkhd, before);
	assert_int_equal(net_budget_count(b), 65536);
	net_budget_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_refills_at_its_rate),
		cmocka_unit_test(peers_do_not_share),
		cmocka_unit_test(table_has_a_maximum),
		cmocka_unit_test(a_site_gets_four_times_a_prefix),
		cmocka_unit_test(ipv4_is_charged_by_address),
		cmocka_unit_test(a_spoofed_flood_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
