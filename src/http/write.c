/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "http/attach_internal.h"
#include "http/clock_internal.h"
#include "http/request_internal.h"
#include "http/server_internal.h"
#include "http/write_internal.h"

#define NAME_MAX_BYTES 64

/* A position in the buffer that headers are written to. */
struct block {
	struct lws *wsi;
	uint8_t *at, *end;
	bool failed;
};

static void
put(struct block *b, const char *name, const char *value)
{
	char colon[NAME_MAX_BYTES + 2];
	size_t len = strlen(name);

	if (b->failed || len > NAME_MAX_BYTES) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < len; i++)
		colon[i] = (char)tolower((unsigned char)name[i]);
	memcpy(colon + len, ":", 2);
	b->failed =
	    lws_add_http_header_by_name(b->wsi, (const unsigned char *)colon,
		(const unsigned char *)value, (int)strlen(value), &b->at,
		b->end) != 0;
}

static void
put_status(struct block *b, const struct http_request *r)
{
	static const char *const security[][2] = {
		{ "strict-transport-security", "max-age=31536000" },
		{ "x-content-type-options", "nosniff" },
	};

	b->failed = lws_add_http_header_status(b->wsi,
			(unsigned)r->status | LWSAHH_FLAG_NO_SERVER_NAME,
			&b->at, b->end) != 0;
	for (size_t i = 0; r->is_tls && i < 2; i++)
		put(b, security[i][0], security[i][1]);
}

/* RFC 9110 sections 8.6 and 15.3.5, 15.4.5. */
static bool
status_has_no_body(int status)
{
	return status == 204 || status == 304 || status / 100 == 1;
}

/* Write status and headers at ${at}; return where they end, or NULL. */
static uint8_t *
encode_headers(struct http_request *r, uint8_t *at, uint8_t *end)
{
	struct block b = { .wsi = r->wsi, .at = at, .end = end };

	put_status(&b, r);
	if (r->content_type != NULL)
		put(&b, "content-type", r->content_type);
	for (size_t i = 0; i < r->reply_headers_count; i++)
		put(&b, r->reply_headers[i].name, r->reply_headers[i].value);
	if (r->close_after && !r->is_h2)
		put(&b, "connection", "close");
	/* RFC 9110 section 15.5.22, RFC 6455 section 4.4. */
	if (r->is_upgrade && r->status == 426) {
		put(&b, "upgrade", "websocket");
		put(&b, "sec-websocket-version", "13");
	}
	if (r->stream != NULL && !r->is_h2 && !r->is_http10)
		put(&b, "transfer-encoding", "chunked");
	if (!b.failed && !status_has_no_body(r->status) && r->stream == NULL &&
	    lws_add_http_header_content_length(
		r->wsi, r->out_len, &b.at, b.end) != 0)
		b.failed = true;
	if (!b.failed && lws_finalize_http_header(r->wsi, &b.at, b.end) != 0)
		b.failed = true;
	return b.failed ? NULL : b.at;
}

/* See HTTP_WINDOW_MAX: close the connection, if we can when it is idle; the
 * library takes this timeout back when something arrives. */
static void
limit_window(struct http_conn *c)
{
	if (c->window > HTTP_WINDOW_MAX)
		http_context_kill(c->wsi);
	else if (c->window > HTTP_WINDOW_MAX / 2 && c->requests_now == 0)
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, 1);
}

