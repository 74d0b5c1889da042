/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LINES_H
#define AUDIT_LINES_H

#include "audit/source.h"

/* The lines of one segment, one after the other. */
enum { AUDIT_LINES_BUFFER = 1 << 16 };

struct audit_lines {
	struct audit_part part;
	uint64_t read;	/* octets taken from the part */
	size_t at, len; /* what of the buffer is not given out */
	char buffer[AUDIT_LINES_BUFFER];
};

/**
 * audit_lines_init(l, part):
 * Begin with the first line of ${part}.
 */
void audit_lines_init(struct audit_lines *l, const struct audit_part *part);

/**
 * audit_lines_next(l, ret, ret_len):
 * Get the next line without its newline; it lives until the next call.
 * ERR_STATE_NOT_FOUND at the end, ERR_PEER_TRUNCATED at an end without
 * newline, ERR_PEER_TOO_LARGE for more than AUDIT_LINES_BUFFER octets without
 * one, ERR_SYS_IO.
 */
MUST_CHECK int audit_lines_next(
    struct audit_lines *l, const char **ret, size_t *ret_len);

/**
 * audit_lines_peek(l, ret, ret_len):
 * As audit_lines_next, without moving on; the line given out before dies.
 */
MUST_CHECK int audit_lines_peek(
    struct audit_lines *l, const char **ret, size_t *ret_len);

#endif
