/* SPDX-License-Identifier: Apache-2.0 */
#include "http/websocket_client.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/clock_internal.h"
#include "http/dial_internal.h"
#include "http/library_internal.h"
#include "loop/timer.h"
#include "loop/uv.h"

#define TICK_MS 500
#define TIMEOUT_S_DEFAULT 10
#define SERVE_BUFFER_BYTES 65536
#define READ_BYTES 16384
#define DESTROY_ROUNDS 4
#define DESTROY_TURNS 20
/* An answer of the server that is no upgrade. */
#define HEADER_MAX 8192

static const struct lws_protocols protocols[] = {
	{ .name = "websocket",
	    .callback = http_dial_callback,
	    .rx_buffer_size = READ_BYTES },
	{ 0 },
};

/* A resolution that libuv may still run when its connection is gone. */
struct http_resolution {
	uv_getaddrinfo_t req;
	struct http_websocket_client *client;
	struct http_dial *dial; /* NULL when nobody waits any more */
};

/* What has no connection of the library's yet. */
static void
fail_early(struct http_dial *d, int rc, const char *reason)
{
	http_dial_fail(d, rc, reason);
	http_dial_drop(d);
}

static void
connect_now(struct http_dial *d)
{
	struct http_websocket_client *c = d->client;
	const struct lws_client_connect_info info = { .context = c->lws,
		.address = d->address,
		.port = (int)d->port,
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT |
				  (d->is_tls ? LCCSCF_USE_SSL : 0),
		.path = d->path,
		.host = d->authority,
		.protocol = d->subprotocol,
		.local_protocol_name = protocols[0].name,
		.ietf_version_or_minus_one = -1,
		.alpn = "http/1.1",
		.vhost = c->vhost,
		.pwsi = &d->wsi,
		.opaque_user_data = d };
	struct lws *wsi;

	d->connecting = true;
	wsi = lws_client_connect_via_info(&info);
	d->connecting = false;
	/* On failure the library may have told us already; what it has made
	 * then ends without us. */
	if (wsi == NULL || (d->wsi == NULL && d->websocket == NULL)) {
		if (d->seen != NULL)
			lws_set_opaque_user_data(d->seen, NULL);
		fail_early(d, ERR_SYS_NETWORK, "cannot connect");
		return;
	}
	d->wsi = wsi;
	if (d->websocket != NULL)
		http_websocket_attach(d->websocket, wsi, &d->websocket);
}

static void
on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct http_resolution *r = (struct http_resolution *)(void *)req;
	struct http_dial *d = r->dial;

	r->client->resolving--;
	if (d != NULL)
		d->resolution = NULL;
	if (d != NULL && d->websocket != NULL && status == 0 && list != NULL &&
	    getnameinfo(list->ai_addr, list->ai_addrlen, d->address,
		sizeof(d->address), NULL, 0, NI_NUMERICHOST) == 0)
		connect_now(d);
	else if (d != NULL)
		fail_early(d, ERR_PEER_NAME, "the name does not resolve");
	uv_freeaddrinfo(list);
	free(r);
}

static int
resolve(struct http_dial *d)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct http_resolution *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_SYS_NOMEM;
	r->client = d->client;
	r->dial = d;
	if (uv_getaddrinfo(loop_uv_get(d->client->loop), &r->req, on_resolved,
		d->host, NULL, &hints) != 0) {
		free(r);
		return ERR_SYS_NOMEM;
	}
	d->resolution = r;
	d->client->resolving++;
	return 0;
}

static void
tick_dial(struct http_dial *d, uint64_t now_ms)
{
	if (d->websocket == NULL)
		return;
	if (!http_websocket_is_opening(d->websocket)) {
		http_websocket_tick(d->websocket, now_ms);
		return;
	}
	/* An address needs no resolution, but connecting must not call back
	 * from inside http_websocket_client_connect. */
	if (d->wsi == NULL && d->resolution == NULL &&
	    d->deadline_ms > now_ms) {
		if (d->address[0] != '\0')
			connect_now(d);
		else if (resolve(d) != 0)
			fail_early(d, ERR_SYS_NOMEM, "cannot resolve");
		return;
	}
	if (now_ms < d->deadline_ms)
		return;
	http_websocket_lost(
	    d->websocket, ERR_PEER_TIMEOUT, 0, "not open in time");
	if (d->wsi != NULL) {
		http_context_kill(d->wsi);
		return;
	}
	if (d->resolution != NULL)
		d->resolution->dial = NULL;
	http_websocket_end(d->websocket);
	http_dial_drop(d);
}

