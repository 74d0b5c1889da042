/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <sqlite3.h>

#include "store/sqlite.h"

enum {
	EVERY_MS = 250,
	/* Pages in the WAL from which on it is made to start over: 32 MiB. */
	RESTART_PAGES = 8192,
	/* ... if no more than this part of it is still to be moved. */
	REST_PART = 32,
};

struct store_checkpoint {
	struct store_checkpoint_opts opts;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool stopping;
};

/* Wait for the next turn; return whether there is one. */
static bool
wait_turn(struct store_checkpoint *c)
{
	struct timespec until;
	bool stopping;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += c->opts.every_ms / 1000;
	until.tv_nsec += (long)(c->opts.every_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_mutex_lock(&c->mutex);
	if (!c->stopping)
		pthread_cond_timedwait(&c->cond, &c->mutex, &until);
	stopping = c->stopping;
	pthread_mutex_unlock(&c->mutex);
	return !stopping;
}

/* One turn; a lock held by somebody else is no failure. */
static int
checkpoint(struct sqlite3 *db, int limit)
{
	int pages = 0, moved = 0, code;

	code = sqlite3_wal_checkpoint_v2(
	    db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
	if (code == SQLITE_OK && pages >= limit &&
	    (pages - moved <= limit / REST_PART || pages >= 2 * limit))
		code = sqlite3_wal_checkpoint_v2(
		    db, NULL, SQLITE_CHECKPOINT_RESTART, &pages, &moved);
	return (code & 0xff) == SQLITE_BUSY ? 0 : store_sqlite_rc(code);
}

static void *
run(void *arg)
{
	struct store_checkpoint *c = arg;
	int rc;

	while (wait_turn(c))
		if ((rc = checkpoint(c->opts.db, c->opts.restart_pages)) != 0 &&
		    rc != ERR_SYS_NOMEM) {
			c->opts.failed(c->opts.ctx, rc);
			break;
		}
	return NULL;
}

int
store_checkpoint_new(
    const struct store_checkpoint_opts *opts, struct store_checkpoint **ret)
{
	struct store_checkpoint *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	c->opts = *opts;
	if (c->opts.every_ms == 0)
		c->opts.every_ms = EVERY_MS;
	if (c->opts.restart_pages == 0)
		c->opts.restart_pages = RESTART_PAGES;
	pthread_mutex_init(&c->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->cond, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&c->thread, NULL, run, c) != 0) {
		pthread_cond_destroy(&c->cond);
		pthread_mutex_destroy(&c->mutex);
		free(c);
		return ERR_SYS_OS;
	}
	*ret = c;
	return 0;
}

void
store_checkpoint_free(struct store_checkpoint *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->mutex);
	c->stopping = true;
	pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->cond);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}
