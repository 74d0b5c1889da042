/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/syslog.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/syslog_internal.h"
#include "base/list.h"
#include "base/str.h"

enum { RETRY_S = 1 };

struct message {
	struct list link;
	size_t len;
	char text[];
};

struct audit_syslog {
	struct audit_syslog_opts opts;
	struct audit_syslog_target target;
	char *hostname, *app;
	pthread_t thread;
	bool running;
	int fd; /* the thread's */

	pthread_mutex_t mutex; /* guards everything below */
	pthread_cond_t work;
	struct list queue;
	struct audit_syslog_stats stats;
	bool stopping;
};

/* Wait a moment, or until stopped; the mutex is held. */
static void
pause_a_moment(struct audit_syslog *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY_S;
	while (!s->stopping &&
	       pthread_cond_timedwait(&s->work, &s->mutex, &until) != ETIMEDOUT)
		;
}

/* Send one message; the mutex is not held. */
static int
deliver(struct audit_syslog *s, const struct message *m)
{
	int rc = 0;

	if (s->fd < 0)
		rc = audit_syslog_connect(&s->target, &s->fd);
	if (rc == 0)
		rc = audit_syslog_write(&s->target, s->fd, m->text, m->len);
	if (rc == ERR_SYS_NETWORK && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
	return rc;
}

/* Send what waits until stopped; then what can be sent at once. */
static void *
sender(void *arg)
{
	struct audit_syslog *s = arg;
	struct message *m;
	struct list *node;
	int rc;

	pthread_mutex_lock(&s->mutex);
	for (;;) {
		if ((node = base_list_pop_front(&s->queue)) == NULL) {
			if (s->stopping)
				break;
			pthread_cond_wait(&s->work, &s->mutex);
			continue;
		}
		pthread_mutex_unlock(&s->mutex);
		m = LIST_ENTRY(node, struct message, link);
		rc = deliver(s, m);
		pthread_mutex_lock(&s->mutex);
		if (rc != 0 && rc != ERR_SYS_LIMIT) {
			base_list_push_front(&s->queue, node);
			if (s->stopping)
				break;
			pause_a_moment(s);
			continue;
		}
		s->stats.waiting--;
		s->stats.sent += rc == 0;
		s->stats.lost += rc != 0;
		free(m);
	}
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

static bool
word_ok(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 255)
		return false;
	for (; *s > ' ' && *s < 0x7f; s++)
		;
	return *s == '\0';
}

int
audit_syslog_new(
    const struct audit_syslog_opts *opts, struct audit_syslog **ret)
{
	struct audit_syslog *s;
	pthread_condattr_t attr;
	int rc = 0;

	if (opts->queue_max < 1 || opts->queue_max > AUDIT_SYSLOG_QUEUE_MAX ||
	    !word_ok(opts->hostname) || !word_ok(opts->app) ||
	    strlen(opts->app) > 48)
		return ERR_STATE_CONFIG;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_SYS_NOMEM;
	s->fd = -1;
	base_list_init(&s->queue);
	pthread_mutex_init(&s->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->work, &attr);
	pthread_condattr_destroy(&attr);
	s->hostname = base_str_dup(opts->hostname);
	s->app = base_str_dup(opts->app);
	s->opts = *opts;
	s->opts.hostname = s->hostname;
	s->opts.app = s->app;
	s->opts.target = NULL;
	if (s->hostname == NULL || s->app == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = audit_syslog_parse(opts->target, &s->target);
	if (rc == 0 && pthread_create(&s->thread, NULL, sender, s) != 0)
		rc = ERR_SYS_OS;
	s->running = rc == 0;
	if (rc != 0) {
		audit_syslog_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void
audit_syslog_free(struct audit_syslog *s)
{
	struct list *node;

	if (s == NULL)
		return;
	if (s->running) {
		pthread_mutex_lock(&s->mutex);
		s->stopping = true;
		pthread_cond_signal(&s->work);
		pthread_mutex_unlock(&s->mutex);
		pthread_join(s->thread, NULL);
	}
	while ((node = base_list_pop_front(&s->queue)) != NULL)
		free(LIST_ENTRY(node, struct message, link));
	if (s->fd >= 0)
		close(s->fd);
	free(s->hostname);
	free(s->app);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

void
audit_syslog_put(void *ctx, const char *line, size_t len)
{
	char text[AUDIT_SYSLOG_MESSAGE_MAX];
	struct audit_syslog *s = ctx;
	struct message *m = NULL;
	size_t n;

	if (audit_syslog_format(&s->opts, line, len, text, &n) == 0 &&
	    (m = malloc(sizeof(*m) + n)) != NULL) {
		base_list_init(&m->link);
		m->len = n;
		memcpy(m->text, text, n);
	}
	pthread_mutex_lock(&s->mutex);
	if (m == NULL || s->stats.waiting >= s->opts.queue_max) {
		s->stats.lost++;
	} else {
		base_list_push_back(&s->queue, &m->link);
		s->stats.waiting++;
		m = NULL;
		pthread_cond_signal(&s->work);
	}
	pthread_mutex_unlock(&s->mutex);
	free(m);
}

void
audit_syslog_get_stats(struct audit_syslog *s, struct audit_syslog_stats *ret)
{
	pthread_mutex_lock(&s->mutex);
	*ret = s->stats;
	pthread_mutex_unlock(&s->mutex);
}