/* Make the connection ready for the next request. */
int
http_write_finish(struct http_request *r, struct http_session *session)
{
	bool close_after = r->close_after || r->server->draining;
	struct http_conn *c = r->conn;
	struct lws *wsi = r->wsi;

	if (r->stream != NULL)
		http_stream_finish(r->stream);
	session->request = NULL;
	session->answered = true;
	c->requests_now--;
	if (r->is_h2)
		limit_window(c);
	r->server->requests_now--;
	/* For what the library may still have to send. */
	lws_set_timeout(
	    wsi, PENDING_TIMEOUT_HTTP_CONTENT, (int)r->server->idle_timeout_s);
	http_request_free(r);
	if (close_after)
		return -1;
	lws_rx_flow_control(wsi, 1);
	return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

/* Ask to be called when the peer can take more; it has idle_timeout_s. */
static void
await_writable(struct http_request *r)
{
	struct http_server *s = r->server;

	base_list_remove(&r->timed);
	base_list_push_back(&s->sending, &r->timed);
	r->deadline_ms = http_clock_now_ms(s) + 1000ULL * s->idle_timeout_s;
	/* The library writes nothing while reading is held back. */
	lws_rx_flow_control(r->wsi, 1);
	lws_callback_on_writable(r->wsi);
}

/* Write a piece of the body that fits; the library's frame goes before it. */
static int
write_body(struct http_request *r)
{
	uint8_t *out = r->server->scratch + LWS_PRE;
	size_t left = r->out_len - r->out_sent;
	size_t n = left < HTTP_WRITE_MAX ? left : HTTP_WRITE_MAX;
	lws_fileofs_t allowed;

	if (r->is_h2) {
		allowed = lws_get_peer_write_allowance(r->wsi);
		/* A window update of the peer calls us back. */
		if (allowed <= 0)
			return 0;
		/* The least maximum frame, RFC 9113 section 6.5.2. */
		if (n > 16384)
			n = 16384;
		if (n > (size_t)allowed)
			n = (size_t)allowed;
	}
	memcpy(out, r->out + r->out_sent, n);
	if (lws_write(r->wsi, out, n,
		n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
		return -1;
	r->out_sent += n;
	if (r->out_sent < r->out_len)
		await_writable(r);
	return 0;
}

/* Write the headers, over HTTP/1.1 together with the body's beginning. */
static int
write_headers(struct http_request *r)
{
	uint8_t *out = r->server->scratch + LWS_PRE, *end;
	enum lws_write_protocol how = LWS_WRITE_HTTP_HEADERS;
	size_t n;

	if (r->server->draining)
		r->close_after = true;
	end = encode_headers(r, out, out + HTTP_REPLY_HEADERS_MAX);
	if (end == NULL)
		return -1;
	/* The library has not looked at the version yet. */
	if (r->is_upgrade && !r->is_http10)
		memcpy(out, "HTTP/1.1", 8);
	if (r->method == HTTP_METHOD_HEAD || status_has_no_body(r->status))
		r->out_sent = r->out_len;
	n = r->out_len - r->out_sent;
	if (r->is_h2) {
		if (n == 0 && r->stream == NULL)
			how |= LWS_WRITE_H2_STREAM_END;
		n = 0;
	} else {
		if (n > HTTP_WRITE_MAX)
			n = HTTP_WRITE_MAX;
		if (n > 0)
			memcpy(end, r->out, n);
		end += n;
	}
	if (lws_write(r->wsi, out, (size_t)(end - out), how) < 0)
		return -1;
	r->out_sent += n;
	r->stage = HTTP_STAGE_SENDING;
	return 0;
}

int
http_write_some(struct http_request *r, struct http_session *session)
{
	int rc = 0;

	if (r->stream != NULL && r->stage == HTTP_STAGE_SENDING)
		return http_stream_pump(r, session);
	if (r->stage == HTTP_STAGE_REPLIED) {
		rc = write_headers(r);
		if (rc == 0 && r->stream != NULL) {
			lws_callback_on_writable(r->wsi);
			return 0;
		}
		if (rc == 0 && r->is_h2 && r->out_sent < r->out_len)
			rc = write_body(r);
		else if (rc == 0 && r->out_sent < r->out_len)
			await_writable(r);
	} else {
		rc = write_body(r);
	}
	if (rc != 0)
		return -1;
	if (r->out_sent == r->out_len)
		return http_write_finish(r, session);
	return 0;
}

void
http_write_begin(struct http_request *r)
{
	struct lws *wsi = r->wsi;
	bool is_upgrade = r->is_upgrade;
	struct http_session *session =
	    is_upgrade ? r->session : lws_wsi_user(wsi);

	r->stage = HTTP_STAGE_REPLIED;
	/* Streams share a socket and take turns; and what is closed after the
	 * reply has to be closed from one of the library's callbacks, in which
	 * the request for an upgrade is already. */
	if (!is_upgrade && (r->is_h2 || r->close_after || r->server->draining))
		await_writable(r);
	else if (http_write_some(r, session) != 0 && !is_upgrade)
		http_context_kill(wsi);
}

void
http_write_abort(struct http_request *r)
{
	/* Its end comes with that of the connection or stream. */
	r->aborted = true;
	http_context_kill(r->wsi);
}
