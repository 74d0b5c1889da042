/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
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
#include <libwebsockets.h>

#include "base/fault.h"
#include "base/wipe.h"
#include "http/client.h"
#include "http/request.h"
#include "http/server.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/addr.h"
#include "net/tls.h"

/* A server with an HTTPS, a plain and a unix listener, our client, and other
 * people's clients (curl, openssl, raw sockets) run from threads. */
struct world {
	struct loop *loop;
	struct http_server *server;
	struct http_client *client;
	struct net_tls *tls;
	char *cert, *key;
	struct net_addr https, http;
	char dir[32], cert_file[64], unix_path[64];
	char *big;
	struct http_request *held;
	int gone, done, failed, status;
	char text[4096];
	uint8_t hash;
	size_t body_len;
};

#define BIG_BYTES (5U << 20)
/* See context.c. */
#define HAS_H2 (LWS_LIBRARY_VERSION_NUMBER < 4003000)

static void
later(void *ctx)
{
	http_request_reply_text(ctx, 200, "text/plain", "later");
}

static void
count_gone(void *ctx)
{
	((struct world *)ctx)->gone++;
}

static void
echo(struct http_request *r)
{
	static const struct http_header headers[] = { { "Link",
							  "<a>;rel=\"index\"" },
		{ "Link", "<b>;rel=\"up\"" }, { "Replay-Nonce", "n0" } };
	const char *auth = http_request_header(r, "authorization");
	const char *p = http_request_param(r, "p");
	char peer[NET_ADDR_TEXT_MAX], text[1024];
	struct http_reply reply = { .status = 200,
		.content_type = "text/plain",
		.headers = headers,
		.headers_count = 3,
		.body = text };
	size_t len, cert_len;

	http_request_body(r, &len);
	net_addr_format_ip(http_request_peer(r), peer, sizeof(peer));
	reply.body_len = (size_t)snprintf(text, sizeof(text),
	    "%s %s p=%s body=%zu peer=%s auth=%s cert=%d tls=%d",
	    http_method_name(http_request_method(r)), http_request_path(r),
	    p == NULL ? "-" : p, len, peer, auth == NULL ? "-" : auth,
	    http_request_client_cert(r, &cert_len) != NULL,
	    http_request_is_tls(r));
	http_request_reply(r, &reply);
}

static void
handle(void *ctx, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct world *w = ctx;
	struct http_reply big = { .status = 200,
		.content_type = "application/octet-stream",
		.body = w->big,
		.body_len = BIG_BYTES };
	unsigned wait_s = 0;

	if (strcmp(path, "/later") == 0) {
		assert_int_equal(loop_post(w->loop, later, r), 0);
	} else if (strcmp(path, "/hold") == 0) {
		http_request_on_gone(r, count_gone, w);
		w->held = r;
	} else if (strcmp(path, "/big") == 0) {
		http_request_reply(r, &big);
	} else if (strcmp(path, "/abort") == 0) {
		http_request_abort(r);
	} else if (strcmp(path, "/charge") == 0 &&
		   http_request_charge(r, &wait_s) != 0) {
		http_request_reply_text(r, 429, "text/plain", "charged");
	} else {
		echo(r);
	}
}

static void
listen_on(struct world *w, const char *text, struct net_tls *tls,
    struct net_addr *ret)
{
	struct http_listener_opts opts = {
		.tls = tls, .handler = handle, .ctx = w
	};
	struct net_addr a;
	struct fault f;

	assert_int_equal(net_addr_parse(text, &a), 0);
	opts.addr = &a;
	assert_int_equal(http_server_listen(w->server, &opts, ret, &f), 0);
}

static struct http_server_opts opts = { .body_max = 100000,
	.header_timeout_s = 1,
	.body_timeout_s = 1,
	.idle_timeout_s = 2,
	.connections_per_address_max = 1000 };

