/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/clock_internal.h"
#include "http/websocket_internal.h"

/*
 * How libwebsockets tells us about an open WebSocket.  It takes frames apart,
 * answers pings and does the closing handshake; we put messages together and
 * write one item each time the socket can take one.
 */

/* Why a message cannot be had, as the peer is told. */
static const struct {
	int rc, code;
	const char *reason;
} faults[] = {
	{ ERR_PEER_TOO_LARGE, HTTP_WEBSOCKET_TOO_BIG, "message too big" },
	{ ERR_PEER_ENCODING, HTTP_WEBSOCKET_INVALID_TEXT, "not UTF-8" },
	{ ERR_PEER_RATE, HTTP_WEBSOCKET_POLICY, "too many frames" },
	{ ERR_SYS_NOMEM, HTTP_WEBSOCKET_INTERNAL, "" },
};

static void
cut_for(struct http_websocket *w, int rc)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].rc == rc)
			http_websocket_cut(w, faults[i].code, faults[i].reason);
}

static int
on_receive(struct http_websocket *w, const uint8_t *in, size_t len)
{
	struct http_piece whole, piece = { .data = in,
		.len = len,
		.begins_frame = !w->in_frame,
		.ends_message = lws_is_final_fragment(w->wsi) != 0,
		.is_text = lws_frame_is_binary(w->wsi) == 0 };
	struct http_websocket_message m;
	int rc;

	w->heard_ms = http_clock_of(w->loop);
	w->in_frame = lws_remaining_packet_payload(w->wsi) > 0;
	if (w->stage != HTTP_WEBSOCKET_OPEN)
		return 0;
	rc = http_assembly_add(&w->in, &piece, &whole);
	if (rc != 0) {
		cut_for(w, rc);
		return 0;
	}
	if (whole.data == NULL)
		return 0;
	m = (struct http_websocket_message){
		.is_text = whole.is_text, .data = whole.data, .len = whole.len
	};
	if (w->events.on_message != NULL)
		w->events.on_message(w->ctx, w, &m);
	return 0;
}

/* Our pings carry the time at which they were written. */
static int
on_pong(struct http_websocket *w, const uint8_t *in, size_t len)
{
	uint64_t then_us, now_us = http_clock_now_us();

	w->heard_ms = http_clock_of(w->loop);
	if (len != sizeof(then_us) || w->stage != HTTP_WEBSOCKET_OPEN)
		return 0;
	memcpy(&then_us, in, sizeof(then_us));
	if (then_us <= now_us && w->events.on_pong != NULL)
		w->events.on_pong(w->ctx, w, now_us - then_us);
	return 0;
}

static int
write_ping(struct http_websocket *w)
{
	uint8_t out[LWS_PRE + sizeof(uint64_t)];
	uint64_t now_us = http_clock_now_us();

	w->ping_due = false;
	memcpy(out + LWS_PRE, &now_us, sizeof(now_us));
	return lws_write(
		   w->wsi, out + LWS_PRE, sizeof(now_us), LWS_WRITE_PING) < 0
		   ? -1
		   : 0;
}

static int
write_item(struct http_websocket *w)
{
	struct http_outitem *item = http_outqueue_front(&w->out);
	int n = lws_write(
	    w->wsi, item->data, item->len, (enum lws_write_protocol)item->kind);

	if (n < 0)
		return -1;
	w->moved_ms = http_clock_of(w->loop);
	http_outqueue_pop(&w->out);
	if (http_outqueue_front(&w->out) == NULL &&
	    w->events.on_drained != NULL && w->stage == HTTP_WEBSOCKET_OPEN)
		w->events.on_drained(w->ctx, w);
	return 0;
}

/* Let the library send the close frame and wait for the peer's (RFC 6455
 * section 7.1.2).  It would be done by returning -1, but Debian's builds then
 * close twice, which is for good; as for a connection that is idle they close
 * once. */
