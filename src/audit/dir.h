/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_DIR_H
#define AUDIT_DIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The directory of an audit log; names are relative to it. */
struct audit_dir {
	struct store_disk *disk;
	const char *path;
};

struct store_file;

/** audit_dir_open(d, ret_log): Make it and open or create audit.log. */
MUST_CHECK int audit_dir_open(
    const struct audit_dir *d, struct store_file **ret_log);

/** audit_dir_tile(d, name, data, len): Write a tile durably. */
MUST_CHECK int audit_dir_tile(const struct audit_dir *d, const char *name,
    const uint8_t *data, size_t len);

/** audit_dir_checkpoint(d, note): Replace the checkpoint durably. */
MUST_CHECK int audit_dir_checkpoint(
    const struct audit_dir *d, const char *note);

/** audit_dir_torn(d, offset, data, len): Keep what was cut off the log. */
MUST_CHECK int audit_dir_torn(
    const struct audit_dir *d, uint64_t offset, const char *data, size_t len);

#endif
