/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/err.h"
#include "http/request_internal.h"
#include "http/write_internal.h"

static char *
keep(struct http_request *r, const char *s)
{
	return base_arena_dup(r->arena, s, strlen(s));
}

int
http_reply_keep(struct http_request *r, int status, const char *content_type,
    const struct http_header *headers, size_t count)
{
	struct http_header *h;

	r->status = status;
	if (content_type != NULL) {
		r->content_type = keep(r, content_type);
		if (r->content_type == NULL)
			return ERR_SYS_NOMEM;
	}
	h = base_arena_alloc(r->arena, (count + 1) * sizeof(*h));
	if (h == NULL)
		return ERR_SYS_NOMEM;
	for (size_t i = 0; i < count; i++) {
		h[i].name = keep(r, headers[i].name);
		h[i].value = keep(r, headers[i].value);
		if (h[i].name == NULL || h[i].value == NULL)
			return ERR_SYS_NOMEM;
	}
	r->reply_headers = h;
	r->reply_headers_count = count;
	return 0;
}

/* Copy what the reply points to into the request; 0, or -1 without memory. */
static int
take_reply(struct http_request *r, const struct http_reply *reply)
{
	r->release = reply->release;
	r->release_ctx = reply->release_ctx;
	r->out = reply->body;
	r->out_len = reply->body_len;
	if (http_reply_keep(r, reply->status, reply->content_type,
		reply->headers, reply->headers_count) != 0)
		return -1;
	if (reply->release != NULL || reply->body_len == 0)
		return 0;
	r->out_copy = malloc(reply->body_len);
	if (r->out_copy == NULL)
		return -1;
	memcpy(r->out_copy, reply->body, reply->body_len);
	r->out = r->out_copy;
	return 0;
}

void
http_request_reply(struct http_request *r, const struct http_reply *reply)
{
	TROTH_ASSERT(r->stage == HTTP_STAGE_HANDLING);
	TROTH_ASSERT(reply->status >= 200);
	TROTH_ASSERT(reply->status <= 599);

	http_exchange_count(r, reply->status);
	if (take_reply(r, reply) != 0)
		http_request_abort(r);
	else if (r->wsi == NULL)
		http_request_free(r);
	else
		http_write_begin(r);
}

void
http_request_reply_text(struct http_request *r, int status,
    const char *content_type, const char *text)
{
	struct http_reply reply = { .status = status,
		.content_type = content_type,
		.body = text,
		.body_len = strlen(text) };

	http_request_reply(r, &reply);
}

void
http_request_abort(struct http_request *r)
{
	if (r->wsi == NULL)
		http_request_free(r);
	else
		http_write_abort(r);
}
