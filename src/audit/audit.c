/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/entry.h"
#include "audit/log.h"
#include "audit/tend.h"
#include "base/fault.h"

enum {
	BATCH_BYTES_MAX = 1 << 18,
	CHECKPOINTS_WAITING_MAX = 64,
	SIG_MAX = 64,
	RETRY_MS = 1000, /* after a full disk */
};

/* The way of a checkpoint: wanted, text written, signed, published. */
enum sign_state { SIGN_IDLE, SIGN_ASK, SIGN_ASKED, SIGN_ANSWERED };

/* What the thread has to say about the log. */
enum open_state { OPENING, OPENED, OPEN_TOLD };

struct audit {
	struct audit_opts opts;
	struct audit_log_opts log_opts;
	struct audit_log *log; /* the thread's */
	_Atomic bool cancel;   /* stop reading the log */
	int64_t source;
	struct fault why; /* the thread's until OPENED */
	pthread_t thread;
	bool running;
	char *batch;		/* the thread's */
	struct audit_tend tend; /* the thread's */

	pthread_mutex_t mutex; /* guards everything below */
	pthread_cond_t work;
	struct list queue;   /* lines */
	struct list wishes;  /* checkpoints asked for */
	struct list signing; /* those that the one under way will serve */
	struct list done;
	size_t n_wishes;
	bool want_checkpoint, stopping;
	enum open_state open_state;
	int open_rc;
	enum sign_state state;
	char text[AUDIT_LOG_TEXT_MAX];
	uint8_t sig[SIG_MAX];
	size_t sig_len;
	int sig_rc;
	struct audit_stats stats;
};

static struct audit_entry *
entry_of(struct list *node)
{
	return LIST_ENTRY(node, struct audit_entry, link);
}

/* Hand entries to the loop thread; the mutex is held. */
static void
complete(struct audit *a, struct list *from, int rc, uint64_t size)
{
	struct list *node;

	while ((node = base_list_pop_front(from)) != NULL) {
		entry_of(node)->rc = rc;
		if (entry_of(node)->size == 0)
			entry_of(node)->size = size;
		base_list_push_back(&a->done, node);
	}
}

/* Take lines for one append; the mutex is held. */
static size_t
take(struct audit *a, struct list *taken, size_t *ret_n)
{
	struct audit_entry *e;
	size_t len = 0;

	*ret_n = 0;
	while (!base_list_empty(&a->queue)) {
		e = entry_of(a->queue.next);
		if (len + e->len > BATCH_BYTES_MAX)
			break;
		base_list_remove(&e->link);
		base_list_push_back(taken, &e->link);
		memcpy(a->batch + len, e->line, e->len);
		len += e->len;
		a->stats.backlog--;
		(*ret_n)++;
	}
	return len;
}

static void
put_back(struct audit *a, struct list *taken)
{
	struct list *node;

	while (!base_list_empty(taken)) {
		node = taken->prev;
		base_list_remove(node);
		base_list_push_front(&a->queue, node);
		a->stats.backlog++;
	}
}

static uint64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Wait until ${ms} on that clock, or for work. */
static void
wait_until(struct audit *a, uint64_t ms)
{
	struct timespec until = { (time_t)(ms / 1000),
		(long)(ms % 1000) * 1000000 };

	pthread_cond_timedwait(&a->work, &a->mutex, &until);
}

/* Show the lines that were written to whoever wants to see them. */
static void
mirror(const struct audit *a, const struct list *written)
{
	const struct list *it;
	const struct audit_entry *e;

	if (a->opts.mirror == NULL)
		return;
	for (it = written->next; it != written; it = it->next) {
		e = LIST_ENTRY(it, struct audit_entry, link);
		a->opts.mirror(a->opts.mirror_ctx, e->line, e->len - 1);
	}
}

/* Append one batch; the mutex is held, but not while writing. */
static void
write_batch(struct audit *a)
{
	struct list taken, *it, *tmp;
	uint64_t size;
	size_t len, n;
	int rc;

	base_list_init(&taken);
	len = take(a, &taken, &n);
	pthread_mutex_unlock(&a->mutex);
	rc = audit_log_append(a->log, a->batch, len);
	size = audit_log_size(a->log);
	if (rc == 0)
		mirror(a, &taken);
	pthread_mutex_lock(&a->mutex);
	a->stats.rc = rc;
	a->stats.size = size;
	if (rc == ERR_SYS_NOSPACE && !a->stopping) {
		put_back(a, &taken);
		wait_until(a, monotonic_ms() + RETRY_MS);
		return;
	}
	if (rc != 0)
		a->stats.dropped += n;
	else
		LIST_FOREACH (it, tmp, &taken)
			entry_of(it)->size = size - --n;
	complete(a, &taken, rc, size);
}

