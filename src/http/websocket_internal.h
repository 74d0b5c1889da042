/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_WEBSOCKET_INTERNAL_H
#define HTTP_WEBSOCKET_INTERNAL_H

#include "http/assembly_internal.h"
#include "http/library_internal.h"
#include "http/outqueue_internal.h"
#include "http/websocket.h"

struct loop;

/* For the closing handshake. */
#define HTTP_WEBSOCKET_CLOSE_MS 5000

enum http_websocket_stage {
	HTTP_WEBSOCKET_OPENING,
	HTTP_WEBSOCKET_OPEN,
	HTTP_WEBSOCKET_CLOSING, /* our close goes out behind the queue */
	HTTP_WEBSOCKET_CLOSED,	/* the library finishes it */
};

struct http_websocket {
	struct http_websocket **owner; /* set to NULL at the end */
	struct loop *loop;
	struct lws *wsi;
	enum http_websocket_stage stage;
	struct http_websocket_events events;
	void *ctx;
	uint64_t ping_interval_ms, silence_max_ms, stall_max_ms;
	struct http_assembly in;
	struct http_outqueue out;
	bool in_frame, ping_due, closing_now;
	int rc, code, status;
	char reason[HTTP_WEBSOCKET_REASON_MAX];
	/* When it was heard of, pinged, could send; when it has to be closed.
	 */
	uint64_t heard_ms, pinged_ms, moved_ms, close_by_ms;
};

/**
 * http_websocket_cut(w, code, reason): close now, without the queue.
 */
void http_websocket_cut(struct http_websocket *w, int code, const char *reason);

#endif
