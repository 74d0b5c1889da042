/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include <stdlib.h>

#include "loop/loop_internal.h"
#include "loop/uv.h"

static void
on_wake(uv_async_t *wake)
{
	struct loop *l = wake->data;
	struct loop_posted *p, *next;

	pthread_mutex_lock(&l->lock);
	p = l->first;
	l->first = l->last = NULL;
	l->waiting = 0;
	pthread_mutex_unlock(&l->lock);
	for (; p != NULL; p = next) {
		next = p->next;
		p->fn(p->ctx);
		free(p);
	}
}

int
loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return ERR_SYS_NOMEM;
	if (pthread_mutex_init(&l->lock, NULL) != 0)
		goto free_loop;
	if (uv_loop_init(&l->uv) != 0)
		goto destroy_lock;
	if (uv_async_init(&l->uv, &l->wake, on_wake) != 0)
		goto close_uv;
	l->wake.data = l;
	*ret = l;
	return 0;

close_uv:
	uv_loop_close(&l->uv);
destroy_lock:
	pthread_mutex_destroy(&l->lock);
free_loop:
	free(l);
	return ERR_SYS_OS;
}

void
loop_free(struct loop *l)
{
	struct loop_posted *p, *next;

	if (l == NULL)
		return;
	uv_close((uv_handle_t *)&l->wake, NULL);
	/* Close callbacks need a turn; nothing else is left to wait for, so a
	 * handle that somebody forgot cannot block us. */
	for (int i = 0; i < 100 && uv_loop_close(&l->uv) == UV_EBUSY; i++)
		uv_run(&l->uv, UV_RUN_NOWAIT);
	for (p = l->first; p != NULL; p = next) {
		next = p->next;
		free(p);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void
loop_run(struct loop *l)
{
	do {
		uv_run(&l->uv, l->stop ? UV_RUN_NOWAIT : UV_RUN_DEFAULT);
	} while (!l->stop);
	l->stop = false;
}

static void
on_deadline(uv_timer_t *t)
{
	uv_stop(t->loop);
	*(bool *)t->data = true;
}

static void
on_closed(uv_handle_t *h)
{
	*(bool *)h->data = true;
}

bool
loop_run_for(struct loop *l, uint64_t ms)
{
	bool passed = false, closed = false, stopped;
	uv_timer_t deadline;

	uv_update_time(&l->uv);
	uv_timer_init(&l->uv, &deadline);
	deadline.data = &passed;
	uv_timer_start(&deadline, on_deadline, ms, 0);
	while (!passed && !l->stop)
		uv_run(&l->uv, UV_RUN_ONCE);
	stopped = l->stop;
	l->stop = false;
	deadline.data = &closed;
	uv_close((uv_handle_t *)&deadline, on_closed);
	while (!closed)
		uv_run(&l->uv, UV_RUN_NOWAIT);
	return stopped;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
	uv_stop(&l->uv);
}

uint64_t
loop_now_ms(const struct loop *l)
{
	return uv_now(&l->uv);
}

uint64_t
loop_monotonic_us(void)
{
	return uv_hrtime() / 1000;
}

int
loop_post(struct loop *l, loop_post_fn *fn, void *ctx)
{
	struct loop_posted *p = malloc(sizeof(*p));
	bool first, full;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	p->fn = fn;
	p->ctx = ctx;
	p->next = NULL;
	pthread_mutex_lock(&l->lock);
	full = l->waiting >= LOOP_POST_MAX;
	first = l->first == NULL;
	if (!full) {
		if (first)
			l->first = p;
		else
			l->last->next = p;
		l->last = p;
		l->waiting++;
	}
	pthread_mutex_unlock(&l->lock);
	if (full) {
		free(p);
		return ERR_STATE_FULL;
	}
	if (first)
		uv_async_send(&l->wake);
	return 0;
}

struct uv_loop_s *
loop_uv_get(struct loop *l)
{
	return &l->uv;
}
