/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebSocket servers against python3-websockets, node's ws and raw sockets.
 */
#include "http/websocket.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/alloc_test.h"
#include "base/wipe.h"
#include "http/request.h"
#include "http/run_test.h"
#include "http/server.h"
#include "http/upgrade.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/tls.h"

struct world {
	struct run run;
	bool drained;
	struct http_server *server;
	struct net_tls *tls;
	char *cert, *key;
	struct net_addr wss, ws;
	char cert_file[64];
	struct http_request *late[8];
	size_t late_count;
	int accepted, opened, closed, full, pongs, gone;
	struct http_websocket_end last;
	bool keep, may_fail;
	struct http_websocket *kept;
};

static void
on_message(void *ctx, struct http_websocket *ws,
    const struct http_websocket_message *m)
{
	struct world *w = ctx;

	if (http_websocket_send(ws, m) != 0)
		w->full++;
}

static void
on_open(void *ctx, struct http_websocket *ws)
{
	struct world *w = ctx;

	w->opened++;
	if (w->keep)
		w->kept = ws;
}

static void
on_pong(void *ctx, struct http_websocket *ws, uint64_t round_trip_us)
{
	struct world *w = ctx;

	(void)ws;
	assert_in_range(round_trip_us, 1, 5000000);
	w->pongs++;
}

static void
on_closed(
    void *ctx, struct http_websocket *ws, const struct http_websocket_end *end)
{
	const struct http_websocket_message m = { .data = (const uint8_t *)"x",
		.len = 1 };
	struct world *w = ctx;

	assert_int_equal(http_websocket_send(ws, &m), ERR_STATE_CLOSED);
	w->closed++;
	w->last = *end;
	if (w->kept == ws)
		w->kept = NULL;
}

/* Two messages and the end. */
static void
bye_open(void *ctx, struct http_websocket *ws)
{
	const struct http_websocket_message one = {
		.is_text = true, .data = (const uint8_t *)"one", .len = 3
	};
	const struct http_websocket_message two = {
		.data = (const uint8_t *)"two", .len = 3
	};

	on_open(ctx, ws);
	assert_int_equal(http_websocket_send(ws, &one), 0);
	assert_int_equal(http_websocket_send(ws, &two), 0);
	http_websocket_close(ws, 4001, "replaced");
	assert_int_equal(http_websocket_send(ws, &two), ERR_STATE_CLOSED);
}

/* More than the peer's and our own socket take. */
static void
stall_open(void *ctx, struct http_websocket *ws)
{
	static uint8_t block[100000];
	const struct http_websocket_message m = { .data = block,
		.len = sizeof(block) };
	int n = 0;

	on_open(ctx, ws);
	while (http_websocket_send(ws, &m) == 0)
		n++;
	assert_in_range(n, 159, 160);
	assert_true(http_websocket_queued(ws) <= 16000000);
	assert_true(http_websocket_queued(ws) > 15000000);
}

static void
accept_it(struct world *w, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct http_websocket_opts opts = {
		.message_max = 1048576, .frames_max = 64, .queue_max = 8 << 20
	};
	struct http_websocket_events events = { .on_open = on_open,
		.on_message = on_message,
		.on_pong = on_pong,
		.on_closed = on_closed };
	struct http_websocket *ws;
	int rc;

	if (strcmp(path, "/bye") == 0)
		events.on_open = bye_open;
	if (strcmp(path, "/stall") == 0) {
		events.on_open = stall_open;
		opts.queue_max = 16000000;
		opts.stall_max_s = 1;
	}
	if (strcmp(path, "/quiet") == 0) {
		opts.ping_interval_s = 1;
		opts.silence_max_s = 2;
	}
	rc = http_upgrade_accept(r, &opts, &events, w, &ws);
	assert_true(rc == 0 || (w->may_fail && rc == ERR_SYS_NOMEM));
	if (rc != 0)
		http_request_reply_text(r, 500, "text/plain", "memory\n");
	else
		w->accepted++;
}

