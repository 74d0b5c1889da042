/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_UTF8_INTERNAL_H
#define MERKLE_UTF8_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/**
 * merkle_utf8_next(s, len, pos, ret):
 * Decode the code point at ${pos} of ${len} bytes (RFC 3629: shortest form,
 * no surrogates) and advance ${pos}.  Return 1, or 0 if it is not UTF-8.
 */
int merkle_utf8_next(const char *s, size_t len, size_t *pos, uint32_t *ret);

/**
 * merkle_utf8_space(c):
 * Return 1 if ${c} has the Unicode property White_Space.
 */
int merkle_utf8_space(uint32_t c);

#endif
