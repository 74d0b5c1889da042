/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/alloc_test.h"
#include "base/fault.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/udp.h"

/* What a socket received; the handler answers when ${echo} is set. */
struct sink {
	struct net_udp *u;
	struct loop *l;
	struct net_addr peer, local;
	uint8_t last[65536];
	size_t last_len, count, stop_at, free_at;
	uint32_t next; /* the number the next datagram must have */
	unsigned out_of_order, busy_us;
	bool echo;
};

static const struct net_udp_options plain = { .datagram_max = 1452,
	.queue_bytes_max = 4 << 20,
	.queue_datagrams_max = 4096,
	.socket_buffer_bytes = 4 << 20,
	.offload = true };

static void
received(void *ctx, const struct net_udp_datagram *d)
{
	struct sink *s = ctx;
	uint32_t number = 0;
	uint64_t until;

	s->peer = *d->peer;
	s->local = *d->local;
	memcpy(s->last, d->bytes, d->len);
	s->last_len = d->len;
	s->count++;
	if (d->len >= sizeof(number))
		memcpy(&number, d->bytes, sizeof(number));
	s->out_of_order += number != s->next++;
	if (s->busy_us > 0) {
		until = loop_monotonic_us() + s->busy_us;
		while (loop_monotonic_us() < until)
			;
	}
	if (s->echo)
		assert_int_equal(
		    net_udp_send(s->u, d->peer, d->local, d->bytes, d->len), 0);
	if (s->count == s->free_at) {
		net_udp_free(s->u);
		s->u = NULL;
	}
	if (s->count == s->stop_at)
		loop_stop(s->l);
}

static void
open_sink(struct sink *s, struct loop *l, const char *addr,
    const struct net_udp_options *options)
{
	struct net_addr a;

	memset(s, 0, sizeof(*s));
	s->l = l;
	assert_int_equal(net_addr_parse(addr, &a), 0);
	assert_int_equal(net_udp_open(l, &a, options, received, s, &s->u), 0);
}

static uint16_t
port_of(const struct sink *s)
{
	struct net_addr a;

	assert_int_equal(net_udp_socket_bound(net_udp_socket(s->u), &a), 0);
	return a.port;
}

/* A socket that has nothing of ours, connected nowhere, with a time limit. */
static int
bare_socket(int family)
{
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), big = 4 << 20;

	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	return fd;
}

static void
bare_send(int fd, const char *ip, uint16_t port, const void *bytes, size_t len)
{
	struct sockaddr_storage sa;
	struct net_addr a;
	size_t sa_len;

	assert_int_equal(net_addr_parse_ip(ip, port, &a), 0);
	assert_int_equal(
	    net_addr_to_sockaddr(&a, (struct sockaddr *)&sa, &sa_len), 0);
	assert_int_equal(sendto(fd, bytes, len, 0, (struct sockaddr *)&sa,
			     (socklen_t)sa_len),
	    len);
}

/* Receive one; check its bytes and the address it came from. */
static void
bare_expect(
    int fd, const char *ip, uint16_t port, const void *bytes, size_t len)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof(sa);
	struct net_addr from, want;
	uint8_t got[2048];

	assert_int_equal(
	    recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&sa, &sa_len),
	    len);
	assert_memory_equal(got, bytes, len);
	assert_int_equal(
	    net_addr_from_sockaddr((struct sockaddr *)&sa, sa_len, &from), 0);
	assert_int_equal(net_addr_parse_ip(ip, port, &want), 0);
	assert_true(net_addr_equal(&from, &want));
}

/* A wildcard socket with several local addresses: a peer that asked one of
 * them hears from that one. */
static void
answers_come_from_the_address_asked(void **state)
{
	static const char *const ips[] = { "127.0.0.1", "127.0.0.2",
		"127.3.2.1" };
	struct net_udp_options dual = plain;
	struct sink s;
	struct loop *l;
	uint16_t port;
	int fd;

	(void)state;
	dual.dual = true;
	assert_int_equal(loop_new(&l), 0);
	for (int six = 0; six < 2; six++) {
		open_sink(&s, l, six ? "[::]:0" : "0.0.0.0:0", &dual);
		s.echo = true;
		port = port_of(&s);
		assert_int_equal(net_udp_socket(s.u)->dual, six);
		fd = bare_socket(AF_INET);
		for (size_t i = 0; i < 3; i++) {
			s.stop_at = i + 1;
			bare_send(fd, ips[i], port, "hello", 5);
			assert_true(loop_run_for(l, 5000));
			assert_int_equal(s.peer.family, NET_FAMILY_IP4);
			assert_int_equal(s.local.family, NET_FAMILY_IP4);
			bare_expect(fd, ips[i], port, "hello", 5);
		}
		close(fd);
		net_udp_free(s.u);
	}
	open_sink(&s, l, "[::]:0", &dual);
	s.echo = true;
	s.stop_at = 1;
	fd = bare_socket(AF_INET6);
	port = port_of(&s);
	bare_send(fd, "::1", port, "six", 3);
	assert_true(loop_run_for(l, 5000));
	assert_int_equal(s.local.family, NET_FAMILY_IP6);
	bare_expect(fd, "::1", port, "six", 3);
	close(fd);
	net_udp_free(s.u);
	loop_free(l);
}

