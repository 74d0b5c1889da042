/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Where an audit log is read for verification: its files, or a bundle, which
 * is a ustar archive of the same files.  Lines are in segments: "audit.log.N"
 * begins with line N, "audit.log" is the last one of a log in use.
 */
struct audit_source;

enum {
	AUDIT_SOURCE_MEMBERS_MAX = 1 << 20, /* in a bundle */
	AUDIT_SOURCE_SEGMENTS_MAX = 1 << 16,
};
#define AUDIT_SOURCE_UNNUMBERED UINT64_MAX

/* A file, or a member of a bundle. */
struct audit_part {
	int fd;
	uint64_t offset, len;
	bool own; /* fd is closed with the part */
};

/**
 * audit_source_dir(log, tiles, ret):
 * Read the log whose newest segment is the file ${log} and whose checkpoint
 * and tiles are in directory ${tiles}.  ERR_STATE_NOT_FOUND, ERR_SYS codes.
 */
MUST_CHECK int audit_source_dir(
    const char *log, const char *tiles, struct audit_source **ret);

/**
 * audit_source_tar(fd, ret):
 * Read the bundle that is open as ${fd}, which stays the caller's.
 * ERR_PEER_MALFORMED, ERR_PEER_TRUNCATED, ERR_PEER_UNSUPPORTED,
 * ERR_PEER_DUPLICATE, ERR_PEER_TOO_LARGE; ERR_SYS codes.
 */
MUST_CHECK int audit_source_tar(int fd, struct audit_source **ret);

/** audit_source_free(s): Free; NULL is allowed. */
void audit_source_free(struct audit_source *s);

/**
 * audit_source_open(s, name, ret):
 * Open "checkpoint", "range" or a tile.  ERR_STATE_NOT_FOUND, ERR_SYS codes.
 */
MUST_CHECK int audit_source_open(
    const struct audit_source *s, const char *name, struct audit_part *ret);

/**
 * audit_source_load(s, name, data, cap, ret_len):
 * Read such a file whole.  ERR_PEER_TOO_LARGE beyond ${cap}; errors as
 * audit_source_open, audit_part_read.
 */
MUST_CHECK int audit_source_load(const struct audit_source *s, const char *name,
    void *data, size_t cap, size_t *ret_len);

/** audit_source_segments(s): Return how many segments there are. */
size_t audit_source_segments(const struct audit_source *s);

/**
 * audit_source_segment(s, i, ret, ret_first):
 * Open segment ${i}, in order; ${ret_first} is the number of its first line or
 * AUDIT_SOURCE_UNNUMBERED for "audit.log".
 */
MUST_CHECK int audit_source_segment(const struct audit_source *s, size_t i,
    struct audit_part *ret, uint64_t *ret_first);

/**
 * audit_part_read(part, data, len, at, ret_len):
 * Read up to ${len} bytes from ${at}; fewer only at the end.  ERR_SYS_IO.
 */
MUST_CHECK int audit_part_read(const struct audit_part *part, void *data,
    size_t len, uint64_t at, size_t *ret_len);

/** audit_part_close(part): Close what was opened. */
void audit_part_close(struct audit_part *part);

#endif
