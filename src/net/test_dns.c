/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver against a DNS server written here that answers from a table:
 * addresses, CAA, NXDOMAIN, SERVFAIL and silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "loop/fd.h"
#include "loop/loop.h"
#include "net/dns.h"

struct lab {
	struct loop *loop;
	int fd;
	struct loop_fd *watch;
	struct net_dns *dns;
	bool done;
	int rc;
	size_t n;
	bool nxdomain;
	uint8_t first[64];
	size_t first_len;
};

/* Answer one query: the first label says how. */
static size_t
respond(uint8_t *p, size_t len, size_t cap)
{
	static const uint8_t aaaa[] = { 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 5, 0,
		16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t caa[] = { 0xc0, 12, 1, 1, 0, 1, 0, 0, 0, 5, 0, 14,
		0, 5, 'i', 's', 's', 'u', 'e', 'c', 'a', '.', 't', 'e', 's',
		't' };
	size_t end = 12;
	unsigned type;

	while (end < len && p[end] != 0)
		end += p[end] + 1u;
	type = (unsigned)p[end + 1] << 8 | p[end + 2];
	end += 5;
	if (memcmp(p + 13, "dead", 4) == 0)
		return 0;
	p[2] = 0x81 | (p[2] & 1);
	p[3] = 0x80;
	memset(p + 6, 0, 6); /* no answers, authority, additional */
	if (memcmp(p + 13, "fail", 4) == 0) {
		p[3] |= 2;
	} else if (memcmp(p + 13, "none", 4) == 0) {
		p[3] |= 3;
	} else if (type == 28 && end + sizeof(aaaa) <= cap) {
		p[7] = 1;
		memcpy(p + end, aaaa, sizeof(aaaa));
		end += sizeof(aaaa);
	} else if (type == 257 && end + sizeof(caa) <= cap) {
		p[7] = 1;
		memcpy(p + end, caa, sizeof(caa));
		end += sizeof(caa);
	}
	return end;
}

static void
on_query(void *ctx, unsigned events)
{
	struct lab *lab = ctx;
	struct sockaddr_in6 from;
	socklen_t from_len = sizeof(from);
	uint8_t p[1500];
	ssize_t len;
	size_t out;

	(void)events;
	len = recvfrom(
	    lab->fd, p, sizeof(p), 0, (struct sockaddr *)&from, &from_len);
	if (len < 17)
		return;
	out = respond(p, (size_t)len, sizeof(p));
	if (out > 0)
		(void)sendto(
		    lab->fd, p, out, 0, (struct sockaddr *)&from, from_len);
}

static void
on_answer(void *ctx, int rc, const struct net_dns_answer *a)
{
	struct lab *lab = ctx;

	lab->done = true;
	lab->rc = rc;
	lab->n = a == NULL ? 0 : a->n;
	lab->nxdomain = a != NULL && a->nxdomain;
	if (lab->n > 0 && a->record[0].len <= sizeof(lab->first)) {
		memcpy(lab->first, a->record[0].data, a->record[0].len);
		lab->first_len = a->record[0].len;
	}
	loop_stop(lab->loop);
}

static int
set_up(void **state)
{
	static struct lab lab;
	static const char *const insecure[] = { "test" };
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t at_len = sizeof(at);
	char forward[32];
	const char *const forwards[] = { forward };
	struct net_dns_opts o = { 0 };
	struct fault f = { 0 };

	memset(&lab, 0, sizeof(lab));
	assert_int_equal(loop_new(&lab.loop), 0);
	lab.fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(lab.fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(
	    getsockname(lab.fd, (struct sockaddr *)&at, &at_len), 0);
	assert_int_equal(
	    loop_fd_new(lab.loop, lab.fd, on_query, &lab, &lab.watch), 0);
	assert_int_equal(loop_fd_watch(lab.watch, LOOP_FD_READ), 0);
	(void)snprintf(forward, sizeof(forward), "::1@%u", ntohs(at.sin6_port));
	o.loop = lab.loop;
	o.forward = forwards;
	o.n_forward = 1;
	o.insecure = insecure;
	o.n_insecure = 1;
	assert_int_equal(net_dns_new(&o, &f, &lab.dns), 0);
	*state = &lab;
	return 0;
}

static int
tear_down(void **state)
{
	struct lab *lab = *state;

	net_dns_free(lab->dns);
	loop_fd_free(lab->watch);
	loop_free(lab->loop);
	(void)close(lab->fd);
	return 0;
}

static void
ask(struct lab *lab, const char *name, enum net_dns_type type, unsigned ms)
{
	const struct net_dns_ask a = { name, type, ms, on_answer, lab };

	lab->done = false;
	assert_int_equal(net_dns_send(lab->dns, &a, NULL), 0);
	assert_false(lab->done);
	assert_true(loop_run_for(lab->loop, 20000));
	assert_true(lab->done);
}

static void
test_answers(void **state)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	struct lab *lab = *state;

	/* "test" is a built-in zone of libunbound that must have gone. */
	ask(lab, "good.test", NET_DNS_AAAA, 5000);
	assert_int_equal(lab->rc, 0);
	assert_int_equal(lab->n, 1);
	assert_int_equal(lab->first_len, 16);
	assert_memory_equal(lab->first, loopback, 16);
	ask(lab, "good.test", NET_DNS_CAA, 5000);
	assert_int_equal(lab->rc, 0);
	assert_int_equal(lab->n, 1);
	assert_memory_equal(lab->first, "\0\5issueca.test", 14);
	ask(lab, "good.test", NET_DNS_TXT, 5000);
	assert_int_equal(lab->rc, 0);
	assert_int_equal(lab->n, 0);
	assert_false(lab->nxdomain);
	ask(lab, "none.test", NET_DNS_AAAA, 5000);
	assert_int_equal(lab->rc, 0);
	assert_int_equal(lab->n, 0);
	assert_true(lab->nxdomain);
}

static void
test_failures(void **state)
{
	const struct net_dns_ask bad = { "a b", NET_DNS_AAAA, 100, on_answer,
		NULL };
	struct lab *lab = *state;

	ask(lab, "fail.test", NET_DNS_CAA, 15000);
	assert_int_equal(lab->rc, ERR_SYS_NETWORK);
	ask(lab, "dead.test", NET_DNS_AAAA, 200);
	assert_int_equal(lab->rc, ERR_PEER_TIMEOUT);
	assert_int_equal(net_dns_send(lab->dns, &bad, NULL), ERR_PEER_NAME);
}

static void
test_cancel(void **state)
{
	struct lab *lab = *state;
	const struct net_dns_ask a = { "good.test", NET_DNS_AAAA, 5000,
		on_answer, lab };
	struct net_dns_query *q;

	assert_int_equal(net_dns_send(lab->dns, &a, &q), 0);
	net_dns_cancel(q);
	assert_false(loop_run_for(lab->loop, 300));
	assert_false(lab->done);
	/* What is under way when the resolver goes is forgotten as well. */
	assert_int_equal(net_dns_send(lab->dns, &a, NULL), 0);
}

static void
test_configuration(void **state)
{
	static const char *const bad[] = { "not an address" };
	struct lab *lab = *state;
	struct net_dns_opts o = { .loop = lab->loop };
	struct net_dns *d;
	struct fault f = { 0 };

	o.forward = bad;
	o.n_forward = 1;
	assert_int_equal(net_dns_new(&o, &f, &d), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "dns_forward"));
	o.n_forward = 0;
	o.trust_anchor = "/nonexistent/root.key";
	assert_int_equal(net_dns_new(&o, &f, &d), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "root.key"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cancel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_configuration, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
