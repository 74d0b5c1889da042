/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_STORE_SQLITE_H
#define TRUSTCHAIN_CA_STORE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct ca_store;
struct fault;
struct loop;
struct store_disk;

struct ca_store_sqlite_opts {
	struct store_disk *disk;
	struct loop *loop; /* NULL: only submit_wait works */
	const char *path;  /* state_dir/ca.db */
	/* Of another daemon, which may be writing: only reads work, and the
	 * database has to be there with this program's schema. */
	bool read_only;
	size_t batch_max;  /* batches per commit, 1..4096 */
	size_t queue_max;  /* batches waiting; more are ERR_STATE_FULL */
	/* After each commit, on the writer thread; may be NULL. */
	void (*on_commit)(void *ctx, size_t batches, uint64_t us);
	void *on_commit_ctx;
};

/**
 * ca_store_sqlite_open(opts, fault, ret_store):
 * Open or create the database, check it (PRAGMA quick_check), bring its
 * schema up to date and start the writer thread.  Return 0,
 * ERR_STATE_INTEGRITY (check failed), ERR_SYS_VERSION (newer schema), or an
 * ERR_SYS code, with ${fault} saying why.  End with ops->close.
 */
MUST_CHECK int ca_store_sqlite_open(const struct ca_store_sqlite_opts *opts,
    struct fault *fault, struct ca_store **ret_store);

#endif
