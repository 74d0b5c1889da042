/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * base_str_copy(dst, cap, src):
 * Copy the string ${src} with its zero into ${dst} of ${cap} bytes.
 * ERR_SYS_LIMIT if it does not fit; then ${dst} is the empty string.
 */
MUST_CHECK int base_str_copy(char *dst, size_t cap, const char *src);

/**
 * base_str_format(dst, cap, fmt, ...):
 * Format into ${dst} of ${cap} bytes.  ERR_SYS_LIMIT if it does not fit; then
 * ${dst} is the empty string.
 */
MUST_CHECK int base_str_format(char *dst, size_t cap, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * base_str_u64(s, len, ret):
 * Parse ${len} bytes as a decimal integer: digits only, no sign, no leading
 * zero but "0" itself, no overflow.  ERR_PEER_MALFORMED otherwise.
 */
MUST_CHECK int base_str_u64(const char *s, size_t len, uint64_t *ret);

/**
 * base_str_dup(s):
 * Return a heap copy of ${s} (NULL gives NULL), or NULL when memory is short.
 */
char *base_str_dup(const char *s);

/**
 * base_str_starts(s, prefix):
 * Return whether the string ${s} begins with ${prefix}.
 */
bool base_str_starts(const char *s, const char *prefix);

#endif
