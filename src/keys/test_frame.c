/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "keys/bundle.h"
#include "keys/frame.h"
#include "keys/limit_internal.h"
#include "keys/sock_internal.h"
#include "keys/status.h"

/* The layout of identity.md section 3, octet by octet. */
static void
test_request(void **state)
{
	static const uint8_t frame[] = { 0, 0, 0, 9, 1, 2, 3, 4, 5, 250, 'a',
		'b', 'c' };
	struct keys_request req = { 5, 250, frame + 10, 3 };
	uint8_t head[KEYS_REQUEST_HEAD], more[sizeof(frame) + 1];
	uint32_t id;

	(void)state;
	keys_frame_request_head(&req, 0x01020304, 3, head);
	assert_memory_equal(head, frame, sizeof(head));
	memset(&req, 0, sizeof(req));
	assert_int_equal(
	    keys_frame_request_parse(frame, sizeof(frame), &req, &id), 0);
	assert_int_equal(id, 0x01020304);
	assert_int_equal(req.op, 5);
	assert_int_equal(req.slot, 250);
	assert_int_equal(req.len, 3);
	assert_memory_equal(req.payload, "abc", 3);
	for (size_t n = 0; n < sizeof(frame); n++)
		assert_int_not_equal(
		    keys_frame_request_parse(frame, n, &req, &id), 0);
	memcpy(more, frame, sizeof(frame));
	assert_int_equal(
	    keys_frame_request_parse(more, sizeof(more), &req, &id),
	    ERR_PEER_MALFORMED);
}

static void
test_reply(void **state)
{
	static const uint8_t frame[] = { 0, 0, 0, 7, 9, 8, 7, 6, 0, 'x', 'y' };
	struct keys_reply reply = { 0x09080706, 0, frame + 9, 2 };
	uint8_t head[KEYS_REPLY_HEAD], bad[sizeof(frame)];

	(void)state;
	keys_frame_reply_head(&reply, head);
	assert_memory_equal(head, frame, sizeof(head));
	memset(&reply, 0, sizeof(reply));
	assert_int_equal(
	    keys_frame_reply_parse(frame, sizeof(frame), &reply), 0);
	assert_int_equal(reply.id, 0x09080706);
	assert_int_equal(reply.len, 2);
	for (size_t n = 0; n < sizeof(frame); n++)
		assert_int_not_equal(
		    keys_frame_reply_parse(frame, n, &reply), 0);
	memcpy(bad, frame, sizeof(bad));
	bad[8] = 5;
	assert_int_equal(keys_frame_reply_parse(bad, sizeof(bad), &reply),
	    ERR_PEER_MALFORMED);
}

static void
test_status(void **state)
{
	static const int rcs[] = { 0, ERR_STATE_REFUSED, ERR_PEER_MALFORMED,
		ERR_SYS_KEY, ERR_SYS_UNAVAILABLE };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(keys_status_of(rcs[i]), i);
		assert_int_equal(keys_status_rc(i), rcs[i]);
	}
	assert_int_equal(keys_status_of(ERR_STATE_CONFLICT), 1);
	assert_int_equal(keys_status_of(ERR_PEER_SIGNATURE), 2);
	assert_int_equal(keys_status_of(ERR_SYS_NOMEM), 3);
}

static void
test_bundle(void **state)
{
	const struct keys_bundle_item key = { KEYS_BUNDLE_KEY, 7, 0,
		(const uint8_t *)"pem", 3 };
	struct keys_bundle_item item;
	char name[KEYS_SLOT_NAME_MAX + 1];
	uint32_t rate;
	size_t pos = 0, cut;
	struct buf b;
	int rc;

	(void)state;
	assert_int_equal(keys_bundle_begin(&b), 0);
	assert_int_equal(keys_bundle_slot(&b, 7, 3, 500, "int1"), 0);
	assert_int_equal(keys_bundle_add(&b, &key), 0);
	assert_int_equal(keys_bundle_end(&b), 0);
	assert_int_equal(keys_bundle_next(b.data, b.len, &pos, &item), 0);
	assert_int_equal(item.type, KEYS_BUNDLE_SLOT);
	assert_int_equal(item.tag, 3);
	assert_int_equal(keys_bundle_slot_parse(&item, &rate, name), 0);
	assert_int_equal(rate, 500);
	assert_string_equal(name, "int1");
	assert_int_equal(keys_bundle_next(b.data, b.len, &pos, &item), 0);
	assert_int_equal(item.slot, 7);
	assert_memory_equal(item.data, "pem", 3);
	assert_int_equal(keys_bundle_next(b.data, b.len, &pos, &item), 0);
	assert_int_equal(item.type, KEYS_BUNDLE_END);
	/* A bundle that is cut anywhere does not load. */
	for (cut = 0; cut < b.len; cut++) {
		pos = 0;
		do
			rc = keys_bundle_next(b.data, cut, &pos, &item);
		while (rc == 0 && item.type != KEYS_BUNDLE_END);
		assert_int_equal(rc, ERR_PEER_TRUNCATED);
	}
	b.data[0] ^= 1;
	pos = 0;
	assert_int_equal(
	    keys_bundle_next(b.data, b.len, &pos, &item), ERR_PEER_MALFORMED);
	base_buf_free(&b);
	memset(name, 'n', sizeof(name) - 1);
	assert_int_equal(keys_bundle_begin(&b), 0);
	assert_int_not_equal(
	    keys_bundle_slot(&b, 0, 1, 1,
		"0123456789012345678901234567890123456789012345678901234567890"
		"123"),
	    0);
	base_buf_free(&b);
}

