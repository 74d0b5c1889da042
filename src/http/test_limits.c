/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/wipe.h"
#include "http/client.h"
#include "http/request.h"
#include "http/server.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "net/tls.h"

struct world {
	struct loop *loop;
	struct http_server *server;
	struct http_client *client;
	struct net_tls *tls;
	char *cert, *key;
	struct net_addr addr;
	bool secure;
	int want, done, ok, failed, drained;
	int by_status[600];
	char last[256], retry[16], peer[NET_ADDR_TEXT_MAX];
	struct http_request *held;
	const struct http_header *headers;
	size_t headers_count;
};

static void
handle(void *ctx, struct http_request *r)
{
	struct world *w = ctx;
	unsigned wait_s = 0;

	net_addr_format_ip(http_request_peer(r), w->peer, sizeof(w->peer));
	if (strcmp(http_request_path(r), "/hold") == 0)
		w->held = r;
	else if (strcmp(http_request_path(r), "/charge") == 0 &&
		 http_request_charge(r, &wait_s) != 0)
		http_request_reply_text(r, 429, "text/plain", "charged");
	else
		http_request_reply_text(
		    r, 200, "text/plain", http_request_path(r));
}

static void
refuse(void *ctx, struct http_request *r, int status, unsigned wait_s)
{
	char wait[16];
	const struct http_header retry = { "retry-after", wait };
	const struct http_reply reply = { .status = status,
		.content_type = "application/problem+json",
		.headers = &retry,
		.headers_count = wait_s > 0,
		.body = "{}",
		.body_len = 2 };

	(void)ctx;
	snprintf(wait, sizeof(wait), "%u", wait_s);
	http_request_reply(r, &reply);
}

static void
start(struct world *w, const struct http_server_opts *opts, bool tls)
{
	const char *names[] = { "::1" };
	struct net_tls_opts tls_opts = { 0 };
	struct http_listener_opts l = {
		.handler = handle, .refuse = refuse, .ctx = w
	};
	struct net_addr a;

	memset(w, 0, sizeof(*w));
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_new(&w->loop), 0);
	assert_int_equal(
	    net_tls_self_signed(names, 1, 9, &w->cert, &w->key), 0);
	tls_opts.cert_pem = w->cert;
	tls_opts.key_pem = w->key;
	assert_int_equal(net_tls_new(&tls_opts, &w->tls, NULL), 0);
	assert_int_equal(http_server_new(w->loop, opts, &w->server, NULL), 0);
	assert_int_equal(net_addr_parse("[::1]:0", &a), 0);
	l.addr = &a;
	l.tls = tls ? w->tls : NULL;
	w->secure = tls;
	assert_int_equal(http_server_listen(w->server, &l, &w->addr, NULL), 0);
	assert_int_equal(http_client_new(w->loop, NULL, &w->client), 0);
}

static void
stop(struct world *w)
{
	http_client_free(w->client);
	http_server_free(w->server);
	loop_free(w->loop);
	net_tls_free(w->tls);
	free(w->cert);
	base_wipe_free(w->key, strlen(w->key));
}

static void
on_response(void *ctx, const struct http_response *resp)
{
	struct world *w = ctx;
	const char *retry = http_response_header(resp, "retry-after");
	const uint8_t *body;
	size_t len;

	body = http_response_body(resp, &len);
	snprintf(
	    w->last, sizeof(w->last), "%.*s", (int)len, (const char *)body);
	if (retry != NULL)
		snprintf(w->retry, sizeof(w->retry), "%s", retry);
	if (http_response_rc(resp) != 0)
		w->failed++;
	else
		w->by_status[http_response_status(resp)]++;
	if (++w->done == w->want)
		loop_stop(w->loop);
}

static void
get(struct world *w, const char *path)
{
	char url[128];
	struct http_client_request req = { .method = HTTP_METHOD_GET,
		.url = url,
		.headers = w->headers,
		.headers_count = w->headers_count,
		.timeout_ms = 20000,
		.roots_pem = w->cert };

	snprintf(url, sizeof(url), "%s://[::1]:%u%s",
	    w->secure ? "https" : "http", w->addr.port, path);
	assert_int_equal(
	    http_client_send(w->client, &req, on_response, w, NULL), 0);
}

