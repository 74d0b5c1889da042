/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/buf.h"
#include "http/event.h"
#include "http/stream.h"
#include "trustchain/dash_internal.h"

#define RETRY_MS 5000
#define QUEUE_MAX ((size_t)2 << 20)

/* A browser that listens. */
struct listener {
	struct list node;
	struct dash *owner;
	struct http_stream *st;
};

static void
closed(void *ctx, struct http_stream *st)
{
	struct listener *l = ctx;

	(void)st;
	base_list_remove(&l->node);
	l->owner->n_streams--;
	free(l);
}

void
dash_stream_begin(struct dash *d, struct http_request *r)
{
	struct http_stream_opts o = { .queue_max = QUEUE_MAX,
		.on_closed = closed };
	struct listener *l;

	if (d->n_streams == DASH_STREAMS_MAX ||
	    (l = calloc(1, sizeof(*l))) == NULL) {
		dash_web_problem(
		    r, 503, "busy", "too many browsers listen already");
		return;
	}
	base_list_init(&l->node);
	l->owner = d;
	o.ctx = l;
	if (http_event_begin(r, &o, RETRY_MS, &l->st) != 0) {
		free(l);
		dash_web_problem(r, 503, "busy", "no stream could be opened");
		return;
	}
	base_list_push_back(&d->streams, &l->node);
	d->n_streams++;
}

void
dash_stream_push(struct dash *d)
{
	struct http_event e = { .name = "live" };
	struct list *n, *next;
	struct buf b;

	if (d->n_streams == 0)
		return;
	base_buf_init(&b, DASH_PAGE_MAX);
	if (dash_page_live(d, &b) == 0 && base_buf_append(&b, "", 1) == 0) {
		e.data = (const char *)b.data;
		/* One that does not keep up misses this one; the stream itself
		 * cuts off who takes nothing. */
		LIST_FOREACH (n, next, &d->streams)
			(void)!http_event_send(
			    LIST_ENTRY(n, struct listener, node)->st, &e);
	}
	base_buf_free(&b);
}

void
dash_stream_end(struct dash *d)
{
	struct list *n, *next;

	LIST_FOREACH (n, next, &d->streams)
		http_stream_end(LIST_ENTRY(n, struct listener, node)->st);
}
