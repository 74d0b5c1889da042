/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <cmocka.h>

#include "base/alloc_test.h"
#include "net/addr.h"
#include "net/udp_internal.h"
#include "net/udp_out.h"
#include "net/udp_socket.h"

/*
 * The queue against a kernel of our own, which takes what it likes and writes
 * down what it was given; the datagrams must come out as they went in.
 */
#define SEEN_MAX 20000

static struct {
	uint32_t number[SEEN_MAX];
	size_t len[SEEN_MAX];
	uint16_t port[SEEN_MAX];
	size_t count, messages, calls;
	int fail_next, fail_runs, take_max;
} kernel;

static struct net_udp_stats stats;
static uint32_t dice = 1;

/* Numbers for the random test; the constants of C's example of rand. */
static unsigned
roll(unsigned below)
{
	dice = dice * 1103515245 + 12345;
	return (dice >> 16) % below;
}

/* The segment length announced in ${h}, 0 when it is none. */
static size_t
segment_of(struct msghdr *h)
{
	uint16_t segment = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL;
	     c = CMSG_NXTHDR(h, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT)
			memcpy(&segment, CMSG_DATA(c), sizeof(segment));
	return segment;
}

/* Write down the datagrams of one message, cut as a kernel would. */
static void
take(struct msghdr *h)
{
	static uint8_t all[65536];
	struct sockaddr_in6 *to = h->msg_name;
	size_t n = 0, segment = segment_of(h);

	for (size_t i = 0; i < h->msg_iovlen; i++) {
		memcpy(all + n, h->msg_iov[i].iov_base, h->msg_iov[i].iov_len);
		n += h->msg_iov[i].iov_len;
	}
	assert_true(n <= 65507);
	if (segment == 0)
		segment = n;
	else
		assert_true(h->msg_iovlen <= 64);
	for (size_t at = 0; at < n || at == 0; at += segment) {
		size_t len = n - at < segment ? n - at : segment;

		assert_true(kernel.count < SEEN_MAX);
		if (len >= 4)
			memcpy(&kernel.number[kernel.count], all + at, 4);
		kernel.len[kernel.count] = len;
		kernel.port[kernel.count++] = ntohs(to->sin6_port);
		if (n == 0)
			break;
	}
	kernel.messages++;
}

static int
fake_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	unsigned n = count;

	(void)fd;
	assert_true((flags & MSG_DONTWAIT) != 0);
	kernel.calls++;
	if (kernel.fail_next != 0) {
		errno = kernel.fail_next;
		kernel.fail_next = 0;
		return -1;
	}
	if (kernel.take_max > 0 && n > (unsigned)kernel.take_max)
		n = (unsigned)kernel.take_max;
	for (unsigned i = 0; i < n; i++) {
		if (kernel.fail_runs != 0 &&
		    segment_of(&msgs[i].msg_hdr) != 0) {
			errno = kernel.fail_runs;
			return i > 0 ? (int)i : -1;
		}
		take(&msgs[i].msg_hdr);
	}
	return (int)n;
}

static struct net_udp_out *
new_out(bool gso, size_t bytes, size_t datagrams)
{
	struct net_udp_options options = { .datagram_max = 1500,
		.queue_bytes_max = bytes,
		.queue_datagrams_max = datagrams };
	static struct net_udp_socket s;
	struct net_udp_out *o;

	s = (struct net_udp_socket){ .fd = -1, .gso = gso };
	s.family = AF_INET6;
	memset(&kernel, 0, sizeof(kernel));
	memset(&stats, 0, sizeof(stats));
	assert_int_equal(net_udp_out_new(&s, &options, &stats, &o), 0);
	net_udp_out_inject(o, fake_sendmmsg);
	return o;
}

static struct net_addr
peer(uint16_t port)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse_ip("2001:db8::1", port, &a), 0);
	return a;
}

static int
push(struct net_udp_out *o, uint32_t number, size_t len, uint16_t port)
{
	struct net_addr to = peer(port);
	uint8_t bytes[1501] = { 0 };

	memcpy(bytes, &number, sizeof(number));
	return net_udp_out_push(o, &to, NULL, bytes, len);
}

