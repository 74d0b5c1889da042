/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "base/err.h"

/*
 * Moves the WAL of a SQLite database into the database from a thread and a
 * connection of its own, so that commits do not wait for it.  Only when the
 * WAL has grown large, and all but its newest part is moved already, is the
 * writer held up for a moment so that the WAL starts over.
 */
struct sqlite3;
struct store_checkpoint;

struct store_checkpoint_opts {
	struct sqlite3 *db; /* the thread's until store_checkpoint_free() */
	/* On the thread, once, when the disk has failed; the thread ends. */
	void (*failed)(void *ctx, int rc);
	void *ctx;
	unsigned int every_ms; /* 0: 250 */
	int restart_pages;     /* WAL size from which it starts over; 0: 8192 */
};

/**
 * store_checkpoint_new(opts, ret):
 * Start the thread.  The writer's connection must have
 * PRAGMA wal_autocheckpoint=0.
 */
MUST_CHECK int store_checkpoint_new(
    const struct store_checkpoint_opts *opts, struct store_checkpoint **ret);

/**
 * store_checkpoint_free(c):
 * Stop the thread; the connection stays open.  NULL is allowed.
 */
void store_checkpoint_free(struct store_checkpoint *c);

#endif
