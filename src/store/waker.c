/* SPDX-License-Identifier: Apache-2.0 */
#include "store/waker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "loop/loop.h"

/* A post that fails is tried again for a second. */
enum { TRIES = 100, PAUSE_MS = 10 };

struct store_waker {
	struct loop *loop;
	void (*fn)(void *ctx);
	void *ctx;
	pthread_mutex_t mutex; /* guards the two below */
	bool posted;	       /* a callback is on its way and will find us */
	bool closed;
};

int
store_waker_new(struct loop *loop, void (*fn)(void *ctx), void *ctx,
    struct store_waker **ret_waker)
{
	struct store_waker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return ERR_SYS_NOMEM;
	if (pthread_mutex_init(&w->mutex, NULL) != 0) {
		free(w);
		return ERR_SYS_NOMEM;
	}
	w->loop = loop;
	w->fn = fn;
	w->ctx = ctx;
	*ret_waker = w;
	return 0;
}

static void
waker_destroy(struct store_waker *w)
{
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

static void
waker_run(void *ctx)
{
	struct store_waker *w = ctx;
	bool closed;

	pthread_mutex_lock(&w->mutex);
	w->posted = false;
	closed = w->closed;
	pthread_mutex_unlock(&w->mutex);
	if (closed)
		waker_destroy(w);
	else
		w->fn(w->ctx);
}

static bool
post(struct store_waker *w)
{
	bool posted;

	pthread_mutex_lock(&w->mutex);
	if (!w->posted && loop_post(w->loop, waker_run, w) == 0)
		w->posted = true;
	posted = w->posted;
	pthread_mutex_unlock(&w->mutex);
	return posted;
}

/*
 * Somebody waits for this wake, and another may never come: short of memory it
 * is tried again before it is left to the next one.
 */
void
store_waker_wake(struct store_waker *w)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	int i;

	for (i = 0; i < TRIES && !post(w); i++)
		(void)nanosleep(&pause, NULL);
}

void
store_waker_free(struct store_waker *w)
{
	bool posted;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->mutex);
	w->closed = true;
	posted = w->posted;
	pthread_mutex_unlock(&w->mutex);
	if (!posted)
		waker_destroy(w);
}
