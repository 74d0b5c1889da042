/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LINE_H
#define AUDIT_LINE_H

#include <stddef.h>
#include <stdint.h>

/* What is read out of a line of a log without parsing it whole. */
enum { AUDIT_LINE_MAX = 4096 }; /* without the newline */

/**
 * audit_line_ok(line, len):
 * Return 1 if ${line} (without newline) looks like a whole line of a log:
 * begins and ends as one and has printable ASCII between.
 */
int audit_line_ok(const char *line, size_t len);

/**
 * audit_line_source(line, len):
 * Return the outbox number in a line, 0 if it has none.
 */
int64_t audit_line_source(const char *line, size_t len);

/**
 * audit_line_time(line, len):
 * Return the time in a line, in ms, or -1 if it has none.
 */
int64_t audit_line_time(const char *line, size_t len);

#endif
