/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fault.h"
#include "net/addr.h"
#include "net/listen.h"

static int
connect_to(const struct net_addr *a)
{
	struct sockaddr_storage sa;
	size_t len;
	int fd;

	assert_int_equal(
	    net_addr_to_sockaddr(a, (struct sockaddr *)&sa, &len), 0);
	fd = socket(sa.ss_family, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&sa, (socklen_t)len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
tcp_accepts_and_names_the_peer(void **state)
{
	struct net_addr a, bound, peer;
	struct fault f = { 0 };
	int fd, client, got, again;

	(void)state;
	assert_int_equal(net_addr_parse("[::1]:0", &a), 0);
	assert_int_equal(net_listen_open(&a, 16, &fd, &bound, &f), 0);
	assert_true(bound.port != 0);
	assert_int_equal(net_listen_accept(fd, &got, &peer), ERR_STATE_PENDING);
	client = connect_to(&bound);
	assert_int_equal(net_listen_accept(fd, &got, &peer), 0);
	assert_int_equal(peer.family, NET_FAMILY_IP6);
	assert_int_equal(peer.bytes[15], 1);
	assert_int_equal(
	    net_listen_open(&bound, 16, &again, &peer, &f), ERR_STATE_EXISTS);
	assert_int_equal(f.rc, ERR_STATE_EXISTS);
	close(got);
	close(client);
	close(fd);
}

static void
ipv6_wildcard_takes_no_ipv4(void **state)
{
	struct net_addr a, bound, v4;
	int fd;

	(void)state;
	assert_int_equal(net_addr_parse("[::]:0", &a), 0);
	assert_int_equal(net_listen_open(&a, 16, &fd, &bound, NULL), 0);
	assert_int_equal(net_addr_parse_ip("127.0.0.1", bound.port, &v4), 0);
	assert_int_equal(connect_to(&v4), -1);
	close(fd);
}

static void
unix_socket_replaces_only_a_stale_one(void **state)
{
	char dir[] = "/tmp/troth-listen-XXXXXX", text[64];
	struct net_addr a, bound, peer;
	struct stat st;
	int fd, fd2, client, got;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	assert_int_equal(net_addr_parse(text, &a), 0);
	assert_int_equal(net_listen_open(&a, 16, &fd, &bound, NULL), 0);
	assert_int_equal(stat(a.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	client = connect_to(&a);
	assert_int_equal(net_listen_accept(fd, &got, &peer), 0);
	assert_int_equal(peer.family, NET_FAMILY_UNIX);
	assert_int_equal(
	    net_listen_open(&a, 16, &fd2, &bound, NULL), ERR_STATE_EXISTS);
	close(got);
	close(client);
	close(fd);
	assert_int_equal(net_listen_open(&a, 16, &fd, &bound, NULL), 0);
	close(fd);
	unlink(a.path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_accepts_and_names_the_peer),
		cmocka_unit_test(ipv6_wildcard_takes_no_ipv4),
		cmocka_unit_test(unix_socket_replaces_only_a_stale_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