/* Write the tiles and ask for a signature; the mutex is held. */
static void
begin_checkpoint(struct audit *a)
{
	char text[AUDIT_LOG_TEXT_MAX];
	struct list *node;
	int rc;

	a->want_checkpoint = false;
	a->n_wishes = 0;
	while ((node = base_list_pop_front(&a->wishes)) != NULL)
		base_list_push_back(&a->signing, node);
	if (a->stats.size == a->stats.published) {
		complete(a, &a->signing, 0, a->stats.published);
		return;
	}
	pthread_mutex_unlock(&a->mutex);
	rc = audit_log_prepare(a->log, text);
	pthread_mutex_lock(&a->mutex);
	if (rc != 0) {
		a->stats.rc = rc;
		complete(a, &a->signing, rc, 0);
		return;
	}
	memcpy(a->text, text, sizeof(text));
	a->state = SIGN_ASK;
}

/* Write the signed checkpoint; the mutex is held. */
static void
end_checkpoint(struct audit *a)
{
	int rc = a->sig_rc, tend_rc = 0;

	pthread_mutex_unlock(&a->mutex);
	if (rc == 0)
		rc = audit_log_publish(a->log, a->text, a->sig, a->sig_len);
	if (rc == 0)
		tend_rc = audit_tend(&a->tend, a->log);
	pthread_mutex_lock(&a->mutex);
	if (tend_rc != 0)
		a->stats.rc = tend_rc;
	a->state = SIGN_IDLE;
	a->stats.size = audit_log_size(a->log);
	a->stats.published = audit_log_published(a->log);
	complete(a, &a->signing, rc, a->stats.published);
}

/* Do one thing that is due; return false if there is none. */
static bool
step(struct audit *a)
{
	if (!base_list_empty(&a->queue))
		write_batch(a);
	else if (a->state == SIGN_ANSWERED)
		end_checkpoint(a);
	else if (a->want_checkpoint && a->state == SIGN_IDLE && !a->stopping)
		begin_checkpoint(a);
	else
		return false;
	return true;
}

/* Nothing is due: wait for work or for the next checkpoint. */
static void
idle(struct audit *a, uint64_t *next_ms)
{
	if (a->opts.sign == NULL || a->opts.checkpoint_ms == 0) {
		pthread_cond_wait(&a->work, &a->mutex);
		return;
	}
	wait_until(a, *next_ms);
	if (monotonic_ms() >= *next_ms) {
		a->want_checkpoint = true;
		*next_ms = monotonic_ms() + a->opts.checkpoint_ms;
	}
}

/* Tell the loop thread that there is something; the mutex is held. */
static void
wake(struct audit *a)
{
	if (a->opts.wake == NULL)
		return;
	pthread_mutex_unlock(&a->mutex);
	a->opts.wake(a->opts.wake_ctx);
	pthread_mutex_lock(&a->mutex);
}

/* Open the log; the mutex is held, but not while reading. */
static void
open_log(struct audit *a)
{
	int rc;

	pthread_mutex_unlock(&a->mutex);
	rc = audit_log_open(&a->log_opts, &a->why, &a->log);
	pthread_mutex_lock(&a->mutex);
	if (rc == 0) {
		a->stats.size = audit_log_size(a->log);
		a->stats.published = audit_log_published(a->log);
		a->source = audit_log_source(a->log);
	}
	a->stats.rc = a->open_rc = rc;
	a->open_state = OPENED;
	wake(a);
}

/* Without a log every event fails, until the owner gives up. */
static void
refuse_all(struct audit *a)
{
	while (!a->stopping) {
		/* Nothing may unlock between this look and the wait. */
		if (base_list_empty(&a->queue) && base_list_empty(&a->wishes)) {
			pthread_cond_wait(&a->work, &a->mutex);
			continue;
		}
		a->stats.dropped += a->stats.backlog;
		a->stats.backlog = 0;
		complete(a, &a->queue, a->open_rc, 0);
		complete(a, &a->wishes, a->open_rc, 0);
		a->n_wishes = 0;
		wake(a);
	}
}

/* Do what is due until stopped. */
static void
work(struct audit *a)
{
	uint64_t next_ms = monotonic_ms() + a->opts.checkpoint_ms;

	for (;;) {
		if (!step(a)) {
			if (a->stopping)
				return;
			idle(a, &next_ms);
			continue;
		}
		if (!base_list_empty(&a->done) || a->state == SIGN_ASK)
			wake(a);
	}
}

static void *
writer(void *arg)
{
	struct audit *a = arg;

	pthread_mutex_lock(&a->mutex);
	open_log(a);
	if (a->open_rc == 0)
		work(a);
	else
		refuse_all(a);
	pthread_mutex_unlock(&a->mutex);
	return NULL;
}

/* Call the callbacks of what is done. */
static void
reap(struct audit *a)
{
	struct list *node;
	struct audit_entry *e;

	for (;;) {
		pthread_mutex_lock(&a->mutex);
		node = base_list_pop_front(&a->done);
		pthread_mutex_unlock(&a->mutex);
		if (node == NULL)
			return;
		e = entry_of(node);
		if (e->done != NULL)
			e->done(e->ctx, e->rc, e->size);
		free(e);
	}
}

