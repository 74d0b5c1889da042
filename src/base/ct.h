/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CT_H
#define BASE_CT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * base_ct_equal(a, b, len):
 * Return whether the ${len} bytes at ${a} and ${b} are equal, in time that
 * depends on ${len} only.  The one comparison used on secrets.
 */
bool base_ct_equal(const void *a, const void *b, size_t len);

#endif