static int
write_close(struct http_websocket *w)
{
	w->stage = HTTP_WEBSOCKET_CLOSED;
	w->close_by_ms = http_clock_of(w->loop) + HTTP_WEBSOCKET_CLOSE_MS;
	lws_close_reason(w->wsi, (enum lws_close_status)w->code,
	    (unsigned char *)w->reason, strlen(w->reason));
	lws_set_timeout(
	    w->wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, LWS_TO_KILL_ASYNC);
	return 0;
}

static int
on_writable(struct http_websocket *w)
{
	int rc = 0;

	if (w->stage != HTTP_WEBSOCKET_OPEN &&
	    w->stage != HTTP_WEBSOCKET_CLOSING)
		return 0;
	if (w->ping_due)
		rc = write_ping(w);
	else if (http_outqueue_front(&w->out) != NULL)
		rc = write_item(w);
	else if (w->stage == HTTP_WEBSOCKET_CLOSING)
		return write_close(w);
	if (rc == 0 && (http_outqueue_front(&w->out) != NULL ||
			   w->stage == HTTP_WEBSOCKET_CLOSING))
		lws_callback_on_writable(w->wsi);
	return rc;
}

/* For logs: the peer's text without what would spoil them. */
static void
keep_reason(struct http_websocket *w, const uint8_t *text, size_t len)
{
	if (len >= sizeof(w->reason))
		len = sizeof(w->reason) - 1;
	for (size_t i = 0; i < len; i++)
		w->reason[i] =
		    text[i] < 0x20 || text[i] > 0x7e ? '?' : (char)text[i];
	w->reason[len] = '\0';
}

static int
on_peer_close(struct http_websocket *w, const uint8_t *in, size_t len)
{
	/* While we close ourselves, our code stands. */
	if (w->stage == HTTP_WEBSOCKET_OPEN) {
		w->code = HTTP_WEBSOCKET_NO_CODE;
		if (len >= 2) {
			w->code = in[0] << 8 | in[1];
			keep_reason(w, in + 2, len - 2);
		}
	}
	w->close_by_ms = http_clock_of(w->loop) + HTTP_WEBSOCKET_CLOSE_MS;
	w->stage = HTTP_WEBSOCKET_CLOSED;
	return 0;
}

static int
on_established(struct http_websocket *w)
{
	w->stage = HTTP_WEBSOCKET_OPEN;
	w->heard_ms = w->pinged_ms = w->moved_ms = http_clock_of(w->loop);
	if (w->events.on_open != NULL)
		w->events.on_open(w->ctx, w);
	return 0;
}

int
http_websocket_event(struct http_websocket *w, enum lws_callback_reasons reason,
    const void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return on_established(w);
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return on_receive(w, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		return on_pong(w, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return on_writable(w);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return on_peer_close(w, in, len);
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_CLIENT_CLOSED:
		http_websocket_end(w);
		return 0;
	default:
		return 0;
	}
}

void
http_websocket_tick(struct http_websocket *w, uint64_t now_ms)
{
	if (w->stage == HTTP_WEBSOCKET_OPENING)
		return;
	if (w->stage >= HTTP_WEBSOCKET_CLOSING) {
		/* A queue that moves may take its time. */
		if (now_ms < w->close_by_ms ||
		    (w->out.bytes > 0 &&
			now_ms < w->moved_ms + w->stall_max_ms))
			return;
		w->stage = HTTP_WEBSOCKET_CLOSED;
		http_context_kill(w->wsi);
		return;
	}
	if (now_ms >= w->heard_ms + w->silence_max_ms) {
		w->rc = ERR_PEER_TIMEOUT;
		w->stage = HTTP_WEBSOCKET_CLOSED;
		http_context_kill(w->wsi);
		return;
	}
	if (w->out.bytes > 0 && now_ms >= w->moved_ms + w->stall_max_ms) {
		w->rc = ERR_PEER_TIMEOUT;
		http_websocket_cut(
		    w, HTTP_WEBSOCKET_TRY_LATER, "does not read");
		return;
	}
	if (now_ms >= w->pinged_ms + w->ping_interval_ms) {
		w->pinged_ms = now_ms;
		w->ping_due = true;
		lws_callback_on_writable(w->wsi);
	}
}