void
audit_dispatch(struct audit *a)
{
	bool ask, tell;
	int rc;

	pthread_mutex_lock(&a->mutex);
	tell = a->open_state == OPENED;
	if (tell)
		a->open_state = OPEN_TOLD;
	ask = a->state == SIGN_ASK;
	if (ask)
		a->state = SIGN_ASKED;
	pthread_mutex_unlock(&a->mutex);
	if (tell && a->opts.opened != NULL)
		a->opts.opened(a->opts.opened_ctx, a->open_rc, &a->why);
	/* The writer leaves the text alone until it is answered. */
	if (ask) {
		rc = a->opts.sign(a->opts.sign_ctx, a->text, strlen(a->text));
		if (rc != 0)
			audit_signed(a, rc, NULL, 0);
	}
	reap(a);
}

void
audit_signed(struct audit *a, int rc, const uint8_t *sig, size_t len)
{
	pthread_mutex_lock(&a->mutex);
	if (a->state == SIGN_ASKED) {
		a->state = SIGN_ANSWERED;
		a->sig_rc = rc != 0 ? rc : len > SIG_MAX ? ERR_SYS_LIMIT : 0;
		a->sig_len = a->sig_rc == 0 ? len : 0;
		if (a->sig_len > 0)
			memcpy(a->sig, sig, len);
		pthread_cond_signal(&a->work);
	}
	pthread_mutex_unlock(&a->mutex);
}

int
audit_new(const struct audit_opts *opts, struct audit **ret_audit)
{
	struct audit *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;
	int rc = 0;

	if (a == NULL)
		return ERR_SYS_NOMEM;
	a->opts = *opts;
	a->tend = (struct audit_tend){ opts->clock, opts->rng,
		opts->retention_ms, opts->operator_id, 0, 0 };
	a->log_opts = *opts->log;
	a->log_opts.cancel = &a->cancel;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->work, &attr);
	pthread_condattr_destroy(&attr);
	base_list_init(&a->queue);
	base_list_init(&a->wishes);
	base_list_init(&a->signing);
	base_list_init(&a->done);
	if ((a->batch = malloc(BATCH_BYTES_MAX)) == NULL)
		rc = ERR_SYS_NOMEM;
	else if (pthread_create(&a->thread, NULL, writer, a) != 0)
		rc = ERR_SYS_OS;
	a->running = rc == 0;
	if (rc != 0) {
		audit_free(a);
		return rc;
	}
	*ret_audit = a;
	return 0;
}

void
audit_free(struct audit *a)
{
	if (a == NULL)
		return;
	if (a->running) {
		pthread_mutex_lock(&a->mutex);
		a->stopping = true;
		/* Events that wait are still to be written. */
		a->cancel = base_list_empty(&a->queue);
		pthread_cond_signal(&a->work);
		pthread_mutex_unlock(&a->mutex);
		pthread_join(a->thread, NULL);
	}
	complete(a, &a->queue, ERR_SYS_CANCELLED, 0);
	complete(a, &a->wishes, ERR_SYS_CANCELLED, 0);
	complete(a, &a->signing, ERR_SYS_CANCELLED, 0);
	reap(a);
	audit_log_close(a->log);
	free(a->batch);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}

int
audit_post(struct audit *a, const struct audit_event *ev, audit_done_fn *done,
    void *ctx)
{
	struct audit_entry *e;
	int rc;

	rc = audit_entry_line(ev, a->opts.clock, a->opts.rng, &e);
	if (rc != 0)
		return rc;
	e->done = done;
	e->ctx = ctx;
	pthread_mutex_lock(&a->mutex);
	if (a->stopping || a->stats.backlog >= a->opts.queue_max) {
		a->stats.dropped++;
		free(e);
		rc = ERR_STATE_FULL;
	} else {
		base_list_push_back(&a->queue, &e->link);
		a->stats.backlog++;
		pthread_cond_signal(&a->work);
	}
	pthread_mutex_unlock(&a->mutex);
	return rc;
}

int
audit_checkpoint(struct audit *a, audit_done_fn *done, void *ctx)
{
	struct audit_entry *e;
	int rc = 0;

	if (a->opts.sign == NULL)
		return ERR_STATE_CLOSED;
	if ((e = audit_entry_wish()) == NULL)
		return ERR_SYS_NOMEM;
	e->done = done;
	e->ctx = ctx;
	pthread_mutex_lock(&a->mutex);
	if (a->n_wishes >= CHECKPOINTS_WAITING_MAX) {
		free(e);
		rc = ERR_STATE_FULL;
	} else {
		base_list_push_back(&a->wishes, &e->link);
		a->n_wishes++;
		a->want_checkpoint = true;
		pthread_cond_signal(&a->work);
	}
	pthread_mutex_unlock(&a->mutex);
	return rc;
}

int64_t
audit_source(const struct audit *a)
{
	return a->source;
}

void
audit_get_stats(struct audit *a, struct audit_stats *ret)
{
	pthread_mutex_lock(&a->mutex);
	*ret = a->stats;
	pthread_mutex_unlock(&a->mutex);
}