static void
runs_leave_as_one_message(void **state)
{
	struct net_udp_out *o = new_out(true, 1 << 20, 1000);
	size_t messages;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(push(o, i, 1000, 1), 0);
	assert_int_equal(push(o, 100, 10, 1), 0);   /* ends the second run */
	assert_int_equal(push(o, 101, 1000, 1), 0); /* longer: another */
	assert_int_equal(push(o, 102, 1000, 2), 0); /* another peer */
	assert_int_equal(push(o, 103, 0, 2), 0);    /* empty: by itself */
	assert_int_equal(push(o, 104, 1200, 2), 0);
	assert_int_equal(net_udp_out_flush(o), 0);
	messages = kernel.messages;
	/* 64 + 37, 1, 1, 1, 1 */
	assert_int_equal(messages, 6);
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(kernel.count, 105);
	for (uint32_t i = 0; i < 105; i++)
		assert_true(i == 103 || kernel.number[i] == i);
	assert_int_equal(kernel.len[103], 0);
	assert_int_equal(kernel.port[101], 1);
	assert_int_equal(kernel.port[102], 2);
	assert_int_equal(stats.sent, 105);
	net_udp_out_free(o);

	/* Without the offload every datagram is its own message. */
	o = new_out(false, 1 << 20, 1000);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(push(o, i, 1000, 1), 0);
	assert_int_equal(net_udp_out_flush(o), 0);
	assert_int_equal(kernel.messages, 100);
	assert_int_equal(kernel.calls, 2);
	net_udp_out_free(o);
}

static void
a_full_queue_says_so(void **state)
{
	struct net_udp_out *o = new_out(true, 10000, 1000);

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(push(o, i, 1000, 1), 0);
	assert_int_equal(push(o, 10, 4, 1), ERR_STATE_FULL);
	assert_int_equal(push(o, 10, 1501, 1), ERR_PEER_TOO_LARGE);
	assert_int_equal(net_udp_out_flush(o), 0);
	assert_int_equal(push(o, 10, 1500, 1), 0);
	assert_int_equal(stats.send_full, 1);
	net_udp_out_free(o);

	o = new_out(true, 10000, 10);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(push(o, i, 0, 1), 0);
	assert_int_equal(push(o, 10, 0, 1), ERR_STATE_FULL);
	net_udp_out_free(o);
}

static void
what_a_kernel_may_answer(void **state)
{
	static const struct {
		int e, rc;
		uint64_t left, lost_long, lost_other, blocked;
	} cases[] = {
		{ EINTR, 0, 0, 0, 0, 0 },
		{ EAGAIN, ERR_STATE_PENDING, 3, 0, 0, 1 },
		{ ENOBUFS, ERR_SYS_LIMIT, 3, 0, 0, 1 },
		{ ENOMEM, ERR_SYS_LIMIT, 3, 0, 0, 1 },
		{ EMSGSIZE, 0, 0, 1, 0, 0 },
		{ EPERM, 0, 0, 0, 1, 0 },
		{ ENETUNREACH, 0, 0, 0, 1, 0 },
		{ EADDRNOTAVAIL, 0, 0, 0, 1, 0 },
		{ EINVAL, 0, 0, 0, 1, 0 },
	};
	struct net_udp_out *o;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		o = new_out(false, 10000, 10);
		for (uint32_t n = 0; n < 3; n++)
			assert_int_equal(push(o, n, 100, 1), 0);
		kernel.fail_next = cases[i].e;
		assert_int_equal(net_udp_out_flush(o), cases[i].rc);
		assert_int_equal(net_udp_out_count(o), cases[i].left);
		assert_int_equal(stats.send_dropped_long, cases[i].lost_long);
		assert_int_equal(stats.send_dropped_other, cases[i].lost_other);
		assert_int_equal(stats.send_blocked, cases[i].blocked);
		assert_int_equal(net_udp_out_flush(o), 0);
		assert_int_equal(kernel.count + stats.send_dropped_long +
				     stats.send_dropped_other,
		    3);
		net_udp_out_free(o);
	}
}