static void
handle(void *ctx, struct http_request *r)
{
	static const char *const paths[] = { "/echo", "/bye", "/stall",
		"/quiet" };
	const char *path = http_request_path(r);
	const char *origin = http_request_header(r, "origin");
	struct world *w = ctx;

	if (strcmp(path, "/late") == 0) {
		assert_true(w->late_count < 8);
		w->late[w->late_count++] = r;
		return;
	}
	if (strcmp(path, "/denied") == 0) {
		http_request_reply_text(r, 401, "text/plain", "no\n");
		return;
	}
	if (origin != NULL && strcmp(origin, "https://evil.example") == 0) {
		http_request_reply_text(r, 403, "text/plain", "origin\n");
		return;
	}
	for (size_t i = 0; i < 4; i++)
		if (strcmp(path, paths[i]) == 0 && http_upgrade_offered(r)) {
			accept_it(w, r);
			return;
		}
	http_request_reply_text(r, 404, "text/plain", "not here\n");
}

static void
listen_on(struct world *w, struct net_tls *tls, struct net_addr *ret)
{
	static const char *const names[] = { "one", "two" };
	struct http_listener_opts opts = { .tls = tls,
		.handler = handle,
		.ctx = w,
		.subprotocols = names,
		.subprotocols_count = 2 };
	struct net_addr a;

	assert_int_equal(net_addr_parse("[::1]:0", &a), 0);
	opts.addr = &a;
	assert_int_equal(http_server_listen(w->server, &opts, ret, NULL), 0);
}

static int
setup(void **state)
{
	const struct http_server_opts opts = {
		.connections_per_address_max = 100, .idle_timeout_s = 2
	};
	const char *names[] = { "localhost", "::1" };
	struct net_tls_opts tls = { 0 };
	struct world *w = calloc(1, sizeof(*w));
	int fd;

	*state = w;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_new(&w->run.loop), 0);
	assert_int_equal(
	    net_tls_self_signed(names, 2, 9, &w->cert, &w->key), 0);
	tls.cert_pem = w->cert;
	tls.key_pem = w->key;
	assert_int_equal(net_tls_new(&tls, &w->tls, NULL), 0);
	memcpy(w->cert_file, "/tmp/troth-ws-XXXXXX",
	    sizeof("/tmp/troth-ws-XXXXXX"));
	fd = mkstemp(w->cert_file);
	assert_int_equal(write(fd, w->cert, strlen(w->cert)), strlen(w->cert));
	close(fd);
	assert_int_equal(
	    http_server_new(w->run.loop, &opts, &w->server, NULL), 0);
	listen_on(w, w->tls, &w->wss);
	listen_on(w, NULL, &w->ws);
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_server_free(w->server);
	assert_int_equal(w->accepted, w->closed);
	assert_true(w->may_fail || w->opened == w->closed);
	while (w->late_count > 0)
		http_request_reply_text(
		    w->late[--w->late_count], 200, "text/plain", "late");
	loop_free(w->run.loop);
	net_tls_free(w->tls);
	free(w->cert);
	base_wipe_free(w->key, strlen(w->key));
	unlink(w->cert_file);
	free(w);
	return 0;
}

static void
python_websockets(void **state)
{
	struct world *w = *state;

	assert_string_equal(
	    run_command(&w->run,
		"tests/interop/websocket_peer.py ws://[::1]:%u", w->ws.port),
	    "ok\n");
	assert_string_equal(
	    run_command(&w->run,
		"tests/interop/websocket_peer.py wss://[::1]:%u %s",
		w->wss.port, w->cert_file),
	    "ok\n");
	assert_int_equal(w->full, 0);
}

static void
node_ws(void **state)
{
	struct world *w = *state;

	assert_string_equal(
	    run_command(&w->run,
		"tests/interop/websocket_peer.js wss://[::1]:%u %s",
		w->wss.port, w->cert_file),
	    "ok\n");
}

static void
hostile_bytes(void **state)
{
	struct world *w = *state;

	assert_string_equal(
	    run_command(
		&w->run, "tests/interop/websocket_hostile.py %u", w->ws.port),
	    "ok\n");
	assert_string_equal(
	    run_command(&w->run, "tests/interop/websocket_hostile.py %u %s",
		w->wss.port, w->cert_file),
	    "ok\n");
}

static void
drained(void *ctx)
{
	((struct world *)ctx)->drained = true;
}

/* Connect, and print the close code when it comes. */
#define WAIT_PY                                                                \
	"/usr/bin/python3 -W ignore -c 'import asyncio\n"                      \
	"from websockets.legacy.client import connect\n"                       \
	"async def f():\n"                                                     \
	"    async with connect(\"ws://[::1]:%u/quiet\") as w:\n"              \
	"        await w.wait_closed()\n"                                      \
	"        print(w.close_code)\n"                                        \
	"asyncio.run(f())'"

