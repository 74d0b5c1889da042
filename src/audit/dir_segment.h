/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_DIR_SEGMENT_H
#define AUDIT_DIR_SEGMENT_H

#include <limits.h>
#include <stdint.h>

#include "base/err.h"

/* The segments in the directory of an audit log. */
struct audit_dir;

/** audit_dir_log_path(dir, path): Write the name of its audit.log. */
MUST_CHECK int audit_dir_log_path(const char *dir, char path[PATH_MAX]);

/**
 * audit_dir_roll(d, first):
 * Close audit.log as audit.log.<first> and begin another.  ERR_SYS_NOSPACE
 * leaves it as it was; after another error d->log is not to be used.
 */
MUST_CHECK int audit_dir_roll(struct audit_dir *d, uint64_t first);

/** audit_dir_bytes(d): Return the length of audit.log. */
uint64_t audit_dir_bytes(const struct audit_dir *d);

/** audit_dir_drop(d, first): Delete the segment audit.log.<first>. */
MUST_CHECK int audit_dir_drop(struct audit_dir *d, uint64_t first);

#endif
