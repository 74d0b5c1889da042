/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_sqlite.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "store/database.h"
#include "store/group.h"
#include "store/sql.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_exec.h"
#include "trustchain/ca_schema.h"
#include "trustchain/ca_store_internal.h"

struct sqlite_store {
	struct ca_store base;
	struct store_database *db;
	struct store_sql *reader, *counter, *scanner;
	pthread_mutex_t count_lock; /* guards counter */
	pthread_mutex_t scan_lock;  /* guards scanner */
};

struct job {
	struct store_group_job base;
	struct sqlite_store *store;
	struct ca_batch *batch;
	void (*done)(void *ctx, int rc);
	void *ctx;
};

static struct sqlite_store *
self(struct ca_store *s)
{
	return (struct sqlite_store *)(void *)s;
}

struct store_sql *
ca_store_reader(struct ca_store *s)
{
	return self(s)->reader;
}

static int
job_run(struct store_group_job *base, struct sqlite3 *db)
{
	struct job *job = (struct job *)(void *)base;

	(void)db;
	return ca_exec_batch(store_database_writer(job->store->db), job->batch);
}

static void
job_free(struct job *job)
{
	ca_batch_free(job->batch);
	free(job);
}

static void
count_revocation(const struct job *job, int rc)
{
	if (rc == 0 && job->batch->revokes)
		job->store->base.revocations++;
}

static void
job_done(struct store_group_job *base, int rc)
{
	struct job *job = (struct job *)(void *)base;
	void (*done)(void *, int) = job->done;
	void *ctx = job->ctx;

	count_revocation(job, rc);
	job_free(job);
	if (done != NULL)
		done(ctx, rc);
}

/* A job that owns ${b}, which is freed on failure. */
static int
job_new(struct ca_store *s, struct ca_batch *b, struct job **ret_job)
{
	struct job *job;
	int rc = b->rc;

	if (rc != 0 || (job = calloc(1, sizeof(*job))) == NULL) {
		ca_batch_free(b);
		return rc != 0 ? rc : ERR_SYS_NOMEM;
	}
	job->base.run = job_run;
	job->base.done = job_done;
	job->store = self(s);
	job->batch = b;
	*ret_job = job;
	return 0;
}

static int
store_submit(struct ca_store *s, struct ca_batch *b,
    void (*done)(void *ctx, int rc), void *ctx)
{
	struct job *job;
	int rc;

	if ((rc = job_new(s, b, &job)) != 0)
		return rc;
	if (store_database_group(self(s)->db) == NULL) {
		job_free(job);
		return ERR_STATE_READ_ONLY;
	}
	job->done = done;
	job->ctx = ctx;
	if ((rc = store_group_submit(
		 store_database_group(self(s)->db), &job->base)) != 0)
		job_free(job);
	return rc;
}

static int
store_submit_wait(struct ca_store *s, struct ca_batch *b)
{
	struct job *job;
	int rc;

	if ((rc = job_new(s, b, &job)) != 0)
		return rc;
	if (store_database_group(self(s)->db) == NULL) {
		job_free(job);
		return ERR_STATE_READ_ONLY;
	}
	rc = store_group_wait(store_database_group(self(s)->db), &job->base);
	count_revocation(job, rc);
	job_free(job);
	return rc;
}

static int
store_count_live(struct ca_store *s, int64_t now, int64_t *ret)
{
	struct sqlite_store *st = self(s);
	int rc;

	pthread_mutex_lock(&st->count_lock);
	rc = ca_read_count_live(st->counter, now, ret);
	pthread_mutex_unlock(&st->count_lock);
	return rc;
}

static int
store_scan_revoked(struct ca_store *s, const struct ca_revoked_scan *scan)
{
	struct sqlite_store *st = self(s);
	int rc;

	pthread_mutex_lock(&st->scan_lock);
	rc = ca_read_scan_revoked(st->scanner, scan);
	pthread_mutex_unlock(&st->scan_lock);
	return rc;
}

static int
store_tally(struct ca_store *s, const struct ca_tally_scope *scope,
    struct arena *a, struct ca_tally **ret, size_t *ret_n)
{
	struct sqlite_store *st = self(s);
	int rc;

	pthread_mutex_lock(&st->scan_lock);
	rc = ca_read_tally(st->scanner, scope, a, ret, ret_n);
	pthread_mutex_unlock(&st->scan_lock);
	return rc;
}

static int
store_shard_used(struct ca_store *s, const char *issuer, int64_t shard,
    int64_t since, bool *ret)
{
	struct sqlite_store *st = self(s);
	int rc;

	pthread_mutex_lock(&st->scan_lock);
	rc = ca_read_shard_used(st->scanner, issuer, shard, since, ret);
	pthread_mutex_unlock(&st->scan_lock);
	return rc;
}

