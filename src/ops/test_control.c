/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/control.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "loop/timer.h"

static char dir[] = "/tmp/troth-control-XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/x.ctl", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

/* The daemon side: echoes "x", answers "late" from a timer, refuses "no". */
struct daemon {
	struct loop *loop;
	struct ops_control *control;
	struct loop_timer *timer;
	struct ops_control_call *late;
	int calls;
};

static void
answer_late(void *ctx)
{
	struct daemon *d = ctx;

	ops_control_reply(d->late, json_pack("{s:b, s:i}", "ok", 1, "x", 7));
	d->late = NULL;
}

static void
handle(void *ctx, struct ops_control_call *call, const json_t *req)
{
	struct daemon *d = ctx;
	const char *op = json_string_value(json_object_get(req, "op"));

	d->calls++;
	assert_non_null(op);
	assert_int_equal(ops_control_peer_uid(call), geteuid());
	if (strcmp(op, "echo") == 0) {
		ops_control_reply(call, json_pack("{s:b, s:O}", "ok", 1, "x",
					    json_object_get(req, "x")));
	} else if (strcmp(op, "late") == 0) {
		d->late = call;
		loop_timer_start(d->timer, 20, 0);
	} else if (strcmp(op, "stop") == 0) {
		ops_control_reply(call, json_pack("{s:b}", "ok", 1));
		loop_stop(d->loop);
	} else {
		ops_control_error(call, ERR_STATE_REFUSED, "not %s", op);
	}
}

static int
call(json_t *req, json_t **ret, struct fault *f)
{
	int rc;

	*ret = NULL;
	memset(f, 0, sizeof(*f));
	rc = ops_control_request(path, req, 5000, ret, f);
	json_decref(req);
	return rc;
}

/* Send raw bytes and return what comes back until the daemon closes. */
static size_t
raw(const char *bytes, size_t len, bool half_close, char *out, size_t cap)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t got = 0;
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	while (len > 0 && (n = send(fd, bytes, len, MSG_NOSIGNAL)) > 0) {
		bytes += n;
		len -= (size_t)n;
	}
	if (half_close)
		(void)shutdown(fd, SHUT_WR);
	while (got < cap - 1 && (n = recv(fd, out + got, cap - 1 - got, 0)) > 0)
		got += (size_t)n;
	out[got] = '\0';
	(void)close(fd);
	return got;
}

static void *
client(void *arg)
{
	char *big = arg, out[4096];
	struct fault f;
	json_t *r;

	assert_int_equal(
	    call(json_pack("{s:s, s:i}", "op", "echo", "x", 5), &r, &f), 0);
	assert_int_equal(json_integer_value(json_object_get(r, "x")), 5);
	json_decref(r);
	assert_int_equal(call(json_pack("{s:s}", "op", "late"), &r, &f), 0);
	assert_int_equal(json_integer_value(json_object_get(r, "x")), 7);
	json_decref(r);
	assert_int_equal(
	    call(json_pack("{s:s}", "op", "no"), &r, &f), ERR_STATE_REFUSED);
	assert_string_equal(f.msg, "not no");
	/* A large request and reply. */
	assert_int_equal(
	    call(json_pack("{s:s, s:s}", "op", "echo", "x", big), &r, &f), 0);
	assert_int_equal(json_string_length(json_object_get(r, "x")), 200000);
	json_decref(r);
	/* Several lines on one connection, answered in order. */
	(void)raw("{\"op\":\"late\"}\n{\"op\":\"echo\",\"x\":9}\n{bad}\n[]\n",
	    42, true, out, sizeof(out));
	assert_true(strncmp(out,
			"{\"ok\":true,\"x\":7}\n{\"ok\":true,\"x\":9}\n"
			"{\"ok\":false,\"error\":\"ERR_PEER_MALFORMED\"",
			76) == 0);
	/* A line without end is cut off at the maximum, not buffered. */
	memset(big, 'x', 300000);
	assert_int_equal(raw(big, 300000, false, out, sizeof(out)), 0);
	assert_int_equal(call(json_pack("{s:s}", "op", "stop"), &r, &f), 0);
	json_decref(r);
	return NULL;
}

static void
test_calls(void **state)
{
	struct daemon d = { 0 };
	struct ops_control *second = NULL;
	struct fault f = { 0 };
	struct stat st;
	pthread_t t;
	char *big = malloc(300001);

	(void)state;
	memset(big, 'a', 200000);
	big[200000] = '\0';
	assert_int_equal(loop_new(&d.loop), 0);
	assert_int_equal(loop_timer_new(d.loop, answer_late, &d, &d.timer), 0);
	assert_int_equal(
	    ops_control_new(d.loop, path, handle, &d, &d.control, &f), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_not_equal(
	    ops_control_new(d.loop, path, handle, &d, &second, &f), 0);
	assert_null(second);
	assert_int_equal(pthread_create(&t, NULL, client, big), 0);
	loop_run(d.loop);
	(void)loop_run_for(d.loop, 50); /* lets the last reply out */
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_true(d.calls >= 7);
	ops_control_free(d.control);
	loop_timer_free(d.timer);
	loop_free(d.loop);
	assert_int_equal(access(path, F_OK), -1);
	free(big);
}

static void
test_nobody(void **state)
{
	struct fault f;
	json_t *r;

	(void)state;
	assert_int_equal(
	    call(json_pack("{s:s}", "op", "x"), &r, &f), ERR_SYS_UNAVAILABLE);
	assert_non_null(strstr(f.msg, path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
