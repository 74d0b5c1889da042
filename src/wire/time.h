/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_TIME_H
#define WIRE_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* "2026-11-21T12:00:00Z" with its zero. */
#define WIRE_TIME_TEXT_MAX 21

/**
 * wire_time_format(unix_ms, out):
 * Write the time as RFC 3339 in UTC, whole seconds rounded down.  Times
 * outside the years 0000 to 9999 are written as the nearest that fits.
 */
void wire_time_format(int64_t unix_ms, char out[WIRE_TIME_TEXT_MAX]);

/**
 * wire_time_parse(s, len, ret):
 * Parse exactly "YYYY-MM-DDTHH:MM:SSZ" with a day that exists and store unix
 * milliseconds.  ERR_PEER_MALFORMED for anything else, offsets, fractions and
 * leap seconds included.
 */
MUST_CHECK int wire_time_parse(const char *s, size_t len, int64_t *ret);

#endif
