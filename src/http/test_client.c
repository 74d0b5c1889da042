/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against raw sockets that answer as no library would, and against
 * "openssl s_server" for TLS.
 */
#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "net/addr.h"

/* A server that reads one request and writes ${reply} on each connection. */
struct canned {
	int fd;
	uint16_t port;
	const char *reply;
	size_t repeat; /* how often the last byte is sent again */
	bool hang;     /* keep the connection open, silently */
	char seen[4096];
	pthread_t thread;
	int connections;
};

static void *
serve(void *ctx)
{
	struct canned *s = ctx;
	char big[65536];
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		ssize_t n = read(fd, s->seen, sizeof(s->seen) - 1);
		size_t len = strlen(s->reply);

		s->connections++;
		s->seen[n > 0 ? n : 0] = 0;
		(void)!write(fd, s->reply, len);
		memset(big, len > 0 ? s->reply[len - 1] : 0, sizeof(big));
		for (size_t sent = 0; sent < s->repeat; sent += sizeof(big))
			if (send(fd, big, sizeof(big), MSG_NOSIGNAL) < 0)
				break;
		if (s->hang)
			(void)!read(fd, big, sizeof(big));
		close(fd);
	}
	return NULL;
}

static void
canned_start(struct canned *s, const char *unix_path)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(in);

	if (unix_path != NULL) {
		s->fd = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", unix_path);
		assert_int_equal(
		    bind(s->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	} else {
		s->fd = socket(AF_INET6, SOCK_STREAM, 0);
		assert_int_equal(
		    bind(s->fd, (struct sockaddr *)&in, sizeof(in)), 0);
		assert_int_equal(
		    getsockname(s->fd, (struct sockaddr *)&in, &len), 0);
		s->port = ntohs(in.sin6_port);
	}
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
canned_stop(struct canned *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* What a call came to. */
struct outcome {
	struct loop *loop;
	int calls, rc, status;
	char body[256], header[64], detail[256];
	size_t body_len;
};

static void
done(void *ctx, const struct http_response *r)
{
	struct outcome *o = ctx;
	const char *h = http_response_header(r, "x-one");
	const uint8_t *body = http_response_body(r, &o->body_len);

	o->calls++;
	o->rc = http_response_rc(r);
	o->status = http_response_status(r);
	assert_int_equal(body[o->body_len], 0);
	snprintf(o->body, sizeof(o->body), "%s", (const char *)body);
	snprintf(o->header, sizeof(o->header), "%s", h != NULL ? h : "(none)");
	snprintf(o->detail, sizeof(o->detail), "%s", http_response_detail(r));
	loop_stop(o->loop);
}

/* One call, to the end. */
static struct outcome
call(const struct http_client_request *req)
{
	struct outcome o = { .rc = 1 };
	struct http_client *c;

	assert_int_equal(loop_new(&o.loop), 0);
	assert_int_equal(http_client_new(o.loop, NULL, &c), 0);
	assert_int_equal(http_client_send(c, req, done, &o, NULL), 0);
	assert_int_equal(o.calls, 0);
	assert_true(loop_run_for(o.loop, 20000));
	assert_int_equal(o.calls, 1);
	http_client_free(c);
	loop_free(o.loop);
	return o;
}

static struct outcome
get(struct canned *s, size_t response_max, unsigned timeout_ms)
{
	struct http_client_request req = { .method = HTTP_METHOD_GET,
		.response_max = response_max,
		.timeout_ms = timeout_ms };
	struct outcome o;
	char url[64];

	canned_start(s, NULL);
	snprintf(url, sizeof(url), "http://[::1]:%u/a?b", s->port);
	req.url = url;
	o = call(&req);
	canned_stop(s);
	return o;
}

static void
test_answers(void **state)
{
	struct canned ok = { .reply = "HTTP/1.1 200 OK\r\nX-One:  first \r\n"
				      "x-one: second\r\nContent-Length: 5\r\n"
				      "\r\nhello" };
	struct canned moved = { .reply = "HTTP/1.1 302 Found\r\n"
					 "Location: http://[::1]:1/\r\n"
					 "Content-Length: 0\r\n\r\n" };
	struct canned cut = { .reply = "HTTP/1.1 200 OK\r\n"
				       "Content-Length: 50\r\n\r\nhello" };
	struct canned empty = { .reply = "" };
	struct canned junk = { .reply = "SSH-2.0-OpenSSH\r\n" };
	struct canned silent = { .reply = "", .hang = true };
	struct outcome o;

	(void)state;
	o = get(&ok, 0, 0);
	assert_int_equal(o.rc, 0);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.body, "hello");
	assert_string_equal(o.header, "first");
	assert_non_null(strstr(ok.seen, "GET /a?b HTTP/1.1\r\n"));
	o = get(&moved, 0, 0);
	assert_int_equal(o.rc, 0);
	assert_int_equal(o.status, 302);
	o = get(&cut, 0, 0);
	assert_int_equal(o.rc, ERR_PEER_CLOSED);
	assert_int_equal(o.body_len, 0);
	assert_string_not_equal(o.detail, "");
	o = get(&empty, 0, 0);
	assert_int_equal(o.rc, ERR_PEER_CLOSED);
	o = get(&junk, 0, 0);
	assert_int_equal(o.rc, ERR_PEER_MALFORMED);
	o = get(&silent, 0, 300);
	assert_int_equal(o.rc, ERR_PEER_TIMEOUT);
}

static void
test_limits(void **state)
{
	struct canned big = { .reply = "HTTP/1.1 200 OK\r\n\r\nx",
		.repeat = 1 << 20 };
	struct canned exact = { .reply = "HTTP/1.1 200 OK\r\n\r\n12345" };
	struct canned over = { .reply = "HTTP/1.1 200 OK\r\n\r\n123456" };
	struct canned headers = { .reply = "HTTP/1.1 200 OK\r\nX: y",
		.repeat = 1 << 20 };
	struct outcome o;

	(void)state;
	o = get(&big, 4096, 0);
	assert_int_equal(o.rc, ERR_PEER_TOO_LARGE);
	o = get(&exact, 5, 0);
	assert_int_equal(o.rc, 0);
	assert_string_equal(o.body, "12345");
	o = get(&over, 5, 0);
	assert_int_equal(o.rc, ERR_PEER_TOO_LARGE);
	o = get(&headers, 0, 0);
	assert_int_not_equal(o.rc, 0);
}

static void
test_post_unix_and_address(void **state)
{
	const struct http_header headers[] = {
		{ "content-type", "application/json" }, { "x-empty", "" }
	};
	char path[] = "/tmp/test_client.XXXXXX", sock[64];
	struct canned s = { .reply = "HTTP/1.1 201 Created\r\n"
				     "Content-Length: 0\r\n\r\n" };
	struct canned t = s;
	struct http_client_request req = { .method = HTTP_METHOD_POST,
		.url = "http://log.example/submit",
		.headers = headers,
		.headers_count = 2,
		.body = "{\"a\":1}",
		.body_len = 7 };
	struct net_addr to;
	struct outcome o;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(sock, sizeof(sock), "%s/s", path);
	canned_start(&s, sock);
	req.unix_path = sock;
	o = call(&req);
	canned_stop(&s);
	assert_int_equal(o.rc, 0);
	assert_int_equal(o.status, 201);
	assert_non_null(strstr(s.seen, "POST /submit HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen, "Host: log.example\r\n"));
	assert_non_null(strstr(s.seen, "content-type: application/json\r\n"));
	assert_non_null(strstr(s.seen, "x-empty:\r\n"));
	assert_non_null(strstr(s.seen, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(s.seen, "Expect"));
	unlink(sock);
	rmdir(path);
	/* The name is never resolved when the address is given. */
	canned_start(&t, NULL);
	req.unix_path = NULL;
	assert_int_equal(net_addr_parse_ip("::1", t.port, &to), 0);
	req.connect_to = &to;
	o = call(&req);
	canned_stop(&t);
	assert_int_equal(o.rc, 0);
	assert_int_equal(o.status, 201);
	assert_non_null(strstr(t.seen, "Host: log.example\r\n"));
}

static void
test_refused(void **state)
{
	const struct http_header inject = { "x", "a\r\nb: c" };
	struct http_client_request req = { .method = HTTP_METHOD_GET,
		.url = "http://[::1]:1/" };
	struct outcome o;
	struct http_client *c;

	(void)state;
	o = call(&req);
	assert_int_equal(o.rc, ERR_SYS_NETWORK);
	assert_int_equal(loop_new(&o.loop), 0);
	assert_int_equal(http_client_new(o.loop, NULL, &c), 0);
	req.url = "https://[::1]:1/"; /* no trust given */
	assert_int_equal(
	    http_client_send(c, &req, done, &o, NULL), ERR_STATE_USAGE);
	req.url = "file:///etc/passwd";
	assert_int_equal(
	    http_client_send(c, &req, done, &o, NULL), ERR_STATE_USAGE);
	req.url = "http://[::1]:1/";
	req.headers = &inject;
	req.headers_count = 1;
	assert_int_equal(
	    http_client_send(c, &req, done, &o, NULL), ERR_STATE_USAGE);
	http_client_free(c);
	loop_free(o.loop);
}

/* Callbacks that never run: cancelled, and freed with the client. */
static void
test_cancel_and_full(void **state)
{
	const struct http_client_opts opts = { .calls_max = 3 };
	struct canned s = { .reply = "", .hang = true };
	struct http_client_request req = { .method = HTTP_METHOD_GET };
	struct outcome o = { .rc = 1 };
	struct http_call *first;
	struct http_client *c;
	char url[64];

	(void)state;
	canned_start(&s, NULL);
	snprintf(url, sizeof(url), "http://[::1]:%u/", s.port);
	req.url = url;
	assert_int_equal(loop_new(&o.loop), 0);
	assert_int_equal(http_client_new(o.loop, &opts, &c), 0);
	assert_int_equal(http_client_send(c, &req, done, &o, &first), 0);
	assert_int_equal(http_client_send(c, &req, done, &o, NULL), 0);
	assert_int_equal(http_client_send(c, &req, done, &o, NULL), 0);
	assert_int_equal(
	    http_client_send(c, &req, done, &o, NULL), ERR_STATE_FULL);
	(void)loop_run_for(o.loop, 100);
	http_client_cancel(first);
	assert_int_equal(http_client_send(c, &req, done, &o, NULL), 0);
	(void)loop_run_for(o.loop, 100);
	http_client_free(c);
	(void)loop_run_for(o.loop, 50);
	assert_int_equal(o.calls, 0);
	loop_free(o.loop);
	canned_stop(&s);
}

/* "openssl s_server -www" with a certificate made for ::1. */
struct tls_peer {
	pid_t pid;
	uint16_t port;
	char dir[32], cert[64];
	uint8_t pin[32];
};

/* Run a shell command and keep what it prints. */
static void
sh(const char *cmd, char *out, size_t cap)
{
	size_t n = 0;
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while (n < cap - 1 && (got = read(fds[0], out + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = 0;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static uint16_t
free_port(void)
{
	struct canned s = { .reply = "" };

	canned_start(&s, NULL);
	canned_stop(&s);
	return s.port;
}

static void
tls_peer_start(struct tls_peer *p)
{
	char cmd[512], hex[128], port[16];
	unsigned byte;

	snprintf(p->dir, sizeof(p->dir), "/tmp/test_client.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->cert, sizeof(p->cert), "%s/cert", p->dir);
	snprintf(cmd, sizeof(cmd),
	    "cd %s && openssl req -x509 -newkey ec -pkeyopt "
	    "ec_paramgen_curve:P-256 -nodes -keyout key -out cert -subj /CN=t "
	    "-addext subjectAltName=IP:::1 -days 2 2>/dev/null && openssl "
	    "x509 -in cert -noout -pubkey | openssl pkey -pubin -outform der | "
	    "sha256sum | cut -c1-64",
	    p->dir);
	sh(cmd, hex, sizeof(hex));
	for (size_t i = 0; i < 32; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		p->pin[i] = (uint8_t)byte;
	}
	p->port = free_port();
	snprintf(port, sizeof(port), "[::1]:%u", p->port);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		if (chdir(p->dir) == 0 && freopen("/dev/null", "w", stdout))
			execlp("openssl", "openssl", "s_server", "-accept",
			    port, "-cert", "cert", "-key", "key", "-www",
			    "-quiet", (char *)NULL);
		_exit(127);
	}
	usleep(500000);
}

static void
tls_peer_stop(struct tls_peer *p)
{
	char cmd[64], out[8];

	kill(p->pid, SIGTERM);
	waitpid(p->pid, NULL, 0);
	snprintf(cmd, sizeof(cmd), "rm -r %s", p->dir);
	sh(cmd, out, sizeof(out));
}

static void
test_tls_trust(void **state)
{
	struct http_client_request req = { .method = HTTP_METHOD_GET };
	struct tls_peer p;
	uint8_t wrong[1][32] = { { 1 } }, right[1][32];
	struct outcome o;
	char url[64], other[256];

	(void)state;
	tls_peer_start(&p);
	memcpy(right[0], p.pin, 32);
	snprintf(url, sizeof(url), "https://[::1]:%u/", p.port);
	req.url = url;
	req.roots_file = p.cert;
	o = call(&req);
	assert_int_equal(o.rc, 0);
	assert_int_equal(o.status, 200);
	/* The right root and a wrong pin. */
	req.spki_pins = (const uint8_t(*)[32])wrong;
	req.spki_pins_count = 1;
	assert_int_equal(call(&req).rc, ERR_PEER_UNTRUSTED);
	/* A pin alone. */
	req.roots_file = NULL;
	assert_int_equal(call(&req).rc, ERR_PEER_UNTRUSTED);
	req.spki_pins = (const uint8_t(*)[32])right;
	assert_int_equal(call(&req).rc, 0);
	/* Roots that did not issue it. */
	req.spki_pins_count = 0;
	req.roots_file = "/etc/ssl/certs/ca-certificates.crt";
	assert_int_equal(call(&req).rc, ERR_PEER_UNTRUSTED);
	/* The right root, another name. */
	req.roots_file = p.cert;
	snprintf(other, sizeof(other), "https://localhost:%u/", p.port);
	req.url = other;
	assert_int_equal(call(&req).rc, ERR_PEER_UNTRUSTED);
	tls_peer_stop(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_post_unix_and_address),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cancel_and_full),
		cmocka_unit_test(test_tls_trust),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