static void
ipv6_alone_takes_no_ipv4(void **state)
{
	struct sink s;
	struct loop *l;
	struct net_udp_stats stats;
	struct net_addr four;
	uint16_t port;
	int fd, fd6;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::]:0", &plain);
	port = port_of(&s);
	s.stop_at = 1;
	fd = bare_socket(AF_INET);
	fd6 = bare_socket(AF_INET6);
	bare_send(fd, "127.0.0.1", port, "four", 4);
	bare_send(fd6, "::1", port, "six", 3);
	assert_true(loop_run_for(l, 5000));
	assert_int_equal(s.count, 1);
	assert_int_equal(s.last_len, 3);
	/* And sends none: the kernel refuses, the counter says so. */
	assert_int_equal(net_addr_parse_ip("127.0.0.1", port, &four), 0);
	assert_int_equal(
	    net_udp_send(s.u, &four, NULL, (const uint8_t *)"x", 1), 0);
	net_udp_flush(s.u);
	net_udp_stats(s.u, &stats);
	assert_int_equal(stats.send_dropped_other, 1);
	assert_int_equal(stats.sent, 0);
	close(fd);
	close(fd6);
	net_udp_free(s.u);
	loop_free(l);
}

/* Numbered datagrams from ours to a plain socket and from ours to ours. */
static void
bursts_arrive_in_order(void **state)
{
	struct net_udp_options options = plain;
	struct net_udp_stats stats;
	struct sink a, b;
	struct loop *l;
	uint8_t bytes[1452] = { 0 }, got[2048];
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof(sa);
	struct net_addr to;
	int fd;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	for (int offload = 0; offload < 2; offload++) {
		options.offload = offload == 1;
		open_sink(&a, l, "[::1]:0", &options);
		open_sink(&b, l, "[::1]:0", &options);
		if (net_udp_socket(b.u)->rcvbuf < 2 << 20)
			skip(); /* not allowed a buffer that large */
		b.stop_at = 1000;
		assert_int_equal(
		    net_udp_socket_bound(net_udp_socket(b.u), &to), 0);
		for (uint32_t i = 0; i < 1000; i++) {
			memcpy(bytes, &i, sizeof(i));
			assert_int_equal(net_udp_send(a.u, &to, NULL, bytes,
					     i % 10 == 9 ? 700 : 1200),
			    0);
		}
		net_udp_flush(a.u);
		assert_true(loop_run_for(l, 5000));
		assert_int_equal(b.out_of_order, 0);
		assert_int_equal(b.last_len, 700);
		net_udp_stats(a.u, &stats);
		assert_int_equal(stats.sent, 1000);
		/* 100 messages of 10 are 2 calls, 1000 of one are 16. */
		assert_int_equal(
		    stats.sent_calls, net_udp_socket(a.u)->gso ? 2 : 16);
		net_udp_stats(b.u, &stats);
		assert_int_equal(stats.received, 1000);
		assert_int_equal(stats.dropped_kernel, 0);

		fd = bare_socket(AF_INET6);
		bare_send(fd, "::1", port_of(&a), "x", 1);
		a.stop_at = 1;
		assert_true(loop_run_for(l, 5000));
		to = a.peer;
		for (uint32_t i = 0; i < 300; i++) {
			memcpy(bytes, &i, sizeof(i));
			assert_int_equal(net_udp_send(a.u, &to, &a.local, bytes,
					     i == 299 ? 9 : 1300),
			    0);
		}
		net_udp_flush(a.u);
		for (uint32_t i = 0; i < 300; i++) {
			assert_int_equal(recvfrom(fd, got, sizeof(got), 0,
					     (struct sockaddr *)&sa, &sa_len),
			    i == 299 ? 9 : 1300);
			assert_memory_equal(got, &i, sizeof(i));
		}
		close(fd);
		net_udp_free(a.u);
		net_udp_free(b.u);
	}
	loop_free(l);
}