static void
on_tick(void *ctx)
{
	struct http_websocket_client *c = ctx;
	uint64_t now_ms = http_clock_of(c->loop);
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &c->dials)
		tick_dial(LIST_ENTRY(it, struct http_dial, node), now_ms);
	loop_timer_start(c->timer, TICK_MS, 0);
}

static void
discard_log(int level, const char *line)
{
	(void)level;
	(void)line;
}

static int
open_library(struct http_websocket_client *c)
{
	void *loops[1] = { loop_uv_get(c->loop) };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_LIBUV |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.foreign_loops = loops,
		.pcontext = &c->lws,
		.max_http_header_data = HEADER_MAX,
		.pt_serv_buf_size = SERVE_BUFFER_BYTES,
		.provided_client_ssl_ctx = c->tls,
	};

	lws_set_log_level(0, discard_log);
	c->lws = lws_create_context(&info);
	if (c->lws != NULL)
		c->vhost = lws_create_vhost(c->lws, &info);
	return c->vhost == NULL ? ERR_SYS_OS : 0;
}

int
http_websocket_client_new(struct loop *l, struct http_websocket_client **ret)
{
	struct http_websocket_client *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	base_list_init(&c->dials);
	c->loop = l;
	rc = loop_timer_new(l, on_tick, c, &c->timer);
	if (rc == 0)
		rc = http_dial_tls_new(c);
	if (rc == 0)
		rc = open_library(c);
	if (rc != 0) {
		http_websocket_client_free(c);
		return rc;
	}
	loop_timer_start(c->timer, TICK_MS, 0);
	*ret = c;
	return 0;
}

/* As the server's: the library closes its handles on the loop. */
static void
close_library(struct http_websocket_client *c)
{
	uv_loop_t *uv = loop_uv_get(c->loop);

	for (int round = 0; round < DESTROY_ROUNDS && c->lws != NULL; round++) {
		lws_context_destroy(c->lws);
		for (int t = 0; t < DESTROY_TURNS && c->lws != NULL; t++)
			uv_run(uv, UV_RUN_NOWAIT);
	}
	while (c->resolving > 0)
		uv_run(uv, UV_RUN_ONCE);
}

void
http_websocket_client_free(struct http_websocket_client *c)
{
	struct http_dial *d;

	if (c == NULL)
		return;
	loop_timer_free(c->timer);
	close_library(c);
	while (!base_list_empty(&c->dials)) {
		d = LIST_ENTRY(c->dials.next, struct http_dial, node);
		fail_early(d, ERR_PEER_CLOSED, "");
	}
	SSL_CTX_free(c->tls);
	free(c);
}

int
http_websocket_client_connect(struct http_websocket_client *c,
    const struct http_websocket_dial *dial,
    const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx,
    struct http_websocket **ret)
{
	struct http_websocket *w;
	struct http_dial *d;
	int rc;

	if (c->dials_count >= HTTP_DIALS_MAX)
		return ERR_STATE_FULL;
	rc = http_dial_new(c, dial, &d);
	if (rc != 0)
		return rc;
	w = http_websocket_new(c->loop, opts, events, ctx);
	if (w == NULL) {
		http_dial_free(d);
		return ERR_SYS_NOMEM;
	}
	http_websocket_attach(w, NULL, &d->websocket);
	d->deadline_ms = http_clock_of(c->loop) +
			 1000ULL * (dial->timeout_s == 0 ? TIMEOUT_S_DEFAULT
							 : dial->timeout_s);
	base_list_push_back(&c->dials, &d->node);
	c->dials_count++;
	loop_timer_start(c->timer, 0, 0);
	*ret = w;
	return 0;
}