static int
setup(void **state)
{
	const char *names[] = { "localhost", "::1" };
	struct world *w = calloc(1, sizeof(*w));
	struct net_tls_opts tls = { .client_cert =
					NET_TLS_CLIENT_CERT_REQUESTED };
	char text[80];
	FILE *f;

	*state = w;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_new(&w->loop), 0);
	assert_int_equal(
	    net_tls_self_signed(names, 2, 9, &w->cert, &w->key), 0);
	tls.cert_pem = w->cert;
	tls.key_pem = w->key;
	assert_int_equal(net_tls_new(&tls, &w->tls, NULL), 0);
	memcpy(
	    w->dir, "/tmp/troth-http-XXXXXX", sizeof("/tmp/troth-http-XXXXXX"));
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->cert_file, sizeof(w->cert_file), "%s/cert.pem", w->dir);
	snprintf(w->unix_path, sizeof(w->unix_path), "%s/sock", w->dir);
	f = fopen(w->cert_file, "w");
	assert_true(fputs(w->cert, f) >= 0);
	fclose(f);
	w->big = malloc(BIG_BYTES);
	for (size_t i = 0; i < BIG_BYTES; i++)
		w->big[i] = (char)(i * 7 + (i >> 13));
	assert_int_equal(http_server_new(w->loop, &opts, &w->server, NULL), 0);
	listen_on(w, "[::1]:0", w->tls, &w->https);
	listen_on(w, "[::1]:0", NULL, &w->http);
	snprintf(text, sizeof(text), "unix:%s", w->unix_path);
	listen_on(w, text, NULL, NULL);
	assert_int_equal(http_client_new(w->loop, NULL, &w->client), 0);
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_client_free(w->client);
	http_server_free(w->server);
	if (w->held != NULL)
		later(w->held);
	loop_free(w->loop);
	net_tls_free(w->tls);
	free(w->cert);
	base_wipe_free(w->key, strlen(w->key));
	unlink(w->cert_file);
	assert_int_not_equal(access(w->unix_path, F_OK), 0);
	assert_int_equal(rmdir(w->dir), 0);
	free(w->big);
	free(w);
	return 0;
}

/* Run a shell command in a thread while the loop serves; its output is in
 * w->text, its exit status in w->status. */
struct command {
	struct world *w;
	char line[1024];
};

static void
finished(void *ctx)
{
	loop_stop(((struct world *)ctx)->loop);
}

static void *
run_thread(void *arg)
{
	struct command *c = arg;
	struct world *w = c->w;
	size_t n = 0;
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", c->line, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while (n < sizeof(w->text) - 1 &&
	       (got = read(fds[0], w->text + n, sizeof(w->text) - 1 - n)) > 0)
		n += (size_t)got;
	w->text[n] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	w->status = WEXITSTATUS(status);
	assert_int_equal(loop_post(w->loop, finished, w), 0);
	return NULL;
}

static const char *
run(struct world *w, const char *fmt, ...)
{
	struct command c = { .w = w };
	pthread_t thread;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c.line, sizeof(c.line), fmt, ap);
	va_end(ap);
	assert_int_equal(pthread_create(&thread, NULL, run_thread, &c), 0);
	assert_true(loop_run_for(w->loop, 60000));
	pthread_join(thread, NULL);
	return w->text;
}

#define CURL "curl -sS -m 10 --cacert %s "

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		return;
	fputs("missing: ", stderr);
	fputs(part, stderr);
	fputs("\nin: ", stderr);
	fputs(text, stderr);
	fail();
}

