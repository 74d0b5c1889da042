/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DISK_H
#define STORE_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * The one way to durable storage: directory operations here, files in
 * store/file.h.  Every create, write, truncate, sync,
 * rename, unlink and mkdir that must survive a power cut goes through a
 * struct store_disk; reading may be done directly.  What this buys: a delay,
 * a failure or a power cut can be injected at any of these operations (see
 * store/disk_fault.h), and each sync has a name, so that a test can leave one
 * out and show that it would notice.
 *
 * Safe to use from several threads.  Functions return 0 or
 *   ERR_SYS_IO          read, write or sync failed;
 *   ERR_SYS_NOSPACE     no space or quota left;
 *   ERR_SYS_NOMEM       out of memory;
 *   ERR_STATE_NOT_FOUND the file or directory does not exist;
 *   ERR_STATE_EXISTS    the name exists already;
 *   ERR_SYS_PERMISSION  permission denied.
 * A sync that failed once is never retried: the kernel may have dropped the
 * dirty pages, and a second fsync would report success for lost data.  The
 * file (or, for a directory, the whole disk handle) refuses every further
 * write and sync with ERR_SYS_IO until it is opened anew.
 */
struct store_disk;

/**
 * store_disk_new(ret_disk):
 * Make a plain disk handle, which passes every operation to the operating
 * system.  Free it with store_disk_free() after all its files are closed.
 */
MUST_CHECK int store_disk_new(struct store_disk **);

/**
 * store_disk_free(disk):
 * Free ${disk}; NULL is allowed.  Nothing is synced.
 */
void store_disk_free(struct store_disk *);

/**
 * store_disk_on_sync(disk, fn, ctx):
 * After each sync call ${fn}(${ctx}, name, microseconds) on the thread that
 * synced.  This feeds the fsync histogram; ${fn} must not block.
 */
void store_disk_on_sync(
    struct store_disk *, void (*)(void *, const char *, uint64_t), void *);

/**
 * store_disk_rename(disk, from, to):
 * Rename ${from} to ${to}, replacing it.  Durable after
 * store_disk_sync_dir() of the directory, or of both.
 */
MUST_CHECK int store_disk_rename(
    struct store_disk *, const char *, const char *);

/**
 * store_disk_unlink(disk, path):
 * Remove the file ${path}.
 */
MUST_CHECK int store_disk_unlink(struct store_disk *, const char *);

/**
 * store_disk_mkdir(disk, path, mode):
 * Make the directory ${path}; ERR_STATE_EXISTS if the name is taken.  Durable
 * after store_disk_sync_dir() of its parent.
 */
MUST_CHECK int store_disk_mkdir(struct store_disk *, const char *, mode_t);

/**
 * store_disk_mkdirs(disk, path, mode, name):
 * Make ${path} and its missing parents, each one durable under the sync
 * name ${name}.  Existing directories are no error.
 */
MUST_CHECK int store_disk_mkdirs(
    struct store_disk *, const char *, mode_t, const char *);

/**
 * store_disk_sync_dir(disk, path, name):
 * Make every create, rename, unlink and mkdir in directory ${path} durable.
 */
MUST_CHECK int store_disk_sync_dir(
    struct store_disk *, const char *, const char *);

/**
 * store_disk_sync_parent(d, path, name):
 * store_disk_sync_dir() of the directory that holds ${path}.
 */
MUST_CHECK int store_disk_sync_parent(
    struct store_disk *d, const char *path, const char *name);

/**
 * store_disk_sync_call(d, name, fn, ctx):
 * Run ${fn}(${ctx}), which makes something durable by itself (a library's own
 * sync) and returns 0 or an errno value, as the named sync ${name}, with
 * everything that may be injected there.
 */
MUST_CHECK int store_disk_sync_call(
    struct store_disk *d, const char *name, int (*fn)(void *ctx), void *ctx);

/**
 * store_disk_place(disk, path, data, len, mode, name):
 * As store_disk_replace() without the sync of the directory, which the caller
 * does once for many files: the content is durable (synced as
 * "${name}.file"), the name is not yet.
 */
MUST_CHECK int store_disk_place(struct store_disk *disk, const char *path,
    const void *data, size_t len, mode_t mode, const char *name);

/**
 * store_disk_replace(disk, path, data, len, mode, name):
 * Replace the content of ${path} atomically and durably: write "${path}.tmp",
 * sync it (as "${name}.file"), rename, sync the directory (as
 * "${name}.dir").  After a power cut at any point ${path} has the old or the
 * new content; after success it has the new one.  On failure ${path} is
 * unchanged or has the new content.
 */
MUST_CHECK int store_disk_replace(struct store_disk *, const char *,
    const void *, size_t, mode_t, const char *);

#endif /* STORE_DISK_H */
