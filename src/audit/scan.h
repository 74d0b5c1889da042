/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_SCAN_H
#define AUDIT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store_file;

/* One good line, with its outbox number or 0. */
typedef int audit_scan_fn(
    void *ctx, const char *line, size_t len, int64_t source);

/* What follows the last good line. */
struct audit_scan_tail {
	uint64_t offset;
	char *data; /* malloc'd; the caller frees */
	size_t len;
};

/**
 * audit_scan_file(file, fn, ctx, ret_tail):
 * Call ${fn} for each line of a log from its beginning; the tail is what an
 * append that was never acknowledged may have left: one torn line, or lines
 * among pages that were not written.  ERR_STATE_INTEGRITY if a line that is
 * none is followed by anything else; then tail.offset says where.  The first
 * error of ${fn} ends the scan.
 */
MUST_CHECK int audit_scan_file(struct store_file *file, audit_scan_fn *fn,
    void *ctx, struct audit_scan_tail *ret_tail);

#endif
