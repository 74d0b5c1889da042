/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DISK_INTERNAL_H
#define STORE_DISK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store_track;

enum { STORE_DISK_NAMES_MAX = 64 };

struct store_disk {
	/* Guards everything below but the atomics; held across an operation
	 * only while tracking. */
	pthread_mutex_t mutex;
	_Atomic uint64_t ops;
	_Atomic uint64_t fail_op, stop_op;
	_Atomic int fail_errno;
	_Atomic unsigned int sync_delay_ms;
	_Atomic bool dead; /* a directory sync failed */
	char skip[64];	   /* sync name to leave out, or "" */
	char names[STORE_DISK_NAMES_MAX][64];
	size_t n_names;
	void (*on_sync)(void *, const char *, uint64_t);
	void *on_sync_ctx;
	struct store_track *track; /* NULL: not tracking */
};

struct store_file {
	struct store_disk *disk;
	int fd;
	_Atomic uint64_t size;
	_Atomic bool failed; /* a sync or a roll-back of an append failed */
};

/* One operation under way: begin, do it if err is 0, end. */
struct store_op {
	int err;   /* errno to fail with, or 0 */
	bool torn; /* a failing write is to leave its first half */
	bool locked;
};

/**
 * store_disk_begin(d):
 * Number the next operation, decide whether it fails, and lock the
 * bookkeeping if tracking is on.
 */
struct store_op store_disk_begin(struct store_disk *d);

/**
 * store_disk_end(d, op):
 * End an operation begun with store_disk_begin().
 */
void store_disk_end(struct store_disk *d, struct store_op *op);

/**
 * store_disk_sync_fd(d, fd, name, ret_skipped):
 * Do one named sync of a file or directory: numbering, faults, delay and
 * timing included.  Return 0 or an errno value; ${ret_skipped} says that
 * nothing was done on purpose.  The tracking lock is not held.
 */
int store_disk_sync_fd(
    struct store_disk *d, int fd, const char *name, bool *ret_skipped);

#endif