static void
long_datagrams_are_dropped(void **state)
{
	static uint8_t bytes[3000];
	struct net_udp_options options = plain;
	struct net_udp_stats stats;
	struct sink s;
	struct loop *l;
	int fd;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	for (int offload = 0; offload < 2; offload++) {
		options.offload = offload == 1;
		open_sink(&s, l, "[::1]:0", &options);
		fd = bare_socket(AF_INET6);
		bare_send(fd, "::1", port_of(&s), bytes, 1453);
		bare_send(fd, "::1", port_of(&s), bytes, 3000);
		bare_send(fd, "::1", port_of(&s), bytes, 0);
		bare_send(fd, "::1", port_of(&s), bytes, 1452);
		s.stop_at = 2;
		assert_true(loop_run_for(l, 5000));
		net_udp_stats(s.u, &stats);
		assert_int_equal(stats.dropped_long, 2);
		assert_int_equal(stats.received, 2);
		assert_int_equal(s.last_len, 1452);
		assert_int_equal(net_udp_send(s.u, &s.peer, NULL, bytes, 1453),
		    ERR_PEER_TOO_LARGE);
		close(fd);
		net_udp_free(s.u);
	}
	loop_free(l);
}

/* The longest there is passes, both ways, in one piece. */
static void
longest_datagram(void **state)
{
	static uint8_t bytes[NET_UDP_DATAGRAM_MAX];
	struct net_udp_options options = plain;
	struct net_addr to;
	struct sink a, b;
	struct loop *l;

	(void)state;
	options.datagram_max = NET_UDP_DATAGRAM_MAX;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&a, l, "127.0.0.1:0", &options);
	open_sink(&b, l, "127.0.0.1:0", &options);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 >> 3);
	b.stop_at = 3;
	assert_int_equal(net_udp_socket_bound(net_udp_socket(b.u), &to), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    net_udp_send(a.u, &to, NULL, bytes, sizeof(bytes)), 0);
	net_udp_flush(a.u);
	assert_true(loop_run_for(l, 5000));
	assert_int_equal(b.last_len, sizeof(bytes));
	assert_memory_equal(b.last, bytes, sizeof(bytes));
	net_udp_free(a.u);
	net_udp_free(b.u);
	loop_free(l);
}

struct ticker {
	struct sink *s;
	size_t last, most;
	unsigned ticks;
};

static void
tick(void *ctx)
{
	struct ticker *t = ctx;

	if (t->s->count - t->last > t->most)
		t->most = t->s->count - t->last;
	t->last = t->s->count;
	t->ticks++;
}

/* Longer than allowed and dropped without a call, they must end a turn too. */
static void
long_ones_end_a_turn(void **state)
{
	struct net_udp_options options = plain;
	struct net_udp_stats stats;
	struct loop *l;
	struct sink s;
	uint64_t waiting;
	int fd;

	(void)state;
	options.datagram_max = 10;
	options.offload = false;
	options.socket_buffer_bytes = 16 << 20;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::1]:0", &options);
	fd = bare_socket(AF_INET6);
	for (int i = 0; i < 5000; i++)
		bare_send(fd, "::1", port_of(&s), "longer than 10", 14);
	net_udp_stats(s.u, &stats);
	waiting = 5000 - stats.dropped_kernel;
	if (waiting < 3000)
		skip(); /* not allowed a buffer that large */
	loop_stop(l);	/* after one turn */
	assert_true(loop_run_for(l, 5000));
	net_udp_stats(s.u, &stats);
	assert_in_range(stats.dropped_long, 64, 2100);
	close(fd);
	net_udp_free(s.u);
	loop_free(l);
}

/* 5,000 datagrams wait, each costs 20 us to handle: the timer must run in
 * between. */
static void
a_flood_does_not_starve_timers(void **state)
{
	struct net_udp_options options = plain;
	struct ticker t = { 0 };
	struct loop_timer *timer;
	struct net_udp_stats stats;
	struct loop *l;
	struct sink s;
	int fd;

	(void)state;
	options.offload = false;
	options.socket_buffer_bytes = 16 << 20;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::1]:0", &options);
	s.busy_us = 20;
	t.s = &s;
	fd = bare_socket(AF_INET6);
	for (int i = 0; i < 5000; i++)
		bare_send(fd, "::1", port_of(&s), "flood", 5);
	net_udp_stats(s.u, &stats);
	s.stop_at = 5000 - stats.dropped_kernel;
	if (s.stop_at < 3000)
		skip(); /* not allowed a buffer that large */
	assert_int_equal(loop_timer_new(l, tick, &t, &timer), 0);
	loop_timer_start(timer, 1, 1);
	assert_true(loop_run_for(l, 20000));
	assert_true(t.ticks >= 4);
	assert_in_range(t.most, 1, 1100);
	loop_timer_free(timer);
	close(fd);
	net_udp_free(s.u);
	loop_free(l);
}

