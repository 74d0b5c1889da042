/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_MONO_H
#define KEYS_MONO_H

#include <stdint.h>

/**
 * keys_mono_us(), keys_mono_ms():
 * Return the monotonic clock in microseconds, in milliseconds.
 */
int64_t keys_mono_us(void);
int64_t keys_mono_ms(void);

#endif
