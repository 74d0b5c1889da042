/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_probe.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/fd.h"
#include "loop/timer.h"
#include "net/addr.h"

enum { ALPN_MAX = 255 };

struct net_tls_probe {
	struct net_tls_probe_ask ask;
	int fd;
	bool connected;
	SSL_CTX *ctx;
	SSL *ssl;
	struct loop_fd *watch;
	struct loop_timer *timer;
};

void
net_tls_probe_cancel(struct net_tls_probe *p)
{
	if (p == NULL)
		return;
	loop_timer_free(p->timer);
	loop_fd_free(p->watch);
	SSL_free(p->ssl);
	SSL_CTX_free(p->ctx);
	if (p->fd >= 0)
		(void)close(p->fd);
	free(p);
}

static void
finish(struct net_tls_probe *p, struct net_tls_probe_seen *seen)
{
	const struct net_tls_probe_ask ask = p->ask;

	net_tls_probe_cancel(p);
	ask.done(ask.ctx, seen);
	OPENSSL_free((void *)(uintptr_t)seen->cert);
}

static void
fail(struct net_tls_probe *p, int rc, const char *detail)
{
	struct net_tls_probe_seen seen = { .rc = rc, .detail = detail };

	finish(p, &seen);
}

/* The handshake has ended well. */
static void
look(struct net_tls_probe *p)
{
	struct net_tls_probe_seen seen = { .detail = "" };
	const uint8_t *chosen = NULL;
	uint8_t *der = NULL;
	unsigned chosen_len = 0;
	X509 *cert = SSL_get0_peer_certificate(p->ssl);
	int len = cert == NULL ? -1 : i2d_X509(cert, &der);

	SSL_get0_alpn_selected(p->ssl, &chosen, &chosen_len);
	seen.alpn = chosen_len == strlen(p->ask.alpn) &&
		    memcmp(chosen, p->ask.alpn, chosen_len) == 0;
	if (len < 0)
		seen.rc = ERR_SYS_NOMEM;
	else
		seen.cert_len = (size_t)len;
	seen.cert = der;
	finish(p, &seen);
}

/* What the handshake ended with; the queue's first error is the cause. */
static void
fail_handshake(struct net_tls_probe *p, int what)
{
	unsigned long e = ERR_peek_error();
	const char *detail = e == 0 ? NULL : ERR_reason_error_string(e);
	int rc = ERR_PEER_UNTRUSTED;

	if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
		rc = ERR_SYS_NOMEM;
	else if (what == SSL_ERROR_SYSCALL ||
		 ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		rc = ERR_PEER_CLOSED;
	ERR_clear_error();
	fail(p, rc, detail == NULL ? "" : detail);
}

static void
shake(struct net_tls_probe *p)
{
	int rc, what;

	ERR_clear_error();
	rc = SSL_connect(p->ssl);
	if (rc == 1) {
		look(p);
		return;
	}
	what = SSL_get_error(p->ssl, rc);
	if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE) {
		if (loop_fd_watch(p->watch, what == SSL_ERROR_WANT_READ
						? LOOP_FD_READ
						: LOOP_FD_WRITE) != 0)
			fail(p, ERR_SYS_NETWORK, "");
		return;
	}
	fail_handshake(p, what);
}

static void
on_ready(void *ctx, unsigned events)
{
	struct net_tls_probe *p = ctx;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)events;
	if (!p->connected) {
		if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len) !=
			0 ||
		    error != 0) {
			fail(p, ERR_SYS_NETWORK, strerror(error));
			return;
		}
		p->connected = true;
	}
	shake(p);
}

static void
on_timeout(void *ctx)
{
	fail(ctx, ERR_PEER_TIMEOUT, "");
}

static int
set_up_tls(struct net_tls_probe *p)
{
	uint8_t alpn[1 + ALPN_MAX];
	size_t len = strlen(p->ask.alpn);

	if (len > ALPN_MAX)
		return ERR_STATE_USAGE;
	alpn[0] = (uint8_t)len;
	memcpy(alpn + 1, p->ask.alpn, len);
	p->ctx = SSL_CTX_new(TLS_client_method());
	if (p->ctx == NULL)
		return ERR_SYS_NOMEM;
	SSL_CTX_set_verify(p->ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(p->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(p->ctx, NET_TLS_PROBE_CHAIN_MAX);
	if (SSL_CTX_set_min_proto_version(p->ctx, TLS1_2_VERSION) != 1)
		return ERR_SYS_CRYPTO;
	p->ssl = SSL_new(p->ctx);
	if (p->ssl == NULL)
		return ERR_SYS_NOMEM;
	if (SSL_set_tlsext_host_name(p->ssl, p->ask.sni) != 1 ||
	    SSL_set_alpn_protos(p->ssl, alpn, (unsigned)(len + 1)) != 0 ||
	    SSL_set_fd(p->ssl, p->fd) != 1)
		return ERR_SYS_CRYPTO;
	return 0;
}

/* A connection that is refused at once is told of later, like any other. */
static int
dial(struct net_tls_probe *p)
{
	struct sockaddr_storage sa;
	size_t len;
	int rc = net_addr_to_sockaddr(p->ask.to, (struct sockaddr *)&sa, &len);

	if (rc != 0)
		return rc;
	p->fd = socket(
	    sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return ERR_SYS_OS;
	if (connect(p->fd, (struct sockaddr *)&sa, (socklen_t)len) != 0 &&
	    errno != EINPROGRESS)
		return ERR_SYS_NETWORK;
	return 0;
}

static void
on_refused(void *ctx)
{
	fail(ctx, ERR_SYS_NETWORK, "");
}

int
net_tls_probe_start(
    const struct net_tls_probe_ask *ask, struct net_tls_probe **ret)
{
	struct net_tls_probe *p = calloc(1, sizeof(*p));
	bool refused;
	int rc;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	p->ask = *ask;
	p->fd = -1;
	rc = dial(p);
	refused = rc == ERR_SYS_NETWORK;
	if (rc == 0 || refused)
		rc = loop_timer_new(
		    ask->loop, refused ? on_refused : on_timeout, p, &p->timer);
	if (rc == 0 && !refused)
		rc = set_up_tls(p);
	if (rc == 0 && !refused)
		rc = loop_fd_new(ask->loop, p->fd, on_ready, p, &p->watch);
	if (rc == 0 && !refused)
		rc = loop_fd_watch(p->watch, LOOP_FD_WRITE);
	if (rc != 0) {
		net_tls_probe_cancel(p);
		return rc;
	}
	p->ask.to = NULL; /* used, like sni, and not kept */
	loop_timer_start(p->timer, refused ? 0 : ask->timeout_ms, 0);
	*ret = p;
	return 0;
}
