/* SPDX-License-Identifier: Apache-2.0 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/attach_internal.h"
#include "http/clock_internal.h"
#include "http/request_internal.h"
#include "http/server_internal.h"
#include "http/stream_internal.h"
#include "http/write_internal.h"

#define KEEP_ALIVE_MS 15000
/* A chunk's size line and the line break behind it. */
#define CHUNK_FRAMING 32
/* The least maximum frame, RFC 9113 section 6.5.2. */
#define FRAME_MAX 16384

/* How much the connection can take now of what is left of an item. */
static size_t
allowed(const struct http_request *r, size_t left)
{
	lws_fileofs_t window;

	if (!r->is_h2)
		return left < HTTP_WRITE_MAX - CHUNK_FRAMING
			   ? left
			   : HTTP_WRITE_MAX - CHUNK_FRAMING;
	window = lws_get_peer_write_allowance(r->wsi);
	if (window <= 0)
		return 0;
	if (left > FRAME_MAX)
		left = FRAME_MAX;
	return left < (size_t)window ? left : (size_t)window;
}

/* Write ${n} bytes as a chunk, a frame, or as they are; none: the end. */
static int
write_piece(struct http_request *r, const uint8_t *data, size_t n)
{
	uint8_t *out = r->server->scratch + LWS_PRE, *at = out;
	bool chunked = !r->is_h2 && !r->is_http10;

	if (chunked)
		at += snprintf((char *)at, CHUNK_FRAMING, "%zx\r\n", n);
	if (n > 0)
		memcpy(at, data, n);
	at += n;
	if (chunked) {
		memcpy(at, "\r\n", 2);
		at += 2;
	}
	if (at == out && !r->is_h2)
		return 0;
	return lws_write(r->wsi, out, (size_t)(at - out),
		   n == 0 ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0
		   ? -1
		   : 0;
}

int
http_stream_pump(struct http_request *r, struct http_session *session)
{
	struct http_stream *st = r->stream;
	struct http_outitem *item = http_outqueue_front(&st->out);
	size_t n;

	if (item == NULL && st->ending)
		return write_piece(r, NULL, 0) != 0
			   ? -1
			   : http_write_finish(r, session);
	if (item == NULL)
		return 0;
	n = allowed(r, item->len - item->sent);
	/* A window update of the peer calls us back. */
	if (n == 0)
		return 0;
	if (write_piece(r, item->data + item->sent, n) != 0)
		return -1;
	item->sent += n;
	st->moved_ms = http_clock_now_ms(r->server);
	if (item->sent == item->len)
		http_outqueue_pop(&st->out);
	if (http_outqueue_front(&st->out) == NULL && st->on_drained != NULL &&
	    !st->ending)
		st->on_drained(st->ctx, st);
	if (http_outqueue_front(&st->out) != NULL || st->ending)
		lws_callback_on_writable(r->wsi);
	return 0;
}

void
http_stream_finish(struct http_stream *st)
{
	if (st->on_closed != NULL)
		st->on_closed(st->ctx, st);
	http_outqueue_clear(&st->out);
	free(st);
}

void
http_stream_tick(struct http_stream *st, uint64_t now_ms)
{
	bool waits = st->out.bytes > 0 || st->ending ||
		     st->request->stage == HTTP_STAGE_REPLIED;

	/* The library counts a connection with a silent stream as idle. */
	if (st->request->is_h2)
		lws_set_timeout(st->request->conn->wsi, NO_PENDING_TIMEOUT, 0);
	if (waits && now_ms >= st->moved_ms + st->stall_max_ms) {
		st->ending = true;
		http_context_kill(st->request->wsi);
		return;
	}
	if (!waits && st->keep_alive != NULL &&
	    now_ms >= st->moved_ms + KEEP_ALIVE_MS &&
	    http_outqueue_push(
		&st->out, 0, st->keep_alive, strlen(st->keep_alive)) == 0)
		lws_callback_on_writable(st->request->wsi);
}

void
http_stream_leave(struct http_stream *st)
{
	st->ending = true;
	st->moved_ms = http_clock_now_ms(st->request->server);
	lws_callback_on_writable(st->request->wsi);
}
