/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TEST_KEYOP_RIG_H
#define TRUSTCHAIN_TEST_KEYOP_RIG_H

/*
 * A real key process in a forked child; the test is its supervisor and main
 * at once.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/rng.h"
#include "keys/op.h"
#include "keys/process.h"
#include "keys/sync.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_bundle.h"

/** rig_clock(ctx): the time of the tests. */
static inline int64_t
rig_clock(void *ctx)
{
	(void)ctx;
	return RIG_NOW;
}

/** rig_child(bundle, main, control): be the key process. */
static inline void
rig_child(int bundle_fd, int main_fd, int control_fd)
{
	const struct clock clock = { rig_clock, NULL };
	struct keys_process_opts o = { .bundle_fd = bundle_fd,
		.main_fd = main_fd,
		.control_fd = control_fd,
		.clock = &clock,
		.rng = crypto_rng_system() };
	struct keys_product *product;
	int code;

	if (keyop_product_new(&product) != 0)
		_exit(99);
	o.product = product;
	code = keys_process_run(&o);
	keyop_product_free(product);
	_exit(code);
}

/** The first octet of the next packet from the key process. */
static inline int
rig_hear(struct rig *r, uint8_t *packet, size_t cap, size_t *ret_len)
{
	struct pollfd p = { r->control_fd, POLLIN, 0 };
	ssize_t n;

	assert_int_equal(poll(&p, 1, 60000), 1);
	n = recv(r->control_fd, packet, cap, 0);
	assert_true(n > 0);
	*ret_len = (size_t)n;
	return packet[0];
}

/** Fork the process and feed it the bundle; it is not told to go yet. */
static inline void
rig_spawn(struct rig *r)
{
	int main_fds[2], control[2], pipe_fds[2];
	size_t done = 0;
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, main_fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		close(main_fds[1]);
		close(control[1]);
		close(pipe_fds[1]);
		rig_child(pipe_fds[0], main_fds[0], control[0]);
	}
	close(main_fds[0]);
	close(control[0]);
	close(pipe_fds[0]);
	r->main_fd = main_fds[1];
	r->control_fd = control[1];
	while (done < r->bundle.len) {
		n = write(
		    pipe_fds[1], r->bundle.data + done, r->bundle.len - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	close(pipe_fds[1]);
}

/** rig_start(r): fork, feed, wait until it is ready, say go. */
static inline void
rig_start(struct rig *r)
{
	uint8_t packet[65536];
	size_t len;

	assert_int_equal(keys_bundle_end(&r->bundle), 0);
	rig_spawn(r);
	if (rig_hear(r, packet, sizeof(packet), &len) != 'R')
		fail_msg("%.*s", (int)len - 2, (char *)packet + 2);
	assert_int_equal(send(r->control_fd, "G", 1, 0), 1);
}

/** rig_close(r, want): main goes; the process ends with ${want}. */
static inline void
rig_close(struct rig *r, int want)
{
	int status;

	close(r->main_fd);
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
	close(r->control_fd);
	base_buf_free(&r->bundle);
}

/** The bundle is refused with the code ${want}, and a text. */
static inline void
rig_start_fails(struct rig *r, int want)
{
	uint8_t packet[65536];
	size_t len;

	assert_int_equal(keys_bundle_end(&r->bundle), 0);
	rig_spawn(r);
	assert_int_equal(rig_hear(r, packet, sizeof(packet), &len), 'F');
	assert_true(len > 10 && packet[1] == want);
	rig_close(r, want);
}

/** rig_call(r, op, slot, data, len): ask; the answer is in ${r}. */
static inline int
rig_call(struct rig *r, uint8_t op, uint8_t slot, const void *data, size_t len)
{
	struct keys_request req = { op, slot, data, len };

	return keys_sync_call(
	    r->main_fd, &req, 60000, r->answer, &r->answer_len);
}

/** Take the refusals reported since, keep the last one's text, count them. */
static inline unsigned
rig_reports(struct rig *r)
{
	uint8_t p[1024];
	unsigned count = 0;
	ssize_t n;

	while ((n = recv(r->control_fd, p, sizeof(p) - 1, MSG_DONTWAIT)) > 0) {
		p[n] = '\0';
		assert_int_equal(p[0], 'D');
		(void)snprintf(r->report, sizeof(r->report), "%s",
		    (char *)p + 3 + strlen((char *)p + 3) + 1);
		count++;
	}
	return count;
}

/** As the supervisor does it: load, retire, hand the states over, go. */
static inline void
rig_replace(struct rig *r)
{
	struct rig old = *r;
	uint8_t packet[65536];
	int what, status;
	size_t len;

	rig_spawn(r);
	assert_int_equal(rig_hear(r, packet, sizeof(packet), &len), 'R');
	assert_int_equal(send(old.control_fd, "q", 1, 0), 1);
	while ((what = rig_hear(&old, packet, sizeof(packet), &len)) == 'S')
		assert_int_equal(
		    send(r->control_fd, packet, len, 0), (ssize_t)len);
	assert_int_equal(what, 'Q');
	assert_int_equal(send(r->control_fd, "G", 1, 0), 1);
	assert_int_equal(waitpid(old.pid, &status, 0), old.pid);
	assert_int_equal(status, 0);
	close(old.main_fd);
	close(old.control_fd);
}

#endif