static void
test_limit(void **state)
{
	struct keys_limit l;
	unsigned got = 0;

	(void)state;
	keys_limit_init(&l, 5);
	for (int i = 0; i < 100; i++)
		got += keys_limit_take(&l);
	/* A burst is one second's worth; the loop takes far less than one. */
	assert_in_range(got, 5, 7);
	usleep(450000);
	assert_true(keys_limit_take(&l));
	assert_true(keys_limit_take(&l));
	keys_limit_init(&l, 0);
	for (int i = 0; i < 100; i++)
		assert_true(keys_limit_take(&l));
}

/* Only a memfd that cannot change any more is looked at. */
static void
test_memfd(void **state)
{
	const uint8_t *map;
	size_t len;
	int fd;

	(void)state;
	assert_int_equal(keys_sock_memfd("payload", 7, &fd), 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 3), -1);
	assert_int_equal(keys_sock_map(fd, 6, &map, &len), ERR_PEER_TOO_LARGE);
	assert_int_equal(keys_sock_map(fd, 7, &map, &len), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(map, "payload", 7);
	munmap((void *)(uintptr_t)map, len);
	close(fd);
	fd = memfd_create("loose", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, "payload", 7), 7);
	assert_int_equal(keys_sock_map(fd, 7, &map, &len), ERR_PEER_MALFORMED);
	close(fd);
	assert_int_equal(keys_sock_map(0, 7, &map, &len), ERR_PEER_MALFORMED);
}

static void
test_sock(void **state)
{
	struct iovec iov = { (void *)(uintptr_t) "hello", 5 };
	uint8_t buf[16];
	size_t len;
	int fds[2], pass;

	(void)state;
	assert_int_equal(keys_sock_pair(fds), 0);
	assert_int_equal(keys_sock_recv(fds[0], buf, sizeof(buf), &len, &pass),
	    ERR_STATE_PENDING);
	assert_int_equal(keys_sock_send(fds[1], &iov, 1, fds[1], 0), 0);
	assert_int_equal(
	    keys_sock_recv(fds[0], buf, sizeof(buf), &len, &pass), 0);
	assert_int_equal(len, 5);
	assert_true(pass >= 0);
	close(pass);
	assert_int_equal(keys_sock_send(fds[1], &iov, 1, -1, 0), 0);
	assert_int_equal(
	    keys_sock_recv(fds[0], buf, 4, &len, &pass), ERR_PEER_TOO_LARGE);
	/* One that is full says so instead of blocking. */
	while (keys_sock_send(fds[1], &iov, 1, -1, 0) == 0)
		;
	assert_int_equal(
	    keys_sock_send(fds[1], &iov, 1, -1, 0), ERR_STATE_PENDING);
	close(fds[0]);
	assert_int_equal(
	    keys_sock_send(fds[1], &iov, 1, -1, 1), ERR_PEER_CLOSED);
	close(fds[1]);
}

/*
 * A peer that leaves without reading everything: the kernel says so before it
 * gives what the peer had sent, and none of that may be lost.
 */
static void
test_reset(void **state)
{
	struct iovec iov = { (void *)(uintptr_t) "ask", 3 };
	uint8_t buf[16];
	size_t len;
	int fds[2], pass;

	(void)state;
	assert_int_equal(keys_sock_pair(fds), 0);
	assert_int_equal(keys_sock_send(fds[0], &iov, 1, -1, 1), 0);
	iov.iov_base = (void *)(uintptr_t) "one";
	assert_int_equal(keys_sock_send(fds[1], &iov, 1, -1, 1), 0);
	iov.iov_base = (void *)(uintptr_t) "two";
	assert_int_equal(keys_sock_send(fds[1], &iov, 1, -1, 1), 0);
	close(fds[1]);
	assert_int_equal(
	    keys_sock_recv(fds[0], buf, sizeof(buf), &len, &pass), 0);
	assert_memory_equal(buf, "one", 3);
	assert_int_equal(
	    keys_sock_recv(fds[0], buf, sizeof(buf), &len, &pass), 0);
	assert_memory_equal(buf, "two", 3);
	assert_int_equal(keys_sock_recv(fds[0], buf, sizeof(buf), &len, &pass),
	    ERR_PEER_CLOSED);
	close(fds[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_bundle),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_memfd),
		cmocka_unit_test(test_sock),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