static int
store_list_expired(struct ca_store *s, const struct ca_expired_page *page)
{
	struct sqlite_store *st = self(s);
	int rc;

	pthread_mutex_lock(&st->scan_lock);
	rc = ca_read_list_expired(st->scanner, page);
	pthread_mutex_unlock(&st->scan_lock);
	return rc;
}

static int
store_health(struct ca_store *s)
{
	struct store_group *g = store_database_group(self(s)->db);

	return g != NULL && store_group_read_only(g) ? ERR_STATE_READ_ONLY : 0;
}

static void
store_close(struct ca_store *s)
{
	struct sqlite_store *st = self(s);

	store_database_close(st->db);
	pthread_mutex_destroy(&st->count_lock);
	pthread_mutex_destroy(&st->scan_lock);
	free(st);
}

static const struct ca_store_ops sqlite_ops = {
	.submit = store_submit,
	.submit_wait = store_submit_wait,
	.get_issuer = ca_read_get_issuer,
	.get_cert = ca_read_get_cert,
	.get_cert_id = ca_read_get_cert_id,
	.get_cert_fp = ca_read_get_cert_fp,
	.get_status = ca_read_get_status,
	.scan_revoked = store_scan_revoked,
	.shard_used = store_shard_used,
	.list_expired = store_list_expired,
	.tally = store_tally,
	.swept_epoch = ca_read_swept_epoch,
	.sweep_scopes = ca_read_sweep_scopes,
	.key_swept = ca_read_key_swept,
	.get_emergency = ca_read_get_emergency,
	.list_emergencies = ca_read_list_emergencies,
	.list_revoked = ca_read_list_revoked,
	.list_certs = ca_read_list_certs,
	.cert_names = ca_read_cert_names,
	.newest_not_before = ca_read_newest_not_before,
	.count_live = store_count_live,
	.get_idem = ca_read_get_idem,
	.outbox_drained = ca_read_outbox_drained,
	.list_outbox = ca_read_list_outbox,
	.get_token = ca_read_get_token,
	.get_token_hash = ca_read_get_token_hash,
	.list_tokens = ca_read_list_tokens,
	.get_block = ca_read_get_block,
	.list_blocks = ca_read_list_blocks,
	.get_eab = ca_read_get_eab,
	.list_eabs = ca_read_list_eabs,
	.list_accounts = ca_read_list_accounts,
	.list_limits = ca_read_list_limits,
	.get_account = ca_read_get_account,
	.get_account_key = ca_read_get_account_key,
	.get_order = ca_read_get_order,
	.get_order_cert = ca_read_get_order_cert,
	.get_order_replaces = ca_read_get_order_replaces,
	.list_orders = ca_read_list_orders,
	.orders_of_authz = ca_read_orders_of_authz,
	.get_authz = ca_read_get_authz,
	.find_authz = ca_read_find_authz,
	.count_pending = ca_read_count_pending,
	.get_challenge = ca_read_get_challenge,
	.list_challenges = ca_read_list_challenges,
	.health = store_health,
	.close = store_close,
};

static int
open_database(struct sqlite_store *st, const struct ca_store_sqlite_opts *opts,
    struct fault *fault)
{
	struct store_database_opts o = { .disk = opts->disk,
		.loop = opts->loop,
		.path = opts->path,
		.read_only = opts->read_only,
		/* Binding keys are wiped (spec section 7). */
		.pragmas = "PRAGMA secure_delete=FAST",
		.batch_max = opts->batch_max,
		.queue_max = opts->queue_max,
		.on_commit = opts->on_commit,
		.on_commit_ctx = opts->on_commit_ctx };
	int rc;

	o.steps = ca_schema_steps(&o.n_steps);
	rc = store_database_open(&o, fault, &st->db);
	if (rc == 0)
		rc = store_database_reader(st->db, fault, &st->reader);
	if (rc == 0)
		rc = store_database_reader(st->db, fault, &st->counter);
	if (rc == 0)
		rc = store_database_reader(st->db, fault, &st->scanner);
	return rc;
}

int
ca_store_sqlite_open(const struct ca_store_sqlite_opts *opts,
    struct fault *fault, struct ca_store **ret_store)
{
	struct sqlite_store *st = calloc(1, sizeof(*st));
	int rc;

	if (st == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	st->base.ops = &sqlite_ops;
	pthread_mutex_init(&st->count_lock, NULL);
	pthread_mutex_init(&st->scan_lock, NULL);
	rc = open_database(st, opts, fault);
	if (rc != 0) {
		store_close(&st->base);
		return rc;
	}
	*ret_store = &st->base;
	return 0;
}
