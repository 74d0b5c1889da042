/* SPDX-License-Identifier: Apache-2.0 */
#include "http/attach_internal.h"
#include "http/clock_internal.h"
#include "http/library_internal.h"
#include "http/start_internal.h"
#include "loop/timer.h"

#define RESUME_MS 20
#define SWEEP_MS 500
#define DRAIN_SWEEP_MS 20
/* Replies handed to the library may still wait for the socket this long. */
#define DRAIN_QUIET_MS 1000

static bool
has_websocket(const struct http_server *s)
{
	const struct list *it;

	for (it = s->conns.next; it != &s->conns; it = it->next)
		if (LIST_ENTRY(it, struct http_conn, node)->websocket != NULL)
			return true;
	return false;
}

static void
drain(struct http_server *s, uint64_t now_ms)
{
	void (*drained)(void *ctx) = s->drained;

	if (drained == NULL)
		return;
	if (s->drain_quiet_ms == 0 || s->requests_now > 0 || has_websocket(s))
		s->drain_quiet_ms = now_ms + DRAIN_QUIET_MS;
	if (now_ms < s->drain_until_ms &&
	    (s->requests_now > 0 || has_websocket(s) ||
		(s->connections_now > 0 && now_ms < s->drain_quiet_ms)))
		return;
	s->drained = NULL;
	drained(s->drained_ctx);
}

static void
on_sweep(void *ctx)
{
	struct http_server *s = ctx;
	struct http_conn *c;
	struct list *it, *tmp;
	uint64_t now_ms = http_clock_now_ms(s);

	http_expire_requests(s, now_ms);
	LIST_FOREACH (it, tmp, &s->conns) {
		c = LIST_ENTRY(it, struct http_conn, node);
		if (c->websocket != NULL)
			http_websocket_tick(c->websocket, now_ms);
	}
	drain(s, now_ms);
}

static void
on_resume(void *ctx)
{
	http_accept_resume(ctx);
}

int
http_sweep_start(struct http_server *s)
{
	int rc;

	rc = loop_timer_new(s->loop, on_sweep, s, &s->sweep);
	if (rc == 0)
		rc = loop_timer_new(s->loop, on_resume, s, &s->resume);
	if (rc == 0)
		loop_timer_start(s->sweep, SWEEP_MS, SWEEP_MS);
	return rc;
}

void
http_sweep_often(struct http_server *s)
{
	loop_timer_start(s->sweep, 0, DRAIN_SWEEP_MS);
}

void
http_sweep_resume_later(struct http_server *s)
{
	loop_timer_start(s->resume, RESUME_MS, 0);
}

void
http_sweep_stop(struct http_server *s)
{
	loop_timer_free(s->sweep);
	loop_timer_free(s->resume);
}