static void
curl_speaks_both_versions(void **state)
{
	struct world *w = *state;
	static const char *const versions[] = { "--http2", "--http1.1" };
	const char *const lines[] = { HAS_H2 ? "HTTP/2 200" : "HTTP/1.1 200",
		"HTTP/1.1 200" };
	const char *t;

	for (int i = 0; i < 2; i++) {
		t = run(w, CURL "-i %s 'https://[::1]:%u/a/../b//c?p=x%%26y'",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, lines[i]);
		assert_has(t, "strict-transport-security: max-age=31536000\r");
		assert_has(t, "x-content-type-options: nosniff\r");
		assert_has(t, "link: <a>;rel=\"index\"\r\nlink: <b>");
		assert_has(t, "replay-nonce: n0\r");
		assert_has(t, "GET /b/c p=x&y body=0 peer=::1 auth=- cert=0");
		assert_null(strstr(t, "server:"));
		t = run(w,
		    CURL "%s -H 'Authorization: Bearer z' -d hello "
			 "https://[::1]:%u/later https://[::1]:%u/y",
		    w->cert_file, versions[i], w->https.port, w->https.port);
		assert_has(t, "laterPOST /y p=- body=5 peer=::1 auth=Bearer z");
		t = run(w, CURL "%s -I https://[::1]:%u/x", w->cert_file,
		    versions[i], w->https.port);
		assert_has(t, "content-length: ");
		assert_int_equal(w->status, 0);
		assert_null(strstr(t, "HEAD /x"));
		t = run(w, CURL "%s https://[::1]:%u/big | cksum", w->cert_file,
		    versions[i], w->https.port);
		assert_has(t, " 5242880");
		t = run(w, CURL "%s -X DELETE https://[::1]:%u/x", w->cert_file,
		    versions[i], w->https.port);
		assert_has(t, "DELETE /x");
	}
	t = run(w, "curl -sS -i --unix-socket %s http://h/u", w->unix_path);
	assert_has(t, "GET /u p=- body=0 peer=unix:");
	assert_null(strstr(t, "strict-transport"));
	t = run(w, "curl -sS -m 5 http://[::1]:%u/abort", w->http.port);
	assert_int_equal(w->status, 52);
}

static void
bodies_up_to_the_limit(void **state)
{
	struct world *w = *state;
	static const char *const versions[] = { "--http2", "--http1.1" };
	const char *t;

	for (int i = 0; i < 2; i++) {
		t = run(w,
		    "head -c 100000 /dev/zero | " CURL "%s "
		    "--data-binary @- https://[::1]:%u/x",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, "body=100000 ");
		t = run(w,
		    "head -c 100001 /dev/zero | " CURL "%s -o /dev/null "
		    "-w '%%{http_code}' --data-binary @- https://[::1]:%u/x",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, "413");
		t = run(w,
		    CURL "%s -w '%%{http_code}' -d x -H "
			 "'Transfer-Encoding: chunked' https://[::1]:%u/x",
		    w->cert_file, versions[i], w->https.port);
		/* Newer clients send a length instead over HTTP/2. */
		if (strstr(t, "body=1 ") == NULL || i == 1)
			assert_has(t, "411");
		t = run(w,
		    CURL "%s -H 'Content-Length: 0' -X POST "
			 "https://[::1]:%u/x",
		    w->cert_file, versions[i], w->https.port);
		assert_has(t, "POST /x p=- body=0");
	}
	for (int i = 0; i < 2; i++) {
		t = run(w, CURL "%s -X POST https://[::1]:%u/x", w->cert_file,
		    versions[i], w->https.port);
		assert_has(t, "POST /x p=- body=0");
	}
	/* No length at all, the body in the same segment: it is not read, and
	 * the connection lives or ends, but not the process. */
	for (int i = 0; i < 5; i++) {
		t = run(w,
		    "printf abc | " CURL "--http2 -X POST -T - -w "
		    "'%%{http_code}' https://[::1]:%u/x",
		    w->cert_file, w->https.port);
		assert_null(strstr(t, "body=3"));
	}
	t = run(w,
	    CURL "--http1.1 -H 'Expect: 100-continue' -d abc -w "
		 "'%%{time_total}' https://[::1]:%u/x",
	    w->cert_file, w->https.port);
	assert_has(t, "body=3");
	assert_has(t, "tls=10."); /* not after a second's wait */
}