static void
drain_now(void *ctx)
{
	struct world *w = ctx;

	if (w->kept == NULL || w->pongs < 2)
		return;
	w->kept = NULL;
	http_server_drain(w->server, 5000, drained, w);
}

static void
drain_says_1001(void **state)
{
	struct world *w = *state;
	struct loop_timer *t;
	pthread_t thread;

	w->keep = true;
	assert_int_equal(loop_timer_new(w->run.loop, drain_now, w, &t), 0);
	loop_timer_start(t, 10, 10);
	snprintf(w->run.line, sizeof(w->run.line), WAIT_PY, w->ws.port);
	assert_int_equal(pthread_create(&thread, NULL, run_thread, &w->run), 0);
	run_until(&w->run, &w->drained);
	pthread_join(thread, NULL);
	loop_timer_free(t);
	assert_string_equal(w->run.text, "1001\n");
	assert_int_equal(w->last.rc, 0);
	assert_int_equal(w->last.code, 1001);
}

static void
free_closes_what_is_open(void **state)
{
	static const bool yes = true;
	struct world *w = *state;
	pthread_t thread;

	w->keep = true;
	snprintf(w->run.line, sizeof(w->run.line), WAIT_PY, w->ws.port);
	assert_int_equal(pthread_create(&thread, NULL, run_thread, &w->run), 0);
	while (w->kept == NULL)
		loop_run_for(w->run.loop, 20);
	http_server_free(w->server);
	w->server = NULL;
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->last.rc, ERR_PEER_CLOSED);
	assert_int_equal(w->last.code, 1006);
	run_until(&w->run, &yes);
	pthread_join(thread, NULL);
	assert_string_equal(w->run.text, "1006\n");
}

/* What a client sends at once: the request and "hi"; and at the end. */
#define WHOLE_CLIENT                                                           \
	"GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"    \
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"                 \
	"\x81\x82\0\0\0\0hi"
#define CLOSE_FRAME "\x88\x82\0\0\0\0\x03\xe8"
#define ECHO_FRAME "\x81\x02hi"

/* One connection from its beginning to its end, whose ${n_fail}-th allocation
 * fails; return how many bytes came back. */
static size_t
whole_connection(struct world *w, long n_fail, char *back, size_t cap)
{
	static const char all[] = WHOLE_CLIENT, bye[] = CLOSE_FRAME;
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons(w->ws.port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	size_t len = 0;
	ssize_t n = -1;

	assert_true(fd >= 0);
	/* What fails while the library takes a connection: accept.c. */
	(void)alloc_test_fail(-1);
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
	(void)loop_run_for(w->run.loop, 2);
	(void)alloc_test_fail(n_fail);
	assert_int_equal(
	    send(fd, all, sizeof(all) - 1, MSG_NOSIGNAL), sizeof(all) - 1);
	for (int i = 0; i < 500 && n != 0 && len < cap; i++) {
		(void)loop_run_for(w->run.loop, 2);
		n = recv(fd, back + len, cap - len, 0);
		if (n < 0 && errno != EAGAIN)
			n = 0;
		len += n > 0 ? (size_t)n : 0;
		if (n > 0 && memmem(back, len, ECHO_FRAME, 4) != NULL)
			(void)send(fd, bye, sizeof(bye) - 1, MSG_NOSIGNAL);
	}
	close(fd);
	(void)loop_run_for(w->run.loop, 5);
	return len;
}

/* The n-th allocation of a connection that was taken fails, for each n: it is
 * answered or dropped, and the server goes on. */
static void
memory_may_be_short(void **state)
{
	struct world *w = *state;
	unsigned echoed = 0, dropped = 0;
	char back[4096];
	size_t len;

	w->may_fail = true;
	for (bool failed = true; failed;) {
		if (!alloc_test_fail(-1))
			return;
		len = whole_connection(
		    w, echoed + dropped, back, sizeof(back));
		failed = alloc_test_failed();
		assert_int_equal(w->accepted, w->closed);
		if (memmem(back, len, ECHO_FRAME, 4) != NULL)
			echoed++;
		else
			dropped++;
		assert_true(failed || echoed > 0);
	}
	assert_true(dropped > 5);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(memory_may_be_short),
		TEST(python_websockets),
		TEST(node_ws),
		TEST(hostile_bytes),
		TEST(drain_says_1001),
		TEST(free_closes_what_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
