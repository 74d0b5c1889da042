/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * An SQLite database as a daemon uses it: one writer with group commit, any
 * number of readers, the moving of the WAL on a thread of its own.  It is
 * checked and brought to the newest schema before anybody uses it.
 */
struct fault;
struct loop;
struct store_database;
struct store_disk;
struct store_group;
struct store_sql;

struct store_database_opts {
	struct store_disk *disk;
	struct loop *loop; /* NULL: only store_group_wait, no checkpoints */
	const char *path;
	bool read_only; /* written by another process; no group, no writer */
	const char *const *steps; /* the schema: store_sqlite_migrate */
	size_t n_steps;
	const char *pragmas;	     /* more, for each connection; or NULL */
	size_t batch_max, queue_max; /* of the group */
	/* After each commit, on the writer thread; may be NULL. */
	void (*on_commit)(void *ctx, size_t jobs, uint64_t us);
	void *on_commit_ctx;
};

/**
 * store_database_open(opts, fault, ret):
 * Open or create the database, check it (PRAGMA quick_check), bring its schema
 * up to date and start the writer.  ERR_STATE_REFUSED on a network file
 * system, where the WAL does not work; ERR_STATE_INTEGRITY when the check
 * fails; ERR_SYS_VERSION for a newer schema; ERR_SYS codes.
 */
MUST_CHECK int store_database_open(const struct store_database_opts *opts,
    struct fault *fault, struct store_database **ret);

/**
 * store_database_close(d):
 * Finish what is queued, then close.  NULL is allowed.
 */
void store_database_close(struct store_database *d);

/**
 * store_database_group(d), store_database_writer(d):
 * NULL if it is open for reading only.  Return the group that jobs are submitted to; the writer's statements, for
 * use in the run of a job.
 */
struct store_group *store_database_group(struct store_database *d);
struct store_sql *store_database_writer(struct store_database *d);

/**
 * store_database_reader(d, fault, ret):
 * Open one more connection, which cannot write, for one thread at a time.  It
 * is closed with the database.
 */
MUST_CHECK int store_database_reader(
    struct store_database *d, struct fault *fault, struct store_sql **ret);

/**
 * store_database_on_network(fs_type):
 * Return whether statfs(2) means a network file system by ${fs_type}.
 */
bool store_database_on_network(uint32_t fs_type);

#endif
