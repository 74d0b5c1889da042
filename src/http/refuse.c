/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "http/attach_internal.h"
#include "http/listener_internal.h"
#include "http/reply.h"
#include "http/request_internal.h"
#include "http/server_internal.h"

void
http_refuse_request(struct http_request *r, int status, unsigned wait_s)
{
	const struct http_listener *l = r->listener;
	char text[64], wait[16];
	struct http_header retry = { "retry-after", wait };
	struct http_reply reply = { .status = status,
		.content_type = "text/plain",
		.headers = &retry,
		.headers_count = wait_s > 0,
		.body = text };

	base_list_remove(&r->timed);
	base_list_init(&r->timed);
	r->body_len = 0;
	r->stage = HTTP_STAGE_HANDLING;
	r->server->requests_refused++;
	if (l->refuse != NULL) {
		l->refuse(l->ctx, r, status, wait_s);
		return;
	}
	snprintf(wait, sizeof(wait), "%u", wait_s);
	reply.body_len = (size_t)snprintf(
	    text, sizeof(text), "%d %s\n", status, http_status_text(status));
	http_request_reply(r, &reply);
}