static void
get_many(struct world *w, const char *path, int n)
{
	w->want = w->done + n;
	for (int i = 0; i < n; i++)
		get(w, path);
	assert_true(loop_run_for(w->loop, 30000));
}

static void
rate_is_limited_per_address(void **state)
{
	const struct http_server_opts opts = { .rate_per_min = 20 };
	const struct http_header auth = { "authorization", "Bearer x" };
	struct world w;

	(void)state;
	start(&w, &opts, false);
	get_many(&w, "/x", 25);
	assert_int_equal(w.by_status[200], 20);
	assert_int_equal(w.by_status[429], 5);
	assert_string_equal(w.last, "{}");
	assert_string_equal(w.retry, "3");
	/* With credentials it is the handler who charges. */
	w.headers = &auth;
	w.headers_count = 1;
	get_many(&w, "/x", 30);
	assert_int_equal(w.by_status[200], 50);
	get_many(&w, "/charge", 1);
	assert_string_equal(w.last, "charged");
	stop(&w);
}

static void
proxies_are_believed_where_trusted(void **state)
{
	struct net_prefix loopback;
	struct http_server_opts opts = { .rate_per_min = 2,
		.trusted_proxies = &loopback,
		.trusted_proxies_count = 1 };
	struct http_header from = { "X-Forwarded-For",
		"6.6.6.6, 2001:db8::7, ::1" };
	struct world w;

	(void)state;
	assert_int_equal(net_prefix_parse("::1/128", &loopback), 0);
	start(&w, &opts, false);
	w.headers = &from;
	w.headers_count = 1;
	get_many(&w, "/x", 3);
	assert_string_equal(w.peer, "2001:db8::7");
	assert_int_equal(w.by_status[429], 1);
	from.value = "1.2.3.4";
	get_many(&w, "/x", 2);
	assert_string_equal(w.peer, "1.2.3.4");
	assert_int_equal(w.by_status[429], 1);
	from.value = "nonsense";
	get_many(&w, "/x", 1);
	assert_string_equal(w.peer, "::1");
	stop(&w);
	opts.trusted_proxies_count = 0;
	start(&w, &opts, false);
	from.value = "1.2.3.4";
	w.headers = &from;
	w.headers_count = 1;
	get_many(&w, "/x", 1);
	assert_string_equal(w.peer, "::1");
	stop(&w);
}

static int
connect_raw(const struct world *w)
{
	struct sockaddr_storage sa;
	size_t len;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	assert_int_equal(
	    net_addr_to_sockaddr(&w->addr, (struct sockaddr *)&sa, &len), 0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&sa, (socklen_t)len), 0);
	return fd;
}

