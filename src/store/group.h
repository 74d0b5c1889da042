/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

/*
 * Group commit: one writer thread takes all jobs that are waiting, up to a
 * maximum, runs them in one transaction and commits it, so that one sync
 * serves everything that arrived meanwhile.  Each job has its own savepoint:
 * one that fails leaves no trace and does not disturb the others.
 *
 * When the disk fails (ERR_SYS_IO, ERR_SYS_NOSPACE, ERR_SYS_CORRUPT) every
 * job of the batch gets that code and the group is read-only from then on:
 * what reached the disk is decided by the recovery at the next start.
 */
struct sqlite3;
struct store_group;

/* Embedded in the caller's own struct; the caller keeps it until it is done. */
struct store_group_job {
	/* On the writer thread: make the changes.  An error undoes them. */
	int (*run)(struct store_group_job *, struct sqlite3 *);
	/* On the thread of store_group_reap: 0 means durable. */
	void (*done)(struct store_group_job *, int rc);
	struct list link; /* the group's */
	int rc;
	bool waited;
};

struct store_group_opts {
	struct sqlite3 *db; /* the writer's connection, not used otherwise */
	size_t batch_max, queue_max;
	/* Called from the writer thread when there is something to reap. */
	void (*wake)(void *ctx);
	void *wake_ctx;
	/* Called from the writer thread after a commit; may be NULL. */
	void (*on_commit)(void *ctx, size_t jobs, uint64_t us);
	void *on_commit_ctx;
};

/**
 * store_group_new(opts, ret_group):
 * Start the writer thread.
 */
MUST_CHECK int store_group_new(
    const struct store_group_opts *opts, struct store_group **ret_group);

/**
 * store_group_submit(g, job):
 * Queue ${job}.  On 0 its done is called exactly once.  ERR_STATE_FULL when
 * queue_max jobs wait, ERR_STATE_READ_ONLY after the disk failed,
 * ERR_STATE_CLOSED after store_group_stop; done is not called then.
 */
MUST_CHECK int store_group_submit(
    struct store_group *g, struct store_group_job *job);

/**
 * store_group_wait(g, job):
 * Submit ${job}, wait until it is committed and return its code; done is not
 * called.  Errors as store_group_submit.
 */
MUST_CHECK int store_group_wait(
    struct store_group *g, struct store_group_job *job);

/**
 * store_group_reap(g):
 * Call done of all finished jobs, in the order they were submitted.
 */
void store_group_reap(struct store_group *g);

/**
 * store_group_waiting(g):
 * Return how many jobs are queued and not yet taken by the writer.
 */
size_t store_group_waiting(struct store_group *g);

/**
 * store_group_read_only(g):
 * Return whether the disk has failed.
 */
bool store_group_read_only(struct store_group *g);

/**
 * store_group_set_read_only(g):
 * Refuse further jobs: the disk failed elsewhere.  From any thread.
 */
void store_group_set_read_only(struct store_group *g);

/**
 * store_group_stop(g):
 * Take no more jobs, finish those queued and end the thread.
 */
void store_group_stop(struct store_group *g);

/**
 * store_group_free(g):
 * Stop, reap what is left and free the group; NULL is allowed.
 */
void store_group_free(struct store_group *g);

#endif
