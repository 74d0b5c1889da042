/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/web.h"

#include <stdlib.h>
#include <string.h>

#include "http/request.h"
#include "ops/web_internal.h"

static const struct {
	const char *path;
	const char *type;
} pages[OPS_WEB_PAGES] = {
	[OPS_WEB_METRICS] = { "/metrics",
	    "text/plain; version=0.0.4; charset=utf-8" },
	[OPS_WEB_HEALTH] = { "/health", "application/json" },
	[OPS_WEB_READY] = { "/ready", "text/plain; charset=utf-8" },
	[OPS_WEB_STARTUP] = { "/startup", "text/plain; charset=utf-8" },
};

static void
answer(const struct ops_web *w, struct http_request *r, enum ops_web_page page)
{
	static const struct http_header no_store = { "cache-control",
		"no-store" };
	struct http_reply reply = { .content_type = pages[page].type,
		.headers = &no_store,
		.headers_count = 1 };
	struct ops_web_body body;

	if (ops_web_body(w, page, &body) != 0) {
		http_request_reply_text(
		    r, 503, "text/plain", "out of memory\n");
		return;
	}
	reply.status = body.status;
	reply.body = body.data;
	reply.body_len = body.len;
	http_request_reply(r, &reply);
	free(body.data);
}

void
ops_web_health(const struct ops_web *w, struct http_request *r)
{
	answer(w, r, OPS_WEB_HEALTH);
}

bool
ops_web_handle(const struct ops_web *w, struct http_request *r)
{
	static const struct http_header allow = { "allow", "GET, HEAD" };
	const struct http_reply no = {
		.status = 405, .headers = &allow, .headers_count = 1
	};
	enum http_method m = http_request_method(r);
	const char *path = http_request_path(r);
	int i;

	for (i = 0; i < OPS_WEB_PAGES; i++)
		if (strcmp(pages[i].path, path) == 0)
			break;
	if (i == OPS_WEB_PAGES)
		return false;
	if (m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD)
		http_request_reply(r, &no);
	else
		answer(w, r, (enum ops_web_page)i);
	return true;
}

void
ops_web_listener(void *ctx, struct http_request *r)
{
	if (!ops_web_handle(ctx, r))
		http_request_reply_text(r, 404, "text/plain", "not found\n");
}
