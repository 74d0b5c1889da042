/* SPDX-License-Identifier: Apache-2.0 */
/* A probe against servers made of plain OpenSSL, in processes of their own. */
#include "net/tls_probe.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/alloc_test.h"
#include "base/wipe.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "net/tls.h"

enum how { GOOD, OLD, OTHER_PROTOCOL, PLAIN, CLOSE, HANG, HOWS };

struct server {
	enum how how;
	pid_t pid;
	struct net_addr addr;
};

static struct {
	struct loop *loop;
	struct server server[HOWS];
	uint8_t cert[4096];
	size_t cert_len;
} lab;

struct seen {
	int calls, rc;
	bool alpn;
	size_t cert_len;
	bool same_cert;
};

/* Choose "acme-tls/1", for a server that would rather have it than not. */
static int
choose(SSL *ssl, const uint8_t **out, uint8_t *out_len, const uint8_t *in,
    unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	if (in_len < 11)
		return SSL_TLSEXT_ERR_NOACK;
	*out = in + 1;
	*out_len = 10;
	return SSL_TLSEXT_ERR_OK;
}

static void
serve_tls(SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);
	char c;

	SSL_set_fd(ssl, fd);
	/* The name that was asked for is part of what is tested. */
	if (SSL_accept(ssl) == 1 &&
	    strcmp(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name),
		"www.test") == 0)
		(void)SSL_read(ssl, &c, 1);
	SSL_free(ssl);
}

/* The child: one connection after the other. */
static void
serve(enum how how, int listener, const char *cert, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	BIO *c = BIO_new_mem_buf(cert, -1), *k = BIO_new_mem_buf(key, -1);

	SSL_CTX_use_certificate(ctx, PEM_read_bio_X509(c, NULL, NULL, NULL));
	SSL_CTX_use_PrivateKey(
	    ctx, PEM_read_bio_PrivateKey(k, NULL, NULL, NULL));
	if (how != OTHER_PROTOCOL)
		SSL_CTX_set_alpn_select_cb(ctx, choose, NULL);
	if (how == OLD)
		SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		char byte;

		if (how == PLAIN)
			(void)!write(fd, "HTTP/1.0 400 no\r\n\r\n", 19);
		else if (how == HANG)
			(void)!read(fd, &byte, 1), sleep(60);
		else if (how != CLOSE)
			serve_tls(ctx, fd);
		close(fd);
	}
}

static void
start(struct server *s, const char *cert, const char *key)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	assert_int_equal(
	    net_addr_from_sockaddr((struct sockaddr *)&sa, len, &s->addr), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0)
		serve(s->how, fd, cert, key);
	close(fd);
}

static int
set_up(void **state)
{
	const char *names[] = { "www.test" };
	char *cert, *key;
	uint8_t *der = lab.cert;
	BIO *bio;
	X509 *x;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(net_tls_self_signed(names, 1, 1, &cert, &key), 0);
	for (int i = 0; i < HOWS; i++) {
		lab.server[i].how = (enum how)i;
		start(&lab.server[i], cert, key);
	}
	bio = BIO_new_mem_buf(cert, -1);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	lab.cert_len = (size_t)i2d_X509(x, &der);
	X509_free(x);
	BIO_free(bio);
	free(cert);
	base_wipe_free(key, strlen(key));
	return loop_new(&lab.loop);
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < HOWS; i++) {
		kill(lab.server[i].pid, SIGKILL);
		waitpid(lab.server[i].pid, NULL, 0);
	}
	loop_free(lab.loop);
	return 0;
}

static void
on_seen(void *ctx, const struct net_tls_probe_seen *seen)
{
	struct seen *s = ctx;

	s->calls++;
	s->rc = seen->rc;
	s->alpn = seen->alpn;
	s->cert_len = seen->cert_len;
	s->same_cert = seen->cert_len == lab.cert_len &&
		       memcmp(seen->cert, lab.cert, lab.cert_len) == 0;
	loop_stop(lab.loop);
}

/* Probe and wait; what start returned. */
static int
probe(const struct net_addr *to, struct seen *s)
{
	const struct net_tls_probe_ask ask = { .loop = lab.loop,
		.to = to,
		.sni = "www.test",
		.alpn = "acme-tls/1",
		.timeout_ms = 300,
		.done = on_seen,
		.ctx = s };
	struct net_tls_probe *p;
	int rc;

	memset(s, 0, sizeof(*s));
	rc = net_tls_probe_start(&ask, &p);
	if (rc != 0)
		return rc;
	assert_int_equal(s->calls, 0); /* never at once */
	(void)loop_run_for(lab.loop, 10000);
	assert_int_equal(s->calls, 1);
	return 0;
}

static void
test_ends(void **state)
{
	static const struct {
		enum how how;
		int rc;
		bool alpn;
	} rows[] = {
		{ GOOD, 0, true },
		{ OLD, 0, true },
		{ OTHER_PROTOCOL, 0, false },
		{ PLAIN, ERR_PEER_UNTRUSTED, false },
		{ CLOSE, ERR_PEER_CLOSED, false },
		{ HANG, ERR_PEER_TIMEOUT, false },
	};
	struct net_addr nobody = lab.server[GOOD].addr;
	struct seen s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    probe(&lab.server[rows[i].how].addr, &s), 0);
		if (s.rc != rows[i].rc || s.alpn != rows[i].alpn ||
		    s.same_cert != (rows[i].rc == 0))
			fail_msg("row %zu: %d %d", i, s.rc, s.alpn);
	}
	nobody.port = 1;
	assert_int_equal(probe(&nobody, &s), 0);
	assert_int_equal(s.rc, ERR_SYS_NETWORK);
}

static void
test_cancel(void **state)
{
	struct seen s = { 0 };
	const struct net_tls_probe_ask ask = { .loop = lab.loop,
		.to = &lab.server[GOOD].addr,
		.sni = "www.test",
		.alpn = "acme-tls/1",
		.timeout_ms = 1000,
		.done = on_seen,
		.ctx = &s };
	struct net_tls_probe *p;

	(void)state;
	net_tls_probe_cancel(NULL);
	assert_int_equal(net_tls_probe_start(&ask, &p), 0);
	net_tls_probe_cancel(p);
	(void)loop_run_for(lab.loop, 50);
	assert_int_equal(s.calls, 0);
}

/*
 * With any allocation failing there is one end: start fails, or the callback
 * comes, with a certificate or an error.  OpenSSL makes some thousands; the
 * first hundred are tried one by one, then every 41st.
 */
static void
test_memory(void **state)
{
	struct seen s;
	long failed = 0;
	int rc;

	(void)state;
	for (long n = 0;; n += n < 100 ? 1 : 41) {
		if (!alloc_test_fail(n))
			skip();
		rc = probe(&lab.server[GOOD].addr, &s);
		if (!alloc_test_failed()) {
			assert_int_equal(rc, 0);
			assert_int_equal(s.rc, 0);
			break;
		}
		if (rc != 0 || s.rc != 0)
			failed++;
		else
			assert_true(s.same_cert);
	}
	assert_true(failed > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