static void
tls_is_1_3_only(void **state)
{
	struct world *w = *state;
	const char *t;

	t = run(w,
	    "openssl s_client -connect [::1]:%u -tls1_2 </dev/null "
	    "2>&1",
	    w->https.port);
	assert_has(t, "alert protocol version");
	t = run(w,
	    "openssl s_client -connect [::1]:%u -ciphersuites "
	    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384 </dev/null 2>&1 | "
	    "grep -E '^New|ALPN'",
	    w->https.port);
	assert_has(t, "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384");
	t = run(w,
	    "openssl s_client -connect [::1]:%u -groups P-384 "
	    "</dev/null 2>&1",
	    w->https.port);
	assert_has(t, "alert handshake failure");
	t = run(w,
	    "openssl s_client -connect [::1]:%u -alpn h2 </dev/null "
	    "2>&1 | grep ALPN",
	    w->https.port);
	assert_int_equal(strstr(t, "ALPN protocol: h2") != NULL, HAS_H2);
}

/* Send raw bytes on the plain listener and return what comes back until the
 * server closes. */
struct raw {
	struct world *w;
	const char *send[4];
	unsigned pause_ms;
};

static void *
raw_thread(void *arg)
{
	struct raw *r = arg;
	struct world *w = r->w;
	struct sockaddr_storage sa;
	size_t len, n = 0;
	ssize_t got;
	int fd;

	assert_int_equal(
	    net_addr_to_sockaddr(&w->http, (struct sockaddr *)&sa, &len), 0);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&sa, (socklen_t)len), 0);
	for (int i = 0; i < 4 && r->send[i] != NULL; i++) {
		if (send(fd, r->send[i], strlen(r->send[i]), 0) < 0)
			break;
		usleep(r->pause_ms * 1000);
	}
	while (n < sizeof(w->text) - 1 &&
	       (got = recv(fd, w->text + n, sizeof(w->text) - 1 - n, 0)) > 0)
		n += (size_t)got;
	w->text[n] = '\0';
	close(fd);
	assert_int_equal(loop_post(w->loop, finished, w), 0);
	return NULL;
}

static const char *
raw(struct world *w, struct raw r)
{
	pthread_t thread;

	r.w = w;
	assert_int_equal(pthread_create(&thread, NULL, raw_thread, &r), 0);
	assert_true(loop_run_for(w->loop, 20000));
	pthread_join(thread, NULL);
	return w->text;
}

#define END " HTTP/1.1\r\nHost: x\r\n"
#define LAST "Connection: close\r\n\r\n"

static void
pipelined_requests_are_answered_in_order(void **state)
{
	struct world *w = *state;
	const char *t, *a, *b, *c;

	t = raw(w, (struct raw){ .send = { "GET /1" END "\r\nGET /2" END
					   "\r\nGET /3" END LAST } });
	a = strstr(t, "GET /1");
	b = strstr(t, "GET /2");
	c = strstr(t, "GET /3");
	assert_true(a != NULL && b > a && c > b);
	/* A body behind another request: the library cannot, we close. */
	t = raw(w, (struct raw){ .send = { "GET /1" END "\r\nPOST /2" END
					   "Content-Length: 3\r\n\r\nabc"
					   "GET /3" END LAST } });
	assert_has(t, "GET /1");
	assert_null(strstr(t, "POST /2"));
	assert_null(strstr(t, "GET /3"));
	t = raw(
	    w, (struct raw){
		   .send = { "POST /later" END
			     "Content-Length: 3\r\n\r\nabcGET /2" END LAST } });
	/* Behind a body one library reads on and the other does not. */
	a = strstr(t, "later");
	b = strstr(t, "GET /2");
	assert_true(a != NULL && (b == NULL || b > a));
	t = raw(
	    w, (struct raw){ .pause_ms = 30,
		   .send = { "POST /x HTT",
		       "P/1.1\r\nHost: x\r\nConnection: close\r\nContent-Le",
		       "ngth: 6\r\n\r\nabc", "def" } });
	assert_has(t, "POST /x p=- body=6");
}

