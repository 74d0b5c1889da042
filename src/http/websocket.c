/* SPDX-License-Identifier: Apache-2.0 */
#include "http/websocket.h"

#include <stdio.h>
#include <stdlib.h>

#include "http/clock_internal.h"
#include "http/websocket_internal.h"

#define MESSAGE_DEFAULT 65536
#define FRAMES_DEFAULT 1024
#define QUEUE_DEFAULT 1048576
#define PING_S_DEFAULT 30
#define SILENCE_S_DEFAULT 90
#define STALL_S_DEFAULT 30

static uint64_t
ms_or_default(unsigned value_s, unsigned normal_s)
{
	return 1000ULL * (value_s == 0 ? normal_s : value_s);
}

struct http_websocket *
http_websocket_new(struct loop *loop, const struct http_websocket_opts *opts,
    const struct http_websocket_events *events, void *ctx)
{
	struct http_websocket *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->events = *events;
	w->ctx = ctx;
	w->ping_interval_ms =
	    ms_or_default(opts->ping_interval_s, PING_S_DEFAULT);
	w->silence_max_ms =
	    ms_or_default(opts->silence_max_s, SILENCE_S_DEFAULT);
	w->stall_max_ms = ms_or_default(opts->stall_max_s, STALL_S_DEFAULT);
	http_assembly_init(&w->in,
	    opts->message_max == 0 ? MESSAGE_DEFAULT : opts->message_max,
	    opts->frames_max == 0 ? FRAMES_DEFAULT : opts->frames_max);
	http_outqueue_init(
	    &w->out, opts->queue_max == 0 ? QUEUE_DEFAULT : opts->queue_max);
	w->code = HTTP_WEBSOCKET_NOT_CLOSED;
	w->heard_ms = w->pinged_ms = w->moved_ms = http_clock_of(loop);
	return w;
}

void
http_websocket_end(struct http_websocket *w)
{
	struct http_websocket_end end = { .rc = w->rc,
		.code = w->code,
		.reason = w->reason,
		.status = w->status };

	if (end.rc == 0 && end.code == HTTP_WEBSOCKET_NOT_CLOSED)
		end.rc = ERR_PEER_CLOSED;
	w->stage = HTTP_WEBSOCKET_CLOSED;
	w->wsi = NULL;
	if (w->owner != NULL)
		*w->owner = NULL;
	if (w->events.on_closed != NULL)
		w->events.on_closed(w->ctx, w, &end);
	http_assembly_fini(&w->in);
	http_outqueue_clear(&w->out);
	free(w);
}

int
http_websocket_send(
    struct http_websocket *w, const struct http_websocket_message *m)
{
	bool was_empty = http_outqueue_front(&w->out) == NULL;
	int rc;

	if (w->stage != HTTP_WEBSOCKET_OPEN)
		return ERR_STATE_CLOSED;
	rc = http_outqueue_push(&w->out,
	    m->is_text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY, m->data, m->len);
	if (rc != 0)
		return rc;
	if (was_empty)
		w->moved_ms = http_clock_of(w->loop);
	lws_callback_on_writable(w->wsi);
	return 0;
}

size_t
http_websocket_queued(const struct http_websocket *w)
{
	return w->out.bytes;
}

void
http_websocket_discard(struct http_websocket *w)
{
	http_outqueue_clear(&w->out);
}

void
http_websocket_close(struct http_websocket *w, int code, const char *reason)
{
	if (w->stage >= HTTP_WEBSOCKET_CLOSING)
		return;
	w->code = code;
	snprintf(
	    w->reason, sizeof(w->reason), "%s", reason == NULL ? "" : reason);
	w->close_by_ms = http_clock_of(w->loop) + HTTP_WEBSOCKET_CLOSE_MS;
	if (w->stage == HTTP_WEBSOCKET_OPENING) {
		w->stage = HTTP_WEBSOCKET_CLOSED;
		http_context_kill(w->wsi);
		return;
	}
	w->stage = HTTP_WEBSOCKET_CLOSING;
	lws_callback_on_writable(w->wsi);
}

void
http_websocket_cut(struct http_websocket *w, int code, const char *reason)
{
	http_outqueue_clear(&w->out);
	http_websocket_close(w, code, reason);
}

void
http_websocket_attach(
    struct http_websocket *w, struct lws *wsi, struct http_websocket **owner)
{
	w->wsi = wsi;
	w->owner = owner;
	*owner = w;
}

void
http_websocket_leave(struct http_websocket *w)
{
	http_websocket_close(w, HTTP_WEBSOCKET_GOING_AWAY, NULL);
}

bool
http_websocket_is_opening(const struct http_websocket *w)
{
	return w->stage == HTTP_WEBSOCKET_OPENING;
}

void
http_websocket_lost(
    struct http_websocket *w, int rc, int status, const char *reason)
{
	w->rc = rc;
	w->status = status;
	snprintf(w->reason, sizeof(w->reason), "%s", reason);
	w->stage = HTTP_WEBSOCKET_CLOSED;
}
