/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "net/addr.h"
#include "net/prefix.h"

static void
addresses_round_trip(void **state)
{
	static const char *const good[] = { "[::1]:8443", "127.0.0.1:80",
		"[2001:db8::1]:0", "unix:/run/x.sock", "0.0.0.0:65535" };
	struct net_addr a;
	char text[NET_ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(net_addr_parse(good[i], &a), 0);
		net_addr_format(&a, text, sizeof(text));
		assert_string_equal(text, good[i]);
	}
	assert_int_equal(net_addr_parse("[::ffff:1.2.3.4]:5", &a), 0);
	net_addr_format(&a, text, sizeof(text));
	assert_string_equal(text, "1.2.3.4:5");
}

static void
bad_addresses_are_refused(void **state)
{
	static const char *const bad[] = { "", ":80", "::1:80", "[::1]",
		"[::1]:", "[::1]:65536", "[::1]:+1", "[::1]:01",
		"[127.0.0.1]:80", "localhost:80", "127.1:80", "[::1%lo]:80",
		"unix:", "1.2.3.4", "[::1:80", "::1]:80", "[]:80",
		("unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "a") };
	struct net_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    net_addr_parse(bad[i], &a), ERR_PEER_MALFORMED);
}

static void
sockaddrs_round_trip(void **state)
{
	static const char *const good[] = { "[::1]:8443", "127.0.0.1:80",
		"unix:/run/x.sock" };
	struct sockaddr_storage sa;
	struct net_addr a, b;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(net_addr_parse(good[i], &a), 0);
		assert_int_equal(
		    net_addr_to_sockaddr(&a, (struct sockaddr *)&sa, &len), 0);
		assert_int_equal(
		    net_addr_from_sockaddr((struct sockaddr *)&sa, len, &b), 0);
		assert_true(net_addr_equal(&a, &b));
	}
}

static void
prefixes_match_bit_by_bit(void **state)
{
	static const struct {
		const char *prefix, *addr;
		int match;
	} rows[] = {
		{ "fc00::/7", "fdff::1", 1 },
		{ "fc00::/7", "fe00::", 0 },
		{ "10.0.0.0/8", "10.255.0.1", 1 },
		{ "10.0.0.0/8", "11.0.0.0", 0 },
		{ "0.0.0.0/0", "1.2.3.4", 1 },
		{ "0.0.0.0/0", "::1", 0 },
		{ "::/0", "1.2.3.4", 0 },
		{ "::/0", "2001::1", 1 },
		{ "::1/128", "::1", 1 },
		{ "::1", "::2", 0 },
		{ "::ffff:0:0/96", "10.1.2.3", 1 },
		{ "::ffff:0:0/96", "::ffff:10.1.2.3", 1 },
		{ "::ffff:10.0.0.0/104", "10.9.9.9", 1 },
		{ "::ffff:10.0.0.0/104", "11.9.9.9", 0 },
		{ "172.16.0.0/12", "172.31.255.255", 1 },
		{ "172.16.0.0/12", "172.32.0.0", 0 },
		{ "100.64.0.0/10", "100.127.1.1", 1 },
		{ "64:ff9b::/96", "64:ff9b::a00:1", 1 },
	};
	struct net_prefix p;
	struct net_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(net_prefix_parse(rows[i].prefix, &p), 0);
		assert_int_equal(net_addr_parse_ip(rows[i].addr, 1, &a), 0);
		assert_int_equal(net_prefix_match(&p, &a), rows[i].match);
	}
}

static void
bad_prefixes_are_refused(void **state)
{
	static const char *const bad[] = { "", "/8", "10.0.0.0/33", "::/129",
		"10.0.0.1/8", "fc00::1/7", "::ffff:0:0/95", "10.0.0.0/",
		"10.0.0.0/-1", "10.0.0.0/8/8", "x/8" };
	struct net_prefix p;
	char text[NET_ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    net_prefix_parse(bad[i], &p), ERR_PEER_MALFORMED);
	assert_int_equal(net_prefix_parse("fc00::/7", &p), 0);
	net_prefix_format(&p, text, sizeof(text));
	assert_string_equal(text, "fc00::/7");
}

static void
budgets_join_an_ipv6_slash_64(void **state)
{
	struct net_prefix p, q;
	struct net_addr a, b;

	(void)state;
	assert_int_equal(net_addr_parse_ip("2001:db8:0:1::1", 1, &a), 0);
	assert_int_equal(net_addr_parse_ip("2001:db8:0:1:f::9", 2, &b), 0);
	net_prefix_of_peer(&a, &p);
	net_prefix_of_peer(&b, &q);
	assert_memory_equal(p.bytes, q.bytes, 16);
	assert_int_equal(net_addr_parse_ip("2001:db8:0:2::1", 1, &b), 0);
	net_prefix_of_peer(&b, &q);
	assert_memory_not_equal(p.bytes, q.bytes, 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_round_trip),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(sockaddrs_round_trip),
		cmocka_unit_test(prefixes_match_bit_by_bit),
		cmocka_unit_test(bad_prefixes_are_refused),
		cmocka_unit_test(budgets_join_an_ipv6_slash_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