static void
connections_are_counted(void **state)
{
	const struct http_server_opts opts = { .connections_per_address_max = 5,
		.connections_max = 7 };
	struct http_server_stats s;
	struct world w;
	int fds[10];
	char b;

	(void)state;
	start(&w, &opts, false);
	for (int i = 0; i < 10; i++)
		fds[i] = connect_raw(&w);
	loop_run_for(w.loop, 100);
	http_server_stats_get(w.server, &s);
	assert_int_equal(s.connections_now, 5);
	assert_int_equal(s.connections_refused, 5);
	assert_int_equal(recv(fds[9], &b, 1, 0), 0);
	assert_int_equal(recv(fds[0], &b, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < 10; i++)
		close(fds[i]);
	loop_run_for(w.loop, 300);
	http_server_stats_get(w.server, &s);
	assert_int_equal(s.connections_now, 0);
	get_many(&w, "/x", 5);
	assert_int_equal(w.by_status[200], 5);
	stop(&w);
}

static void
over_the_maximum_they_wait(void **state)
{
	const struct http_server_opts opts = { .connections_max = 2 };
	struct http_server_stats s;
	struct world w;
	int a, b;

	(void)state;
	start(&w, &opts, false);
	a = connect_raw(&w);
	b = connect_raw(&w);
	loop_run_for(w.loop, 50);
	w.want = 1;
	get(&w, "/x");
	assert_false(loop_run_for(w.loop, 300));
	http_server_stats_get(w.server, &s);
	assert_int_equal(s.connections_now, 2);
	close(a);
	assert_true(loop_run_for(w.loop, 5000));
	assert_int_equal(w.by_status[200], 1);
	close(b);
	stop(&w);
}

static void
handshakes_are_paced(void **state)
{
	const struct http_server_opts opts = { .handshakes_per_s = 20 };
	struct world w;
	uint64_t began;

	(void)state;
	start(&w, &opts, true);
	began = loop_monotonic_us();
	for (int i = 0; i < 3; i++) {
		http_client_free(w.client);
		assert_int_equal(http_client_new(w.loop, NULL, &w.client), 0);
		get_many(&w, "/x", 15);
	}
	/* 45 handshakes: 20 at once, the others at 20 a second. */
	assert_int_equal(w.by_status[200], 45);
	assert_true(loop_monotonic_us() - began > 1000000);
	stop(&w);
}

static void
swap(void *ctx)
{
	struct world *w = ctx;
	const char *names[] = { "::1" };
	char *cert, *key;

	/* A certificate the client does not know: older connections go on,
	 * new ones fail. */
	assert_int_equal(net_tls_self_signed(names, 1, 9, &cert, &key), 0);
	assert_int_equal(net_tls_set_cert(w->tls, cert, key, NULL), 0);
	free(cert);
	free(key);
}

static void
certificate_is_swapped_under_load(void **state)
{
	const struct http_server_opts opts = { 0 };
	struct loop_timer *t;
	struct world w;

	(void)state;
	start(&w, &opts, true);
	get_many(&w, "/x", 64);
	assert_int_equal(w.by_status[200], 64);
	assert_int_equal(loop_timer_new(w.loop, swap, &w, &t), 0);
	loop_timer_start(t, 5, 0);
	get_many(&w, "/x", 2000);
	loop_timer_free(t);
	assert_int_equal(w.by_status[200], 2064);
	http_client_free(w.client);
	assert_int_equal(http_client_new(w.loop, NULL, &w.client), 0);
	get_many(&w, "/x", 1);
	assert_int_equal(w.failed, 1);
	stop(&w);
}

static void
on_drained(void *ctx)
{
	struct world *w = ctx;

	w->drained++;
	if (w->done == w->want)
		loop_stop(w->loop);
}

static void
answer_held(void *ctx)
{
	struct world *w = ctx;

	assert_int_equal(w->drained, 0);
	http_request_reply_text(w->held, 200, "text/plain", "held");
}

static void
drain_finishes_what_is_in_flight(void **state)
{
	const struct http_server_opts opts = { 0 };
	struct loop_timer *t;
	struct world w;
	int idle;

	(void)state;
	start(&w, &opts, true);
	get_many(&w, "/x", 3);
	idle = connect_raw(&w);
	w.want = w.done + 1;
	get(&w, "/hold");
	loop_run_for(w.loop, 100);
	assert_non_null(w.held);
	http_server_drain(w.server, 10000, on_drained, &w);
	assert_int_equal(loop_timer_new(w.loop, answer_held, &w, &t), 0);
	loop_timer_start(t, 200, 0);
	while (w.drained == 0)
		assert_true(loop_run_for(w.loop, 8000));
	loop_timer_free(t);
	assert_string_equal(w.last, "held");
	assert_int_equal(w.by_status[200], 4);
	/* Nobody gets in any more. */
	w.want = w.done + 1;
	get(&w, "/x");
	assert_true(loop_run_for(w.loop, 8000));
	assert_int_equal(w.failed, 1);
	close(idle);
	stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_is_limited_per_address),
		cmocka_unit_test(proxies_are_believed_where_trusted),
		cmocka_unit_test(connections_are_counted),
		cmocka_unit_test(over_the_maximum_they_wait),
		cmocka_unit_test(handshakes_are_paced),
		cmocka_unit_test(certificate_is_swapped_under_load),
		cmocka_unit_test(drain_finishes_what_is_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
