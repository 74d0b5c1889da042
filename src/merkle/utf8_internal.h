/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_UTF8_INTERNAL_H
#define MERKLE_UTF8_INTERNAL_H

#include <stdint.h>

/**
 * merkle_utf8_space(c):
 * Return 1 if ${c} has the Unicode property White_Space.
 */
int merkle_utf8_space(uint32_t c);

#endif
