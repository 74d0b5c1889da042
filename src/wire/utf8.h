/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * wire_utf8_next(s, len, pos, ret):
 * Decode the code point at ${pos} of ${len} bytes (RFC 3629: shortest form,
 * no surrogates) and advance ${pos}.  Return 1, or 0 if it is not UTF-8.
 */
int wire_utf8_next(const char *s, size_t len, size_t *pos, uint32_t *ret);

/**
 * wire_utf8_valid(s, len):
 * Return whether the ${len} bytes ${s} are UTF-8 throughout.
 */
bool wire_utf8_valid(const void *s, size_t len);

#endif
