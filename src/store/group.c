/* SPDX-License-Identifier: Apache-2.0 */
#include "store/group.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <sqlite3.h>

#include "store/sql.h"
#include "store/sqlite.h"

struct store_group {
	struct store_group_opts opts;
	struct store_sql *sql; /* the writer's */
	pthread_t thread;
	pthread_mutex_t mutex;	 /* guards everything below */
	pthread_cond_t work;	 /* for the writer */
	pthread_cond_t finished; /* for store_group_wait */
	struct list queue, done;
	size_t queued;
	bool stopping, stopped, read_only;
};

static uint64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static struct store_group_job *
job_of(struct list *node)
{
	return LIST_ENTRY(node, struct store_group_job, link);
}

/* An error after which the transaction as a whole cannot be trusted. */
static bool
poisons(struct sqlite3 *db, int rc)
{
	return base_err_class(rc) == ERR_CLASS_SYS ||
	       sqlite3_get_autocommit(db) != 0;
}

/* Run one job in its savepoint; return an error that ends the batch. */
static int
run_job(struct store_group *g, struct store_group_job *job)
{
	int rc;

	if ((rc = store_sql_run(g->sql, "SAVEPOINT job", "")) != 0)
		return rc;
	job->rc = job->run(job, g->opts.db);
	if (job->rc != 0) {
		if (poisons(g->opts.db, job->rc))
			return job->rc;
		rc = store_sql_run(g->sql, "ROLLBACK TO job", "");
	}
	return rc != 0 ? rc : store_sql_run(g->sql, "RELEASE job", "");
}

static int
run_transaction(struct store_group *g, struct list *batch)
{
	struct sqlite3 *db = g->opts.db;
	struct list *it, *tmp;
	int rc;

	if ((rc = store_sql_run(g->sql, "BEGIN IMMEDIATE", "")) != 0)
		return rc;
	LIST_FOREACH (it, tmp, batch)
		if ((rc = run_job(g, job_of(it))) != 0)
			break;
	if (rc == 0)
		rc = store_sql_run(g->sql, "COMMIT", "");
	if (rc != 0 && !sqlite3_get_autocommit(db))
		(void)!store_sqlite_exec(db, "ROLLBACK");
	return rc;
}

/* Run the batch; whatever is not durable afterwards carries an error. */
static int
run_batch(struct store_group *g, struct list *batch, size_t n)
{
	uint64_t start = monotonic_us();
	struct list *it, *tmp;
	int rc;

	rc = run_transaction(g, batch);
	if (rc != 0)
		LIST_FOREACH (it, tmp, batch)
			job_of(it)->rc = rc;
	else if (g->opts.on_commit != NULL)
		g->opts.on_commit(
		    g->opts.on_commit_ctx, n, monotonic_us() - start);
	return rc;
}

/* Move finished jobs to where their submitters look for them. */
static bool
finish(struct store_group *g, struct list *batch)
{
	bool to_reap = false;
	struct list *node;

	while ((node = base_list_pop_front(batch)) != NULL) {
		if (job_of(node)->waited) {
			job_of(node)->waited = false;
			continue;
		}
		base_list_push_back(&g->done, node);
		to_reap = true;
	}
	pthread_cond_broadcast(&g->finished);
	return to_reap;
}

static size_t
take(struct store_group *g, struct list *batch)
{
	struct list *node;
	size_t n = 0;

	while (n < g->opts.batch_max &&
	       (node = base_list_pop_front(&g->queue)) != NULL) {
		base_list_push_back(batch, node);
		n++;
	}
	g->queued -= n;
	return n;
}

static void *
writer(void *arg)
{
	struct store_group *g = arg;
	struct list batch, *it, *tmp;
	bool to_reap;
	size_t n;
	int rc;

	base_list_init(&batch);
	pthread_mutex_lock(&g->mutex);
	for (;;) {
		while (g->queued == 0 && !g->stopping)
			pthread_cond_wait(&g->work, &g->mutex);
		if (g->queued == 0)
			break;
		n = take(g, &batch);
		rc = g->read_only ? ERR_STATE_READ_ONLY : 0;
		pthread_mutex_unlock(&g->mutex);
		if (rc == 0)
			rc = run_batch(g, &batch, n);
		else
			LIST_FOREACH (it, tmp, &batch)
				job_of(it)->rc = rc;
		pthread_mutex_lock(&g->mutex);
		/* Memory may come back; a disk that lied does not. */
		if (rc != 0 && rc != ERR_SYS_NOMEM && rc != ERR_SYS_UNAVAILABLE)
			g->read_only = true;
		to_reap = finish(g, &batch);
		if (to_reap && g->opts.wake != NULL) {
			pthread_mutex_unlock(&g->mutex);
			g->opts.wake(g->opts.wake_ctx);
			pthread_mutex_lock(&g->mutex);
		}
	}
	pthread_mutex_unlock(&g->mutex);
	return NULL;
}

