/* SPDX-License-Identifier: Apache-2.0 */
#include "store/database.h"

#include <stdlib.h>

#include "base/fault.h"
#include "store/checkpoint.h"
#include "store/connections_internal.h"
#include "store/group.h"
#include "store/waker.h"

struct store_database {
	struct store_connections *connections;
	struct store_sql *writer;
	struct store_group *group;
	struct store_waker *waker;
	struct store_checkpoint *checkpoint;
};

/* On the loop thread. */
static void
reap(void *ctx)
{
	store_group_reap(((struct store_database *)ctx)->group);
}

/* On the writer thread. */
static void
wake(void *ctx)
{
	store_waker_wake(ctx);
}

static int
start_group(struct store_database *d, const struct store_database_opts *opts,
    struct sqlite3 *db)
{
	struct store_group_opts o = { .db = db,
		.batch_max = opts->batch_max,
		.queue_max = opts->queue_max,
		.on_commit = opts->on_commit,
		.on_commit_ctx = opts->on_commit_ctx };
	int rc;

	if (opts->loop != NULL) {
		rc = store_waker_new(opts->loop, reap, d, &d->waker);
		if (rc != 0)
			return rc;
		o.wake = wake;
		o.wake_ctx = d->waker;
	}
	return store_group_new(&o, &d->group);
}

/* On the checkpoint thread: what is committed is safe, more would not be. */
static void
checkpoint_failed(void *ctx, int rc)
{
	(void)rc;
	store_group_set_read_only(((struct store_database *)ctx)->group);
}

/* Leave the moving of the WAL to its own thread. */
static int
start_checkpoints(struct store_database *d, struct fault *fault)
{
	struct store_checkpoint_opts o = { .failed = checkpoint_failed,
		.ctx = d };
	int rc = store_connections_other(d->connections, fault, &o.db);

	if (rc != 0)
		return rc;
	rc = store_checkpoint_new(&o, &d->checkpoint);
	return rc == 0 ? 0
		       : base_fault_set(fault, rc, "cannot start checkpoints");
}

static int
start(struct store_database *d, const struct store_database_opts *opts,
    struct fault *fault)
{
	struct sqlite3 *db;
	int rc = store_connections_new(opts, fault, &d->connections);

	if (rc == 0 && opts->read_only)
		return store_connections_check(d->connections, opts, fault);
	if (rc == 0)
		rc = store_connections_writer(
		    d->connections, opts, fault, &db, &d->writer);
	if (rc != 0)
		return rc;
	if ((rc = start_group(d, opts, db)) != 0)
		return base_fault_set(fault, rc, "cannot start the writer");
	return opts->loop != NULL ? start_checkpoints(d, fault) : 0;
}

int
store_database_open(const struct store_database_opts *opts, struct fault *fault,
    struct store_database **ret)
{
	struct store_database *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return base_fault_set(fault, ERR_SYS_NOMEM, "out of memory");
	if ((rc = start(d, opts, fault)) != 0) {
		store_database_close(d);
		return rc;
	}
	*ret = d;
	return 0;
}

void
store_database_close(struct store_database *d)
{
	if (d == NULL)
		return;
	store_checkpoint_free(d->checkpoint);
	store_group_free(d->group);
	store_waker_free(d->waker);
	store_connections_free(d->connections);
	free(d);
}

struct store_group *
store_database_group(struct store_database *d)
{
	return d->group;
}

struct store_sql *
store_database_writer(struct store_database *d)
{
	return d->writer;
}

int
store_database_reader(
    struct store_database *d, struct fault *fault, struct store_sql **ret)
{
	return store_connections_reader(d->connections, fault, ret);
}
