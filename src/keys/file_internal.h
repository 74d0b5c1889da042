/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_FILE_INTERNAL_H
#define KEYS_FILE_INTERNAL_H

#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
struct buf;
struct store_disk;

/**
 * keys_file_load_max(path, max, ret, f):
 * Append a file of at most ${max} bytes that only its owner may read.
 * ERR_STATE_NOT_FOUND, ERR_SYS_PERMISSION, ERR_SYS_LIMIT.
 */
MUST_CHECK int keys_file_load_max(
    const char *path, size_t max, struct buf *ret, struct fault *f);

/**
 * keys_file_write_new(disk, path, data, len, f):
 * Make ${path}, mode 0600, durable with this content.  ERR_STATE_EXISTS.
 */
MUST_CHECK int keys_file_write_new(struct store_disk *disk, const char *path,
    const void *data, size_t len, struct fault *f);

/**
 * keys_file_replace(disk, path, data, name, f):
 * Make ${data} the content of ${path}, mode 0600, with store_disk_replace().
 */
MUST_CHECK int keys_file_replace(struct store_disk *disk, const char *path,
    const struct buf *data, const char *name, struct fault *f);

#endif