/* A receiver that does not read: what the buffer cannot hold is counted. */
static void
kernel_drops_are_counted(void **state)
{
	struct net_udp_options options = plain;
	struct net_udp_stats stats;
	static uint8_t bytes[1400];
	struct loop *l;
	struct sink s;
	int fd;

	(void)state;
	options.socket_buffer_bytes = 65536;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::1]:0", &options);
	assert_in_range(net_udp_socket(s.u)->rcvbuf, 65536, 65536);
	fd = bare_socket(AF_INET6);
	for (int i = 0; i < 500; i++)
		bare_send(fd, "::1", port_of(&s), bytes, sizeof(bytes));
	net_udp_stats(s.u, &stats);
	assert_in_range(stats.dropped_kernel, 300, 499);
	s.stop_at = 500 - stats.dropped_kernel;
	assert_true(loop_run_for(l, 5000));
	assert_false(loop_run_for(l, 20));
	assert_int_equal(s.count, s.stop_at);
	close(fd);
	net_udp_free(s.u);
	loop_free(l);
}

static void
may_be_freed_by_its_callback(void **state)
{
	struct loop *l;
	struct sink s;
	int fd;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::1]:0", &plain);
	fd = bare_socket(AF_INET6);
	for (int i = 0; i < 10; i++)
		bare_send(fd, "::1", port_of(&s), "x", 1);
	s.free_at = s.stop_at = 3;
	assert_true(loop_run_for(l, 5000));
	assert_int_equal(s.count, 3);
	assert_null(s.u);
	close(fd);
	net_udp_free(NULL);
	loop_free(l);
}

static void
opening_says_why_not(void **state)
{
	struct fault f = { 0 };
	struct net_udp_options options = plain;
	struct net_addr a;
	struct net_udp *u;
	struct loop *l;
	struct sink s;

	(void)state;
	options.fault = &f;
	assert_int_equal(loop_new(&l), 0);
	open_sink(&s, l, "[::1]:0", &options);
	assert_int_equal(net_udp_socket_bound(net_udp_socket(s.u), &a), 0);
	assert_int_equal(
	    net_udp_open(l, &a, &options, received, &s, &u), ERR_STATE_EXISTS);
	assert_non_null(strstr(f.msg, "[::1]:"));
	assert_int_equal(net_addr_parse("192.0.2.1:1", &a), 0);
	assert_int_not_equal(
	    net_udp_open(l, &a, &options, received, &s, &u), 0);
	assert_int_equal(net_addr_parse("unix:/x", &a), 0);
	assert_int_equal(net_udp_open(l, &a, &options, received, &s, &u),
	    ERR_PEER_UNSUPPORTED);
	net_udp_free(s.u);
	loop_free(l);
}

static void
out_of_memory(void **state)
{
	struct net_addr a;
	struct net_udp *u;
	struct loop *l;
	bool failed = true;
	int rc, n;

	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	assert_int_equal(net_addr_parse("[::1]:0", &a), 0);
	assert_int_equal(loop_new(&l), 0);
	for (n = 0; failed; n++) {
		u = NULL;
		alloc_test_fail(n);
		rc = net_udp_open(l, &a, &plain, received, NULL, &u);
		failed = alloc_test_failed();
		assert_true((u == NULL) == (rc != 0));
		/* libuv's own are reported as a failed call. */
		assert_true(!failed || rc == ERR_SYS_NOMEM ||
			    rc == ERR_SYS_OS || rc == 0);
		net_udp_free(u);
		(void)loop_run_for(l, 0);
	}
	assert_true(n > 7);
	loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_from_the_address_asked),
		cmocka_unit_test(ipv6_alone_takes_no_ipv4),
		cmocka_unit_test(bursts_arrive_in_order),
		cmocka_unit_test(long_datagrams_are_dropped),
		cmocka_unit_test(longest_datagram),
		cmocka_unit_test(long_ones_end_a_turn),
		cmocka_unit_test(a_flood_does_not_starve_timers),
		cmocka_unit_test(kernel_drops_are_counted),
		cmocka_unit_test(may_be_freed_by_its_callback),
		cmocka_unit_test(opening_says_why_not),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
