/* SPDX-License-Identifier: Apache-2.0 */
#include "http/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/request.h"
#include "http/stream.h"

/* Server-sent events, WHATWG HTML section 9.2: lines of "field: value". */
#define EVENT_MAX 1048576
#define HEADERS_MAX 32

int
http_event_begin(struct http_request *r, const struct http_stream_opts *opts,
    unsigned retry_ms, struct http_stream **ret)
{
	struct http_header headers[HEADERS_MAX + 1];
	struct http_stream_opts with = *opts;
	struct http_stream *st;
	char retry[32];
	int rc, len;

	if (opts->headers_count > HEADERS_MAX)
		return ERR_STATE_USAGE;
	for (size_t i = 0; i < opts->headers_count; i++)
		headers[i] = opts->headers[i];
	headers[opts->headers_count].name = "cache-control";
	headers[opts->headers_count].value = "no-store";
	with.headers = headers;
	with.headers_count++;
	with.content_type = "text/event-stream";
	with.keep_alive = ":\n\n";
	rc = http_stream_begin(r, &with, &st);
	if (rc != 0)
		return rc;
	/* A first comment takes the headers through buffering proxies. */
	len = retry_ms == 0
		  ? snprintf(retry, sizeof(retry), ":\n\n")
		  : snprintf(retry, sizeof(retry), "retry: %u\n\n", retry_ms);
	/* Without memory for it the client's own default holds. */
	(void)!http_stream_write(st, retry, (size_t)len);
	*ret = st;
	return 0;
}

static int
add_field(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return 0;
	if (strpbrk(value, "\r\n") != NULL)
		return ERR_STATE_USAGE;
	return base_buf_printf(b, "%s: %s\n", name, value);
}

/* Each line is a field of its own, whichever line break ends it. */
static int
add_data(struct buf *b, const char *data)
{
	size_t len;
	int rc;

	if (data == NULL)
		return 0;
	for (;;) {
		len = strcspn(data, "\r\n");
		rc = base_buf_printf(b, "data: %.*s\n", (int)len, data);
		data += len;
		if (rc != 0 || *data == '\0')
			return rc;
		data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
	}
}

int
http_event_send(struct http_stream *st, const struct http_event *e)
{
	struct buf b;
	int rc;

	base_buf_init(&b, EVENT_MAX);
	rc = add_field(&b, "id", e->id);
	if (rc == 0)
		rc = add_field(&b, "event", e->name);
	if (rc == 0)
		rc = add_data(&b, e->data);
	if (rc == 0)
		rc = base_buf_append(&b, "\n", 1);
	if (rc == 0)
		rc = http_stream_write(st, b.data, b.len);
	base_buf_free(&b);
	return rc == ERR_SYS_LIMIT ? ERR_STATE_FULL : rc;
}

const char *
http_event_last_id(const struct http_request *r)
{
	const char *id = http_request_header(r, "last-event-id");

	return id != NULL ? id : http_request_param(r, "last_event_id");
}
