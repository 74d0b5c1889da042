/* SPDX-License-Identifier: Apache-2.0 */
#include <uv.h>

#include "base/err.h"
#include "http/clock_internal.h"
#include "http/context_internal.h"
#include "http/listener_internal.h"
#include "http/start_internal.h"
#include "loop/uv.h"
#include "net/tls.h"

#define SERVE_BUFFER_BYTES 65536
#define DESTROY_ROUNDS 4
#define DESTROY_TURNS 20

/*
 * Version 4.3 stops at an assertion of its own when a POST without a length
 * comes over HTTP/2 together with its body (lws_h2_bind_for_post_before_action,
 * libwebsockets issue 3669): anybody could end the process.
 */
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
#define ALPN "http/1.1"
#else
#define ALPN "h2,http/1.1"
#endif

/* No token (RFC 9110 section 5.6.2): no client can ask for it. */
#define NOT_A_SUBPROTOCOL "(http)"
/* What a WebSocket reads at once. */
#define WEBSOCKET_READ_BYTES 16384

static void
discard_log(int level, const char *line)
{
	(void)level;
	(void)line;
}

int
http_context_open(struct http_server *s)
{
	void *loops[1] = { loop_uv_get(s->loop) };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_LIBUV |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.foreign_loops = loops,
		.pcontext = &s->lws,
		.timeout_secs = s->header_timeout_s,
		.max_http_header_data = HTTP_HEADER_BLOCK_MAX,
		.max_http_header_pool = 65535,
		.pt_serv_buf_size = SERVE_BUFFER_BYTES,
	};

	/* The library writes to stderr; libraries here do not. */
	lws_set_log_level(0, discard_log);
	s->lws = lws_create_context(&info);
	return s->lws == NULL ? ERR_SYS_OS : 0;
}

static void
name_protocols(struct http_listener *l)
{
	struct lws_protocols p = { .name = NOT_A_SUBPROTOCOL,
		.callback = http_exchange_callback,
		.per_session_data_size = HTTP_SESSION_BYTES,
		.tx_packet_size = HTTP_WRITE_MAX + HTTP_REPLY_HEADERS_MAX };

	l->protocols[0] = p;
	p.rx_buffer_size = WEBSOCKET_READ_BYTES;
	for (size_t i = 0; i < l->subprotocols_count; i++) {
		p.name = l->subprotocols[i];
		l->protocols[1 + i] = p;
	}
}

int
http_context_vhost(struct http_listener *l)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = l->protocols,
		.user = l,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.keepalive_timeout = (int)l->server->idle_timeout_s,
		.timeout_secs = l->server->header_timeout_s,
		.timeout_secs_ah_idle = l->server->header_timeout_s,
		.http2_settings = { 1, 4096, 0, HTTP_STREAMS_MAX, 65535, 16384,
		    HTTP_HEADER_BLOCK_MAX },
		.alpn = ALPN,
	};

	name_protocols(l);
	if (l->tls != NULL)
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
			       LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
	l->vhost = lws_create_vhost(l->server->lws, &info);
	return l->vhost == NULL ? ERR_SYS_OS : 0;
}

int
http_context_tls(struct lws_vhost *vhost, void *ssl_ctx)
{
	struct http_listener *l = lws_vhost_user(vhost);

	return l == NULL || l->tls == NULL
		   ? 0
		   : net_tls_setup_listener(l->tls, ssl_ctx,
			 (enum net_tls_client_cert)l->client_cert);
}

void
http_context_ref_tls(struct http_listener *l, struct net_tls *tls)
{
	l->tls = tls == NULL ? NULL : net_tls_ref(tls);
}

void
http_context_unref_tls(struct http_listener *l)
{
	net_tls_free(l->tls);
	l->tls = NULL;
}

/* The library closes its handles on the loop, first those of sockets, then
 * its own timers; it sets our pointer to NULL when it is gone. */
void
http_context_close(struct http_server *s)
{
	for (int round = 0; round < DESTROY_ROUNDS && s->lws != NULL; round++) {
		lws_context_destroy(s->lws);
		for (int t = 0; t < DESTROY_TURNS && s->lws != NULL; t++)
			uv_run(loop_uv_get(s->loop), UV_RUN_NOWAIT);
	}
}

void
http_context_kill(struct lws *wsi)
{
	if (wsi == NULL)
		return;
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
	/* On a foreign loop it looks at its timeouts only when it wakes. */
	lws_cancel_service(lws_get_context(wsi));
}
