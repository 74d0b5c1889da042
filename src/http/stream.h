/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "http/http.h"

/*
 * A reply whose body is written bit by bit and has no known end.  HTTP/1.1:
 * chunked, and the connection is closed behind it; HTTP/1.0: ended by closing.
 * Loop thread.
 */
struct http_request;
struct http_stream;

/* Zero and NULL mean the default, in brackets. */
struct http_stream_opts {
	int status; /* [200] */
	const char *content_type;
	const struct http_header *headers; /* copied, as content_type */
	size_t headers_count;
	size_t queue_max;     /* [256 KiB] memory that waits to be sent */
	unsigned stall_max_s; /* [30] a queue from which nothing is taken: the
				 connection is cut off */
	/* Written when nothing else was for 15 s [nothing]; stays valid. */
	const char *keep_alive;
	/* All that was queued is with the socket. */
	void (*on_drained)(void *ctx, struct http_stream *st);
	/* Once, as the last, whoever ended it: ${st} ends with it. */
	void (*on_closed)(void *ctx, struct http_stream *st);
	void *ctx;
};

/**
 * http_stream_begin(r, opts, ret):
 * Answer ${r} with status and headers and give it up; the body follows.
 * ERR_STATE_USAGE for HEAD, ERR_STATE_CLOSED when the peer has gone,
 * ERR_SYS_NOMEM; then ${r} has still to be answered.
 */
MUST_CHECK int http_stream_begin(struct http_request *r,
    const struct http_stream_opts *opts, struct http_stream **ret);

/**
 * http_stream_write(st, data, len):
 * Queue a copy of ${len} bytes.  ERR_STATE_FULL when they do not fit,
 * ERR_STATE_CLOSED after http_stream_end, ERR_SYS_NOMEM.
 */
MUST_CHECK int http_stream_write(
    struct http_stream *st, const void *data, size_t len);

/**
 * http_stream_queued(st):
 * Return the bytes of memory that wait to be sent.
 */
size_t http_stream_queued(const struct http_stream *st);

/**
 * http_stream_end(st), http_stream_abort(st):
 * End the body behind what is queued; close without an end.  on_closed comes
 * later.  A second call of http_stream_end does nothing.
 */
void http_stream_end(struct http_stream *st);
void http_stream_abort(struct http_stream *st);

#endif
