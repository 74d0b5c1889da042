/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Files written through a struct store_disk.  Error codes and the rule for a
 * failed sync are those of store/disk.h.  One file may be used from several
 * threads if they write disjoint ranges; append is for one writer.
 */
struct store_disk;
struct store_file;

/**
 * store_file_open(disk, path, flags, mode, ret_file):
 * Open ${path} for reading and writing.  ${flags} may hold O_CREAT, O_EXCL
 * and O_TRUNC.  A created file is durable only after store_file_sync() and a
 * store_disk_sync_dir() of its directory.
 */
MUST_CHECK int store_file_open(
    struct store_disk *, const char *, int, mode_t, struct store_file **);

/**
 * store_file_close(file):
 * Close ${file} without syncing it; NULL is allowed.
 */
void store_file_close(struct store_file *);

/**
 * store_file_write(file, data, len, offset):
 * Write all ${len} bytes at ${offset}.  On failure any part of them may have
 * been written.
 */
MUST_CHECK int store_file_write(
    struct store_file *, const void *, size_t, uint64_t);

/**
 * store_file_append(file, data, len):
 * Write all ${len} bytes at the end of the file.  On failure the file is cut
 * back to its former size if that is possible, and refuses further writes if
 * it is not.
 */
MUST_CHECK int store_file_append(struct store_file *, const void *, size_t);

/**
 * store_file_truncate(file, size):
 * Cut or extend the file to ${size} bytes.
 */
MUST_CHECK int store_file_truncate(struct store_file *, uint64_t);

/**
 * store_file_sync(file, name):
 * Make the file's data and size durable (fdatasync).  ${name} says what is
 * synced, e.g. "ct.wal"; it must be a string literal.
 */
MUST_CHECK int store_file_sync(struct store_file *, const char *);

/**
 * store_file_read(file, data, len, offset, ret_len):
 * Read up to ${len} bytes at ${offset}; fewer only at the end of the file.
 */
MUST_CHECK int store_file_read(
    struct store_file *, void *, size_t, uint64_t, size_t *);

/**
 * store_file_size(file):
 * Return the current size of the file in bytes.
 */
uint64_t store_file_size(const struct store_file *);

/**
 * store_file_load(path, len_max, ret_data, ret_len):
 * Read the whole file ${path} into a malloc'd buffer, which the caller
 * frees; a zero byte follows the ${ret_len} bytes.  Return ERR_SYS_LIMIT if
 * the file is longer than ${len_max} bytes.
 */
MUST_CHECK int store_file_load(const char *, size_t, uint8_t **, size_t *);

#endif /* STORE_FILE_H */
