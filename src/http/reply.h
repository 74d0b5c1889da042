/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stddef.h>

#include "http/http.h"

struct http_request;

struct http_reply {
	int status;
	const char *content_type;	   /* NULL without body */
	const struct http_header *headers; /* names may repeat */
	size_t headers_count;
	const void *body;
	size_t body_len;
	/* NULL: the body is copied.  Else it is used in place and this is
	 * called once, when it is no longer needed, whatever happened. */
	void (*release)(void *ctx);
	void *release_ctx;
};

/**
 * http_request_reply(r, reply):
 * Answer ${r} and give it up.  For HEAD the body is not sent, its length is.
 * All else in ${reply} is copied.  When the peer has gone or memory is short,
 * the connection is closed instead.  Loop thread only.
 */
void http_request_reply(struct http_request *r, const struct http_reply *reply);

/**
 * http_request_reply_text(r, status, content_type, text):
 * http_request_reply with a string and no further header.
 */
void http_request_reply_text(struct http_request *r, int status,
    const char *content_type, const char *text);

/**
 * http_request_abort(r):
 * Give up ${r} without an answer: its connection or stream is closed.
 */
void http_request_abort(struct http_request *r);

#endif
