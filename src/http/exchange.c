/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "http/attach_internal.h"
#include "http/clock_internal.h"
#include "http/context_internal.h"
#include "http/exchange_internal.h"
#include "http/library_internal.h"
#include "http/listener_internal.h"
#include "http/request_internal.h"
#include "http/server_internal.h"
#include "http/write_internal.h"

/*
 * How libwebsockets tells us about a request: CALLBACK_HTTP when the headers
 * are there, HTTP_BODY for each piece, HTTP_BODY_COMPLETION at the end.
 * While a request is handled nothing is read from an HTTP/1.1 connection:
 * otherwise the library would take pipelined bytes for more of the body.
 */

static struct http_conn *
conn_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(lws_get_network_wsi(wsi));
}

/* Calls for one request; each is a turn of a loop that cannot sleep. */
#define COMPLETIONS_MAX 10000

/* Less than the window that the library gives each stream. */
#define WINDOW_SAFE 16384

_Static_assert(
    sizeof(struct http_session) <= HTTP_SESSION_BYTES, "session size");

void
http_exchange_deliver(struct http_request *r)
{
	const struct http_listener *l = r->listener;
	const struct http_session *session;
	struct lws *wsi = r->wsi;
	unsigned wait_s = 0;

	base_list_remove(&r->timed);
	base_list_init(&r->timed);
	r->stage = HTTP_STAGE_HANDLING;
	r->started_us = http_clock_now_us();
	lws_set_timeout(r->wsi, NO_PENDING_TIMEOUT, 0);
	if (http_request_find(r, "authorization") == NULL && r->cert == NULL &&
	    http_request_take(r, &wait_s) != 0)
		http_refuse_request(r, 429, wait_s);
	else
		l->handler(l->ctx, r);
	/* Until a reply that comes later. */
	session = lws_wsi_user(wsi);
	if (session != NULL && session->request == r &&
	    r->stage == HTTP_STAGE_HANDLING)
		lws_rx_flow_control(wsi, 0);
}

static struct http_request *
request_new(struct lws *wsi, struct http_conn *c)
{
	struct http_listener *l = c->listener;
	struct http_request *r = http_request_new();

	if (r == NULL)
		return NULL;
	base_list_push_back(&l->server->live, &r->live);
	r->server = l->server;
	r->listener = l;
	r->conn = c;
	r->wsi = wsi;
	r->is_tls = l->tls != NULL;
	r->is_h2 = lws_get_network_wsi(wsi) != wsi;
	r->free_of_charge = l->not_rate_limited || c->is_unix;
	r->body_max = l->server->body_max;
	r->ctx = l->ctx;
	return r;
}

/* curl and others wait a second for this before they send a large body. */
static int
send_continue(struct http_request *r)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	uint8_t *out = r->server->scratch + LWS_PRE;
	const char *expect = http_request_find(r, "expect");

	if (r->is_h2 || !r->expects_body || expect == NULL ||
	    strcasecmp(expect, "100-continue") != 0)
		return 0;
	memcpy(out, text, sizeof(text) - 1);
	return lws_write(
		   r->wsi, out, sizeof(text) - 1, LWS_WRITE_HTTP_HEADERS) < 0
		   ? -1
		   : 0;
}

struct http_request *
http_exchange_begin(
    struct lws *wsi, struct http_session *session, int *ret_status)
{
	struct http_conn *c = conn_of(wsi);
	struct http_server *s;
	struct http_request *r;

	if (c == NULL || session == NULL || session->request != NULL)
		return NULL;
	s = c->server;
	r = request_new(wsi, c);
	if (r == NULL)
		return NULL;
	session->request = r;
	session->answered = false;
	c->requests_now++;
	c->requests_total++;
	c->window += HTTP_STREAM_WINDOW;
	s->requests_total++;
	s->requests_now++;
	*ret_status = http_collect_all(r);
	if (http_forwarded_peer(r, c->peer, s->proxies, s->proxies_count) != 0)
		return NULL;
	r->cert = http_conn_cert(c, &r->cert_len);
	return r;
}

static int
on_headers(struct lws *wsi, struct http_session *session)
{
	int status = 0;
	struct http_request *r = http_exchange_begin(wsi, session, &status);
	struct http_conn *c;
	struct http_server *s;

	if (r == NULL)
		return -1;
	c = r->conn;
	s = r->server;
	if (status == 0 && r->expects_body) {
		/* The library loses count of the stream's window when data
		 * arrives with the headers; then it would stay shut. */
		if (r->is_h2 && r->length > WINDOW_SAFE) {
			c->window += r->length;
			lws_wsi_tx_credit(
			    wsi, LWSTXCR_PEER_TO_US, (int)r->length);
		}
		r->deadline_ms =
		    http_clock_now_ms(s) + 1000ULL * s->body_timeout_s;
		base_list_push_back(&s->receiving, &r->timed);
		return send_continue(r);
	}
	if (status == 0) {
		http_exchange_deliver(r);
		return 0;
	}
	/* What follows on this connection cannot be told apart from a body. */
	r->close_after = true;
	http_refuse_request(r, status, 0);
	return 0;
}

/* libwebsockets (4.1 and 4.3) mistakes the head of a request for its body when
 * the request has a body and was pipelined behind another one. */
static bool
is_own_head(const struct http_request *r, const char *in, size_t len)
{
	const char *method = http_method_name(r->method);
	size_t n = strlen(method);

	if (r->is_h2 || r->conn->requests_total < 2 || r->body_len > 0)
		return false;
	if (len <= n)
		return strncasecmp(in, method, len) == 0;
	return strncasecmp(in, method, n) == 0 && in[n] == ' ';
}

