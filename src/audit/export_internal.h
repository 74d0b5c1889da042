/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_EXPORT_INTERNAL_H
#define AUDIT_EXPORT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct audit_source;

/** audit_export_bytes(fd, data, len): Write all.  ERR_SYS codes. */
MUST_CHECK int audit_export_bytes(int fd, const void *data, size_t len);

/** audit_export_member(fd, name, size): Write the header of a member. */
MUST_CHECK int audit_export_member(int fd, const char *name, uint64_t size);

/** audit_export_pad(fd, size): Fill up the last block of a member. */
MUST_CHECK int audit_export_pad(int fd, uint64_t size);

/** audit_export_small(fd, name, data, len): Write a whole member. */
MUST_CHECK int audit_export_small(
    int fd, const char *name, const void *data, size_t len);

/**
 * audit_export_tiles(source, fd, size, from, to):
 * Write the hash tiles that lead from the leaves [from, to) to the root of a
 * tree of ${size}.
 */
MUST_CHECK int audit_export_tiles(const struct audit_source *source, int fd,
    uint64_t size, uint64_t from, uint64_t to);

#endif
