/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streaming replies and server-sent events, against curl over both versions of
 * HTTP, a reader written in node, and raw sockets.
 */
#include "http/stream.h"

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
#include <libwebsockets.h>

#include "base/wipe.h"
#include "http/event.h"
#include "http/request.h"
#include "http/run_test.h"
#include "http/server.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/tls.h"

/* See context.c. */
#define HAS_H2 (LWS_LIBRARY_VERSION_NUMBER < 4003000)
#define BLOCKS 3000
#define BLOCK_BYTES 1000

struct world {
	struct run run;
	bool drained;
	struct http_server *server;
	struct net_tls *tls;
	char *cert, *key;
	struct net_addr https, http;
	char cert_file[64];
	struct loop_timer *tick;
	struct http_stream *ticking;
	int ticks, begun, closed, full, blocks;
	char last_id[32];
};

static void
on_closed(void *ctx, struct http_stream *st)
{
	struct world *w = ctx;

	if (w->ticking == st) {
		loop_timer_stop(w->tick);
		w->ticking = NULL;
	}
	w->closed++;
}

/* As much as the queue takes, and more when it is empty. */
static void
more_blocks(void *ctx, struct http_stream *st)
{
	char block[BLOCK_BYTES];
	struct world *w = ctx;
	int rc = 0;

	while (w->blocks < BLOCKS) {
		memset(block, 'a' + w->blocks % 26, sizeof(block));
		rc = http_stream_write(st, block, sizeof(block));
		if (rc != 0)
			break;
		w->blocks++;
	}
	if (rc == ERR_STATE_FULL) {
		w->full++;
		assert_in_range(http_stream_queued(st), 90000, 100000);
		return;
	}
	assert_int_equal(rc, 0);
	http_stream_end(st);
	assert_int_equal(http_stream_write(st, "x", 1), ERR_STATE_CLOSED);
}

static void
on_tick(void *ctx)
{
	struct http_event e = { .name = "tick", .data = "\xe2\x82\xac" };
	struct world *w = ctx;
	char id[32];

	snprintf(id, sizeof(id), "%d", ++w->ticks);
	e.id = id;
	assert_int_equal(http_event_send(w->ticking, &e), 0);
}

static void
events(struct world *w, struct http_request *r, struct http_stream_opts *o)
{
	static const struct http_event one = { .id = "7",
		.data = "first\nsecond\r\nthird" };
	static const struct http_event bad = { .id = "7\n8" };
	static const struct http_event bare = { .data = "" };
	const char *id = http_event_last_id(r);
	struct http_stream *st;

	snprintf(w->last_id, sizeof(w->last_id), "%s", id == NULL ? "-" : id);
	assert_int_equal(http_event_begin(r, o, 1234, &st), 0);
	assert_int_equal(http_event_send(st, &one), 0);
	assert_int_equal(http_event_send(st, &bad), ERR_STATE_USAGE);
	assert_int_equal(http_event_send(st, &bare), 0);
	w->ticking = st;
	w->ticks = 0;
	loop_timer_start(w->tick, 50, 50);
}

static void
handle(void *ctx, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct world *w = ctx;
	const struct http_header extra = { "x-extra", "yes" };
	struct http_stream_opts o = { .content_type = "text/plain",
		.headers = &extra,
		.headers_count = 1,
		.queue_max = 100000,
		.stall_max_s = 1,
		.on_drained = more_blocks,
		.on_closed = on_closed,
		.ctx = w };
	struct http_stream *st;

	w->begun++;
	w->blocks = 0;
	if (strcmp(path, "/events") == 0) {
		o.on_drained = NULL;
		events(w, r, &o);
		return;
	}
	if (strcmp(path, "/abort") == 0)
		o.on_drained = NULL;
	if (http_stream_begin(r, &o, &st) != 0) {
		w->begun--;
		http_request_reply_text(r, 405, "text/plain", "");
		return;
	}
	if (strcmp(path, "/empty") == 0)
		http_stream_end(st);
	else if (strcmp(path, "/abort") == 0)
		http_stream_abort(st);
	else
		more_blocks(w, st);
}

static void
listen_on(struct world *w, struct net_tls *tls, struct net_addr *ret)
{
	struct http_listener_opts opts = {
		.tls = tls, .handler = handle, .ctx = w
	};
	struct net_addr a;

	assert_int_equal(net_addr_parse("[::1]:0", &a), 0);
	opts.addr = &a;
	assert_int_equal(http_server_listen(w->server, &opts, ret, NULL), 0);
}

static int
setup(void **state)
{
	/* Less than the events last. */
	const struct http_server_opts opts = { .idle_timeout_s = 1 };
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
	memcpy(w->cert_file, "/tmp/troth-sse-XXXXXX",
	    sizeof("/tmp/troth-sse-XXXXXX"));
	fd = mkstemp(w->cert_file);
	assert_int_equal(write(fd, w->cert, strlen(w->cert)), strlen(w->cert));
	close(fd);
	assert_int_equal(
	    http_server_new(w->run.loop, &opts, &w->server, NULL), 0);
	assert_int_equal(loop_timer_new(w->run.loop, on_tick, w, &w->tick), 0);
	listen_on(w, w->tls, &w->https);
	listen_on(w, NULL, &w->http);
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_server_free(w->server);
	assert_int_equal(w->begun, w->closed);
	loop_timer_free(w->tick);
	loop_free(w->run.loop);
	net_tls_free(w->tls);
	free(w->cert);
	base_wipe_free(w->key, strlen(w->key));
	unlink(w->cert_file);
	free(w);
	return 0;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL) {
		print_error("missing: %s\nin: %s\n", part, text);
		fail();
	}
}

