/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>

/**
 * base_wipe(p, len):
 * Overwrite ${len} bytes at ${p} with zeros in a way the compiler may not
 * remove.  ${p} may be NULL when ${len} is 0.
 */
void base_wipe(void *p, size_t len);

/**
 * base_wipe_free(p, len):
 * Wipe ${len} bytes at the heap block ${p} and free it.  ${p} may be NULL.
 */
void base_wipe_free(void *p, size_t len);

#endif