static void
slow_peers_are_cut_off(void **state)
{
	struct world *w = *state;
	uint64_t start = loop_monotonic_us(), took;

	assert_string_equal(
	    raw(w, (struct raw){ .send = { "GET /x HTTP/1.1\r\nHo" } }), "");
	took = loop_monotonic_us() - start;
	assert_in_range(took, 900000, 6000000);
	start = loop_monotonic_us();
	raw(w, (struct raw){ .pause_ms = 600,
		   .send = { "GET /x HTTP/1.1\r\nHo", "s", "t", ": x" } });
	assert_null(strstr(w->text, "200"));
	took = loop_monotonic_us() - start;
	assert_in_range(took, 900000, 6000000);
	start = loop_monotonic_us();
	assert_has(
	    raw(w, (struct raw){ .pause_ms = 400,
		       .send = { "POST /x" END "Content-Length: 10\r\n\r\n",
			   "a", "b", "c" } }),
	    "HTTP/1.1 408");
	took = loop_monotonic_us() - start;
	assert_in_range(took, 900000, 8000000);
}

static void
bad_requests_do_no_harm(void **state)
{
	struct world *w = *state;
	static const char *const bad[] = { "\r\n\r\n", "GET\r\n\r\n",
		"GET /\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03",
		"GET / HTTP/1.1\r\nHost: x\r\n:\r\n\r\n", "PRI * HTTP/2.0\r\n",
		"POST /x" END "Content-Length: -5\r\n" LAST,
		"POST /x" END "Content-Length: 5x\r\n" LAST "abcde",
		"POST /x" END "Content-Length: 5\r\nContent-Length: 6\r\n" LAST,
		"POST /x" END "Content-Length: 99999999999999999999\r\n" LAST,
		"GET /%00a" END LAST, "GET /a\x01" END LAST,
		"GET http://x/" END LAST, "CONNECT x:1" END LAST,
		"GET /../../etc/passwd" END LAST,
		"GET /x" END
		"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"GET /x" END "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n" };
	char huge[40000];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		raw(w, (struct raw){ .send = { bad[i] } });
		assert_null(strstr(w->text, "Content-Length: -5"));
		if (strstr(bad[i], "Content-Length") != NULL)
			assert_null(strstr(w->text, "HTTP/1.1 200"));
	}
	memset(huge, 'a', sizeof(huge));
	memcpy(huge, "GET /", 5);
	huge[sizeof(huge) - 1] = '\0';
	raw(w, (struct raw){ .send = { huge } });
	assert_null(strstr(w->text, "HTTP/1.1 200"));
	memcpy(huge, "GET /x HTTP/1.1\r\nX-Y: ", 22);
	raw(w, (struct raw){ .send = { huge } });
	assert_null(strstr(w->text, "HTTP/1.1 200"));
	assert_has(
	    run(w, CURL "https://[::1]:%u/alive", w->cert_file, w->https.port),
	    "GET /alive");
}

static void
peer_that_leaves_is_noticed_or_harmless(void **state)
{
	struct world *w = *state;

	run(w, CURL "-m 1 --http2 https://[::1]:%u/hold", w->cert_file,
	    w->https.port);
	assert_non_null(w->held);
	loop_run_for(w->loop, 300);
	/* Over HTTP/1.1 only when the reply is written. */
	assert_int_equal(w->gone, HAS_H2);
	assert_int_equal(http_request_gone(w->held), HAS_H2);
	later(w->held);
	w->held = NULL;
	run(w, CURL "-m 1 --http1.1 https://[::1]:%u/hold", w->cert_file,
	    w->https.port);
	assert_non_null(w->held);
	later(w->held);
	w->held = NULL;
	assert_has(
	    run(w, CURL "https://[::1]:%u/alive", w->cert_file, w->https.port),
	    "GET /alive");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(curl_speaks_both_versions),
		TEST(bodies_up_to_the_limit),
		TEST(tls_is_1_3_only),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(slow_peers_are_cut_off),
		TEST(bad_requests_do_no_harm),
		TEST(peer_that_leaves_is_noticed_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