static void
refused_runs_go_one_by_one(void **state)
{
	struct net_udp_out *o;

	(void)state;
	for (int eio = 0; eio < 2; eio++) {
		o = new_out(true, 1 << 20, 1000);
		kernel.fail_runs = eio ? EIO : EINVAL;
		for (uint32_t i = 0; i < 200; i++)
			assert_int_equal(push(o, i, 1000, i < 100 ? 1 : 2), 0);
		assert_int_equal(net_udp_out_flush(o), 0);
		assert_int_equal(kernel.count, 200);
		for (uint32_t i = 0; i < 200; i++)
			assert_int_equal(kernel.number[i], i);
		/* EIO is the device's last word, EINVAL only this link's. */
		assert_int_equal(net_udp_out_gso(o), !eio);
		kernel.fail_runs = 0;
		kernel.messages = 0;
		for (uint32_t i = 0; i < 10; i++)
			assert_int_equal(push(o, i, 1000, 1), 0);
		assert_int_equal(net_udp_out_flush(o), 0);
		assert_int_equal(kernel.messages, eio ? 10 : 1);
		net_udp_out_free(o);
	}
}

/* A small ring, pushed and flushed at random through a kernel in a mood. */
static void
nothing_lost_or_reordered(void **state)
{
	static const int moods[] = { 0, 0, 0, EAGAIN, ENOBUFS, EINTR };
	static const size_t lens[] = { 4, 5, 100, 1000, 1000, 1000, 1500 };
	struct net_udp_out *o = new_out(true, 8192, 40);
	uint32_t pushed = 0;
	size_t len[15000];
	int rc;

	(void)state;
	while (pushed < 15000) {
		len[pushed] = lens[roll(7)];
		if (push(o, pushed, len[pushed],
			(uint16_t)(1 + pushed / 20 % 3)) == 0)
			pushed++;
		if (roll(10) == 0 || net_udp_out_count(o) > 30) {
			kernel.take_max = (int)roll(4);
			kernel.fail_next = moods[roll(6)];
			kernel.fail_runs = roll(5) == 0 ? EINVAL : 0;
			rc = net_udp_out_flush(o);
			assert_true(rc == 0 || rc == ERR_STATE_PENDING ||
				    rc == ERR_SYS_LIMIT);
		}
	}
	while (net_udp_out_flush(o) != 0)
		;
	assert_int_equal(kernel.count, pushed);
	for (uint32_t i = 0; i < pushed; i++) {
		assert_int_equal(kernel.number[i], i);
		assert_int_equal(kernel.len[i], len[i]);
		assert_int_equal(kernel.port[i], 1 + i / 20 % 3);
	}
	assert_true(stats.send_full > 0);
	net_udp_out_free(o);
}

static void
families(void **state)
{
	struct net_udp_out *o = new_out(true, 10000, 10);
	struct net_addr four, six = peer(1), unixp = { 0 };

	(void)state;
	assert_int_equal(net_addr_parse_ip("192.0.2.1", 1, &four), 0);
	unixp.family = NET_FAMILY_UNIX;
	assert_int_equal(
	    net_udp_out_push(o, &unixp, NULL, NULL, 0), ERR_PEER_UNSUPPORTED);
	/* No answer leaves an IPv4 address for an IPv6 peer. */
	assert_int_equal(
	    net_udp_out_push(o, &six, &four, NULL, 0), ERR_PEER_UNSUPPORTED);
	assert_int_equal(net_udp_out_push(o, &six, &six, NULL, 0), 0);
	assert_int_equal(net_udp_out_push(o, &four, &four, NULL, 0), 0);
	net_udp_out_free(o);
}

static void
out_of_memory(void **state)
{
	struct net_udp_options options = { .datagram_max = 1500,
		.queue_bytes_max = 10000,
		.queue_datagrams_max = 10 };
	struct net_udp_socket s = { .fd = -1, .family = AF_INET6 };
	struct net_udp_out *o;
	bool failed = true;
	int rc, n;

	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	for (n = 0; failed; n++) {
		o = NULL;
		alloc_test_fail(n);
		rc = net_udp_out_new(&s, &options, &stats, &o);
		failed = alloc_test_failed();
		assert_int_equal(rc, failed ? ERR_SYS_NOMEM : 0);
		assert_true((o == NULL) == failed);
		net_udp_out_free(o);
	}
	assert_int_equal(n, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_leave_as_one_message),
		cmocka_unit_test(a_full_queue_says_so),
		cmocka_unit_test(what_a_kernel_may_answer),
		cmocka_unit_test(refused_runs_go_one_by_one),
		cmocka_unit_test(nothing_lost_or_reordered),
		cmocka_unit_test(families),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
