/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/*
 * Time as a hook: milliseconds since 1970-01-01T00:00:00Z.  Cores take the
 * time as an argument; the runtime passes a clock so that tests and the
 * simulator can move it.
 */
struct clock {
	int64_t (*now_ms)(void *ctx);
	void *ctx;
};

/**
 * base_clock_now_ms(c):
 * Return the time of ${c} in unix milliseconds.
 */
int64_t base_clock_now_ms(const struct clock *c);

#endif
