/* SPDX-License-Identifier: Apache-2.0 */
#include "http/attach_internal.h"
#include "http/clock_internal.h"
#include "http/library_internal.h"
#include "http/request_internal.h"
#include "http/start_internal.h"

void
http_expire_requests(struct http_server *s, uint64_t now_ms)
{
	struct http_request *r;
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &s->live) {
		r = LIST_ENTRY(it, struct http_request, live);
		if (r->stream != NULL)
			http_stream_tick(r->stream, now_ms);
	}
	while (!base_list_empty(&s->receiving)) {
		r = LIST_ENTRY(s->receiving.next, struct http_request, timed);
		if (r->deadline_ms > now_ms)
			break;
		r->close_after = true;
		http_refuse_request(r, 408, 0);
	}
	while (!base_list_empty(&s->sending)) {
		r = LIST_ENTRY(s->sending.next, struct http_request, timed);
		if (r->deadline_ms > now_ms)
			break;
		base_list_remove(&r->timed);
		http_context_kill(r->wsi);
	}
}

void
http_expire_all(struct http_server *s)
{
	struct http_conn *c;
	struct http_request *r;
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &s->conns) {
		c = LIST_ENTRY(it, struct http_conn, node);
		if (c->websocket != NULL)
			http_websocket_leave(c->websocket);
		else if (c->requests_now == 0)
			http_context_kill(c->wsi);
	}
	LIST_FOREACH (it, tmp, &s->live) {
		r = LIST_ENTRY(it, struct http_request, live);
		if (r->stream != NULL)
			http_stream_leave(r->stream);
	}
}

void
http_expire_orphan(struct http_server *s)
{
	struct list *node;

	while ((node = base_list_pop_front(&s->live)) != NULL)
		LIST_ENTRY(node, struct http_request, live)->server = NULL;
}
