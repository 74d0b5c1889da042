/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/crew_internal.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "keys/crew_lock_internal.h"
#include "keys/desk_internal.h"
#include "keys/frame.h"
#include "keys/perform_internal.h"
#include "keys/process_internal.h"

struct worker {
	struct keys_desk desk;
	struct keys_crew *crew;
	pthread_t thread;
	bool started, full;
};

struct keys_crew {
	struct keys_process *process;
	pthread_mutex_t lock;
	pthread_cond_t change;
	int wake_fd;
	int rc; /* the first answer that could not be sent */
	bool stop;
	struct worker worker[KEYS_CREW_MAX];
};

static void *
work(void *arg)
{
	const uint64_t one = 1;
	struct worker *w = arg;
	struct keys_crew *c = w->crew;
	ssize_t n;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!w->full && !c->stop)
			(void)pthread_cond_wait(&c->change, &c->lock);
		if (!w->full)
			break;
		rc = keys_process_answer(c->process, &w->desk);
		if (rc != 0 && c->rc == 0)
			c->rc = rc;
		w->full = false;
		(void)pthread_cond_broadcast(&c->change);
		/* Fails only when the count is full, and then it is heard. */
		n = write(c->wake_fd, &one, sizeof(one));
		(void)n;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

static int
start(struct keys_crew *c, struct worker *w)
{
	w->crew = c;
	if (keys_desk_init(&w->desk, KEYS_FRAME_MAX) != 0)
		return ERR_SYS_NOMEM;
	if (pthread_create(&w->thread, NULL, work, w) != 0)
		return ERR_SYS_OS;
	w->started = true;
	return 0;
}

int
keys_crew_start(struct keys_process *p)
{
	struct keys_crew *c = calloc(1, sizeof(*c));
	int rc = 0;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	c->process = p;
	c->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->wake_fd < 0) {
		free(c);
		return ERR_SYS_OS;
	}
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->change, NULL);
	(void)pthread_mutex_lock(&c->lock);
	p->crew = c;
	for (size_t i = 0; i < KEYS_CREW_MAX && rc == 0; i++)
		rc = start(c, &c->worker[i]);
	if (rc != 0)
		keys_crew_end(p);
	return rc;
}

void
keys_crew_end(struct keys_process *p)
{
	struct keys_crew *c = p->crew;

	if (c == NULL)
		return;
	c->stop = true;
	(void)pthread_cond_broadcast(&c->change);
	(void)pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < KEYS_CREW_MAX; i++) {
		if (c->worker[i].started)
			(void)pthread_join(c->worker[i].thread, NULL);
		if (c->worker[i].crew != NULL)
			keys_desk_free(&c->worker[i].desk);
	}
	(void)pthread_cond_destroy(&c->change);
	(void)pthread_mutex_destroy(&c->lock);
	close(c->wake_fd);
	free(c);
	p->crew = NULL;
}

void
keys_crew_leave(struct keys_process *p)
{
	if (p->crew != NULL)
		(void)pthread_mutex_unlock(&p->crew->lock);
}

void
keys_crew_enter(struct keys_process *p)
{
	if (p->crew != NULL)
		(void)pthread_mutex_lock(&p->crew->lock);
}

void
keys_crew_wait(struct keys_process *p)
{
	if (p->crew != NULL)
		(void)pthread_cond_wait(&p->crew->change, &p->crew->lock);
}

void
keys_crew_tell(struct keys_process *p)
{
	if (p->crew != NULL)
		(void)pthread_cond_broadcast(&p->crew->change);
}

struct keys_desk *
keys_crew_desk(struct keys_process *p)
{
	for (size_t i = 0; i < KEYS_CREW_MAX; i++)
		if (!p->crew->worker[i].full)
			return &p->crew->worker[i].desk;
	return NULL;
}

void
keys_crew_give(struct keys_process *p, struct keys_desk *d)
{
	struct worker *w =
	    (struct worker *)((char *)d - offsetof(struct worker, desk));

	w->full = true;
	(void)pthread_cond_broadcast(&p->crew->change);
}

bool
keys_crew_idle(const struct keys_process *p)
{
	for (size_t i = 0; p->crew != NULL && i < KEYS_CREW_MAX; i++)
		if (p->crew->worker[i].full)
			return false;
	return true;
}

int
keys_crew_fd(const struct keys_process *p)
{
	return p->crew == NULL ? -1 : p->crew->wake_fd;
}

int
keys_crew_heard(struct keys_process *p)
{
	uint64_t count;
	ssize_t n;

	if (p->crew == NULL)
		return 0;
	n = read(p->crew->wake_fd, &count, sizeof(count));
	(void)n;
	return p->crew->rc;
}
