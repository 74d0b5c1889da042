/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_EVENT_H
#define HTTP_EVENT_H

#include "base/err.h"

/* Server-sent events (WHATWG HTML, section 9.2) over http/stream.h. */
struct http_request;
struct http_stream;
struct http_stream_opts;

/* One event; NULL leaves a field out. */
struct http_event {
	const char *id;	  /* one line; the client sends it back when it
			     connects again */
	const char *name; /* one line; NULL: "message" */
	const char *data; /* lines */
};

/**
 * http_event_begin(r, opts, retry_ms, ret):
 * http_stream_begin with text/event-stream and Cache-Control: no-store.  The
 * client is told to wait ${retry_ms} before it connects again (0: its own
 * default), and a comment is sent when nothing else was for 15 s.
 */
MUST_CHECK int http_event_begin(struct http_request *r,
    const struct http_stream_opts *opts, unsigned retry_ms,
    struct http_stream **ret);

/**
 * http_event_send(st, e):
 * Queue ${e} as a whole.  Errors of http_stream_write; ERR_STATE_USAGE for an
 * id or name with a line break.
 */
MUST_CHECK int http_event_send(
    struct http_stream *st, const struct http_event *e);

/**
 * http_event_last_id(r):
 * The id of the last event that the client saw, or NULL: the header
 * Last-Event-ID, or the query parameter "last_event_id" (doc/http.md says
 * when the header is lost).
 */
const char *http_event_last_id(const struct http_request *r);
#endif