static int
finish_body(struct http_request *r)
{
	if (r->refused != 0) {
		http_refuse_request(r, r->refused, 0);
		return 0;
	}
	if (http_body_end(r) != 0)
		return -1;
	http_exchange_deliver(r);
	return 0;
}

static int
on_body(struct http_session *session, const void *in, size_t len)
{
	struct http_request *r = session == NULL ? NULL : session->request;
	size_t rest;

	/* Already refused: the rest of its body is dropped. */
	if (r == NULL || r->stage != HTTP_STAGE_RECEIVING || len == 0)
		return 0;
	if (is_own_head(r, in, len))
		return -1;
	rest = r->length - r->body_len;
	if (len > rest)
		r->close_after = true;
	if (r->refused != 0)
		r->body_len += len < rest ? len : rest;
	else if (http_body_add(r, in, len < rest ? len : rest) != 0)
		return -1;
	if (len < rest)
		return 0;
	/* libwebsockets 4.3 gives pipelined bytes as more of the body, and over
	 * HTTP/2 does not count what came early: both without completion. */
	return len > rest || r->is_h2 ? finish_body(r) : 0;
}

static int
on_body_complete(struct http_session *session)
{
	struct http_request *r = session == NULL ? NULL : session->request;

	if (session == NULL)
		return 0;
	/* Pipelined bytes behind a body make the library call this again and
	 * again until the reply is out. */
	if (r == NULL || r->stage != HTTP_STAGE_RECEIVING)
		return ++session->completions > COMPLETIONS_MAX ? -1 : 0;
	return finish_body(r);
}

/* Over the limit of streams that a peer opens only to reset them (CVE-2023-
 * 44487) its connection is closed. */
static void
count_reset(struct lws *wsi)
{
	struct http_conn *c = conn_of(wsi);
	uint64_t now_ms;

	if (c == NULL || c->wsi == wsi)
		return;
	now_ms = http_clock_now_ms(c->server);
	if (now_ms - c->resets_since_ms > HTTP_RESETS_WINDOW_MS) {
		c->resets_since_ms = now_ms;
		c->resets = 0;
	}
	if (++c->resets > HTTP_RESETS_MAX)
		http_context_kill(c->wsi);
}

/* The request loses its peer. */
void
http_exchange_gone(struct lws *wsi, struct http_session *session)
{
	struct http_request *r = session == NULL ? NULL : session->request;

	if (session != NULL && !session->answered)
		count_reset(wsi);
	if (session != NULL)
		session->answered = true;
	if (r == NULL)
		return;
	session->request = NULL;
	if (r->stream != NULL)
		http_stream_finish(r->stream);
	r->conn->requests_now--;
	r->conn = NULL;
	r->wsi = NULL;
	r->server->requests_now--;
	r->server->requests_gone++;
	if (r->stage != HTTP_STAGE_HANDLING || r->aborted) {
		http_request_free(r);
		return;
	}
	if (r->on_gone != NULL)
		r->on_gone(r->on_gone_ctx);
}

static int
on_writable(struct http_session *session)
{
	struct http_request *r = session == NULL ? NULL : session->request;

	if (r == NULL ||
	    (r->stage != HTTP_STAGE_REPLIED && r->stage != HTTP_STAGE_SENDING))
		return 0;
	return http_write_some(r, session);
}

static void
on_created(struct lws *wsi)
{
	struct http_listener *l = lws_vhost_user(lws_get_vhost(wsi));

	if (l == NULL || l->server->adopting == NULL)
		return;
	l->server->adopting->wsi = wsi;
	l->server->adopting = NULL;
}

static void
on_destroyed(struct lws *wsi)
{
	struct http_conn *c = lws_get_opaque_user_data(wsi);

	if (c == NULL || c->wsi != wsi)
		return;
	/* One whose handshake failed. */
	if (c->websocket != NULL)
		http_websocket_end(c->websocket);
	http_conn_closed(c);
}

void
http_exchange_count(struct http_request *r, int status)
{
	/* The listener goes with the server. */
	if (r->server == NULL || r->listener->not_rate_limited)
		return;
	r->server->answers_total++;
	if (status / 100 == 5)
		r->server->answers_5xx++;
}

struct loop *
http_exchange_loop(const struct http_request *r)
{
	return r->server->loop;
}

void
http_exchange_become(struct http_request *r, struct http_websocket *w)
{
	r->session->request = NULL;
	r->session->upgraded = true;
	http_websocket_attach(w, r->wsi, &r->conn->websocket);
	r->conn->requests_now--;
	r->server->requests_now--;
	http_request_free(r);
}

static int
on_websocket(struct lws *wsi, enum lws_callback_reasons reason, const void *in,
    size_t len)
{
	struct http_conn *c =
	    wsi == NULL ? NULL : lws_get_opaque_user_data(wsi);

	/* Contexts and virtual hosts call too, with objects of their own. */
	if (c == NULL || c->wsi != wsi || c->websocket == NULL)
		return 0;
	return http_websocket_event(c->websocket, reason, in, len);
}

int
http_exchange_callback(struct lws *wsi, enum lws_callback_reasons reason,
    void *user, void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return on_headers(wsi, user);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(user, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_complete(user);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return on_writable(user);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		if (user != NULL &&
		    (reason == LWS_CALLBACK_CLOSED_HTTP ||
			((struct http_session *)user)->request != NULL))
			http_exchange_gone(wsi, user);
		return 0;
	case LWS_CALLBACK_WSI_CREATE:
		on_created(wsi);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		on_destroyed(wsi);
		return 0;
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		return http_context_tls(in, user) == 0 ? 0 : -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return http_upgrade_confirm(wsi, in);
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
		return -1; /* no CONNECT */
	default:
		return on_websocket(wsi, reason, in, len);
	}
}
