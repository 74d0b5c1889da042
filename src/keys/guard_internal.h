/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_GUARD_INTERNAL_H
#define KEYS_GUARD_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define KEYS_GUARD_LEN 24

/**
 * keys_guard_encode(counter, out):
 * Write the content of a guard file, KEYS_GUARD_LEN bytes.
 */
void keys_guard_encode(uint64_t counter, uint8_t *out);

/**
 * keys_guard_parse(data, len, ret):
 * Read one.  ERR_SYS_CORRUPT.
 */
MUST_CHECK int keys_guard_parse(const uint8_t *data, size_t len, uint64_t *ret);

#endif