#define CURL "curl -sS -m 10 --cacert %s %s "

static const char *const versions[] = { "--http1.1", "--http2", "--http1.0" };

static void
bodies_of_unknown_length(void **state)
{
	struct world *w = *state;
	const char *t;

	for (int i = 0; i < 3; i++) {
		t = run_command(&w->run, CURL "https://[::1]:%u/x | cksum",
		    w->cert_file, versions[i], w->https.port);
		/* for i in range(3000): print(chr(97+i%26)*1000, end='') */
		assert_string_equal(t, "1257886557 3000000\n");
		assert_true(w->full > 0);
		w->full = 0;
		t = run_command(&w->run, CURL "-i https://[::1]:%u/empty",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, " 200");
		assert_has(t, "x-extra: yes");
		assert_null(strstr(t, "content-length"));
		assert_int_equal(strstr(t, "chunked") != NULL,
		    i == 0 || (i == 1 && !HAS_H2));
		run_command(&w->run, CURL "https://[::1]:%u/abort",
		    w->cert_file, versions[i], w->https.port);
		assert_true(w->run.status != 0);
		t = run_command(&w->run, CURL "-I https://[::1]:%u/x",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, " 405");
	}
}

static void
events_arrive_as_they_come(void **state)
{
	struct world *w = *state;
	const char *t;

	for (int i = 0; i < 2; i++) {
		/* It outlives idle_timeout_s. */
		t = run_command(&w->run,
		    CURL "-m 2 -N -i -H 'Last-Event-ID: 41' "
			 "'https://[::1]:%u/events?last_event_id=41'",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, "content-type: text/event-stream");
		assert_has(t, "cache-control: no-store");
		assert_has(t,
		    "retry: 1234\n\n"
		    "id: 7\ndata: first\ndata: second\ndata: third\n\n"
		    "data: \n\n"
		    "id: 1\nevent: tick\ndata: \xe2\x82\xac\n\n"
		    "id: 2\nevent: tick\ndata: \xe2\x82\xac\n\n");
		assert_has(t, "id: 25\nevent: tick");
		assert_int_equal(w->run.status, 28);
		assert_string_equal(w->last_id, "41");
		/* The peer left: that is noticed at once. */
		loop_run_for(w->run.loop, 200);
		assert_null(w->ticking);
	}
	run_command(&w->run,
	    "curl -sS -m 1 -N -H 'Last-Event-ID: 42' http://[::1]:%u/events",
	    w->http.port);
	assert_string_equal(w->last_id, "42");
}

static void
a_reader_in_node_comes_back(void **state)
{
	struct world *w = *state;

	assert_string_equal(
	    run_command(&w->run,
		"tests/interop/event_reader.js http://[::1]:%u/events",
		w->http.port),
	    "ok\n");
	assert_string_equal(w->last_id, "5");
}

/* Connects, asks, and does not read. */
static void
who_does_not_read_is_cut_off(void **state)
{
	struct world *w = *state;
	const char *t;

	t = run_command(&w->run,
	    "/usr/bin/python3 -c 'import socket, time\n"
	    "s = socket.socket(socket.AF_INET6)\n"
	    "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)\n"
	    "s.connect((\"::1\", %u))\n"
	    "s.sendall(b\"GET /x HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\")\n"
	    "time.sleep(4)\n"
	    "n = 0\n"
	    "try:\n"
	    "    while True:\n"
	    "        d = s.recv(65536)\n"
	    "        if not d: break\n"
	    "        n += len(d)\n"
	    "except ConnectionError: pass\n"
	    "print(n < 3000000)'",
	    w->http.port);
	assert_string_equal(t, "True\n");
	assert_int_equal(w->begun, w->closed);
}

static void
drained(void *ctx)
{
	((struct world *)ctx)->drained = true;
}

static void
drain_later(void *ctx)
{
	struct world *w = ctx;

	if (w->ticks < 5)
		on_tick(ctx);
	else if (w->ticks++ == 5)
		http_server_drain(w->server, 5000, drained, w);
}

static void
drain_ends_them(void **state)
{
	struct world *w = *state;
	struct loop_timer *own = w->tick;
	pthread_t thread;

	for (int i = 0; i < 2; i++) {
		snprintf(w->run.line, sizeof(w->run.line),
		    CURL "-N https://[::1]:%u/events", w->cert_file,
		    versions[i], w->https.port);
		if (i == 1)
			break; /* it no longer listens */
		assert_int_equal(
		    loop_timer_new(w->run.loop, drain_later, w, &w->tick), 0);
		assert_int_equal(
		    pthread_create(&thread, NULL, run_thread, &w->run), 0);
		run_until(&w->run, &w->drained);
		pthread_join(thread, NULL);
		/* A proper end: curl is content. */
		assert_int_equal(w->run.status, 0);
		assert_has(w->run.text, "id: 5\n");
	}
	loop_timer_free(own);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(bodies_of_unknown_length),
		TEST(events_arrive_as_they_come),
		TEST(a_reader_in_node_comes_back),
		TEST(who_does_not_read_is_cut_off),
		TEST(drain_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
