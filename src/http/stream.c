/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <libwebsockets.h>
#include <stdlib.h>

#include "base/assert.h"
#include "http/clock_internal.h"
#include "http/request_internal.h"
#include "http/stream_internal.h"
#include "http/write_internal.h"

#define QUEUE_DEFAULT 262144
#define STALL_S_DEFAULT 30

int
http_stream_begin(struct http_request *r, const struct http_stream_opts *opts,
    struct http_stream **ret)
{
	struct http_stream *st;
	int rc;

	TROTH_ASSERT(r->stage == HTTP_STAGE_HANDLING);

	if (r->method == HTTP_METHOD_HEAD || r->is_upgrade)
		return ERR_STATE_USAGE;
	if (r->wsi == NULL)
		return ERR_STATE_CLOSED;
	st = calloc(1, sizeof(*st));
	if (st == NULL)
		return ERR_SYS_NOMEM;
	rc = http_reply_keep(r, opts->status == 0 ? 200 : opts->status,
	    opts->content_type, opts->headers, opts->headers_count);
	if (rc != 0) {
		free(st);
		return rc;
	}
	http_outqueue_init(
	    &st->out, opts->queue_max == 0 ? QUEUE_DEFAULT : opts->queue_max);
	st->stall_max_ms =
	    1000ULL *
	    (opts->stall_max_s == 0 ? STALL_S_DEFAULT : opts->stall_max_s);
	st->moved_ms = http_clock_now_ms(r->server);
	st->on_drained = opts->on_drained;
	st->on_closed = opts->on_closed;
	st->ctx = opts->ctx;
	st->request = r;
	st->keep_alive = opts->keep_alive;
	http_exchange_count(r, r->status);
	r->stream = st;
	r->close_after = true;
	r->stage = HTTP_STAGE_REPLIED;
	lws_rx_flow_control(r->wsi, 1);
	lws_callback_on_writable(r->wsi);
	*ret = st;
	return 0;
}

int
http_stream_write(struct http_stream *st, const void *data, size_t len)
{
	bool was_empty = http_outqueue_front(&st->out) == NULL;
	int rc;

	if (st->ending)
		return ERR_STATE_CLOSED;
	if (len == 0)
		return 0;
	rc = http_outqueue_push(&st->out, 0, data, len);
	if (rc != 0)
		return rc;
	if (was_empty)
		st->moved_ms = http_clock_now_ms(st->request->server);
	lws_callback_on_writable(st->request->wsi);
	return 0;
}

size_t
http_stream_queued(const struct http_stream *st)
{
	return st->out.bytes;
}

void
http_stream_end(struct http_stream *st)
{
	st->ending = true;
	st->moved_ms = http_clock_now_ms(st->request->server);
	lws_callback_on_writable(st->request->wsi);
}

void
http_stream_abort(struct http_stream *st)
{
	st->ending = true;
	http_outqueue_clear(&st->out);
	http_context_kill(st->request->wsi);
}
