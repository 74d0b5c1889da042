/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/work.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "loop/uv.h"

#define THREADS_MAX 64

struct job {
	loop_work_fn *work;
	loop_done_fn *done;
	void *ctx;
	struct job *next;
};

struct queue {
	struct job *first, *last;
};

struct loop_pool {
	uv_async_t wake;
	size_t queue_max, pending;
	unsigned threads_count;
	pthread_t threads[THREADS_MAX];

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;
	struct queue todo, finished;
	bool closing;
};

static void
push(struct queue *q, struct job *j)
{
	j->next = NULL;
	if (q->first == NULL)
		q->first = j;
	else
		q->last->next = j;
	q->last = j;
}

static struct job *
pop(struct queue *q)
{
	struct job *j = q->first;

	if (j != NULL)
		q->first = j->next;
	return j;
}

static void *
worker(void *arg)
{
	struct loop_pool *p = arg;
	struct job *j;
	bool wake;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->closing && p->todo.first == NULL)
			pthread_cond_wait(&p->more, &p->lock);
		if (p->closing)
			break;
		j = pop(&p->todo);
		pthread_mutex_unlock(&p->lock);
		j->work(j->ctx);
		pthread_mutex_lock(&p->lock);
		wake = p->finished.first == NULL;
		push(&p->finished, j);
		if (wake)
			uv_async_send(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
on_wake(uv_async_t *wake)
{
	struct loop_pool *p = wake->data;
	struct queue finished;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	finished = p->finished;
	p->finished.first = NULL;
	pthread_mutex_unlock(&p->lock);
	while ((j = pop(&finished)) != NULL) {
		p->pending--;
		if (j->done != NULL)
			j->done(j->ctx);
		free(j);
	}
}

static void
on_closed(uv_handle_t *wake)
{
	free(wake->data);
}

/* Stop the threads and forget what they have not done. */
static void
stop_threads(struct loop_pool *p)
{
	struct job *j;

	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads_count; i++)
		pthread_join(p->threads[i], NULL);
	while ((j = pop(&p->todo)) != NULL)
		free(j);
	while ((j = pop(&p->finished)) != NULL)
		free(j);
}

int
loop_pool_new(
    struct loop *l, unsigned threads, size_t queue_max, struct loop_pool **ret)
{
	struct loop_pool *p;
	long cores;

	if (threads == 0) {
		cores = sysconf(_SC_NPROCESSORS_ONLN);
		threads = cores < 1 ? 1 : (unsigned)cores;
	}
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ERR_SYS_NOMEM;
	if (uv_async_init(loop_uv_get(l), &p->wake, on_wake) != 0) {
		free(p);
		return ERR_SYS_OS;
	}
	p->wake.data = p;
	p->queue_max = queue_max;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	for (; p->threads_count < threads; p->threads_count++)
		if (pthread_create(
			&p->threads[p->threads_count], NULL, worker, p) != 0)
			break;
	if (p->threads_count == 0) {
		loop_pool_free(p);
		return ERR_SYS_OS;
	}
	*ret = p;
	return 0;
}

void
loop_pool_free(struct loop_pool *p)
{
	if (p == NULL)
		return;
	stop_threads(p);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	uv_close((uv_handle_t *)&p->wake, on_closed);
}

int
loop_pool_submit(
    struct loop_pool *p, loop_work_fn *work, loop_done_fn *done, void *ctx)
{
	struct job *j;

	if (p->pending >= p->queue_max)
		return ERR_STATE_FULL;
	j = malloc(sizeof(*j));
	if (j == NULL)
		return ERR_SYS_NOMEM;
	j->work = work;
	j->done = done;
	j->ctx = ctx;
	p->pending++;
	pthread_mutex_lock(&p->lock);
	push(&p->todo, j);
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

size_t
loop_pool_pending(const struct loop_pool *p)
{
	return p->pending;
}
