/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CLOCK_H
#define TRUSTCHAIN_CLOCK_H

struct clock;

/**
 * trustchain_clock_system():
 * Return the hook that reads the system's clock.
 */
const struct clock *trustchain_clock_system(void);

#endif
