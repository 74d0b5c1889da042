/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_FILE_INTERNAL_H
#define KEYS_FILE_INTERNAL_H

#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
struct store_disk;

/**
 * keys_file_write_new(disk, path, data, len, f):
 * Make ${path}, mode 0600, durable with this content.  ERR_STATE_EXISTS.
 */
MUST_CHECK int keys_file_write_new(struct store_disk *disk, const char *path,
    const void *data, size_t len, struct fault *f);

#endif