int
store_group_new(
    const struct store_group_opts *opts, struct store_group **ret_group)
{
	struct store_group *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return ERR_SYS_NOMEM;
	g->opts = *opts;
	if ((g->sql = store_sql_new(opts->db)) == NULL) {
		free(g);
		return ERR_SYS_NOMEM;
	}
	base_list_init(&g->queue);
	base_list_init(&g->done);
	pthread_mutex_init(&g->mutex, NULL);
	pthread_cond_init(&g->work, NULL);
	pthread_cond_init(&g->finished, NULL);
	if (pthread_create(&g->thread, NULL, writer, g) != 0) {
		g->stopped = true;
		store_group_free(g);
		return ERR_SYS_OS;
	}
	*ret_group = g;
	return 0;
}

/* Queue the job; the mutex is held. */
static int
enqueue(struct store_group *g, struct store_group_job *job, bool waited)
{
	if (g->stopping)
		return ERR_STATE_CLOSED;
	if (g->read_only)
		return ERR_STATE_READ_ONLY;
	if (g->queued >= g->opts.queue_max)
		return ERR_STATE_FULL;
	job->rc = 0;
	job->waited = waited;
	base_list_init(&job->link);
	base_list_push_back(&g->queue, &job->link);
	g->queued++;
	pthread_cond_signal(&g->work);
	return 0;
}

int
store_group_submit(struct store_group *g, struct store_group_job *job)
{
	int rc;

	pthread_mutex_lock(&g->mutex);
	rc = enqueue(g, job, false);
	pthread_mutex_unlock(&g->mutex);
	return rc;
}

int
store_group_wait(struct store_group *g, struct store_group_job *job)
{
	int rc;

	pthread_mutex_lock(&g->mutex);
	if ((rc = enqueue(g, job, true)) == 0) {
		while (job->waited)
			pthread_cond_wait(&g->finished, &g->mutex);
		rc = job->rc;
	}
	pthread_mutex_unlock(&g->mutex);
	return rc;
}

void
store_group_reap(struct store_group *g)
{
	struct store_group_job *job;
	struct list *node;

	for (;;) {
		pthread_mutex_lock(&g->mutex);
		node = base_list_pop_front(&g->done);
		pthread_mutex_unlock(&g->mutex);
		if (node == NULL)
			return;
		job = job_of(node);
		job->done(job, job->rc);
	}
}

size_t
store_group_waiting(struct store_group *g)
{
	size_t n;

	pthread_mutex_lock(&g->mutex);
	n = g->queued;
	pthread_mutex_unlock(&g->mutex);
	return n;
}

bool
store_group_read_only(struct store_group *g)
{
	bool read_only;

	pthread_mutex_lock(&g->mutex);
	read_only = g->read_only;
	pthread_mutex_unlock(&g->mutex);
	return read_only;
}

void
store_group_set_read_only(struct store_group *g)
{
	pthread_mutex_lock(&g->mutex);
	g->read_only = true;
	pthread_mutex_unlock(&g->mutex);
}

void
store_group_stop(struct store_group *g)
{
	if (g->stopped)
		return;
	pthread_mutex_lock(&g->mutex);
	g->stopping = true;
	pthread_cond_signal(&g->work);
	pthread_mutex_unlock(&g->mutex);
	pthread_join(g->thread, NULL);
	g->stopped = true;
}

void
store_group_free(struct store_group *g)
{
	if (g == NULL)
		return;
	store_group_stop(g);
	store_group_reap(g);
	pthread_cond_destroy(&g->finished);
	pthread_cond_destroy(&g->work);
	pthread_mutex_destroy(&g->mutex);
	store_sql_free(g->sql);
	free(g);
}
