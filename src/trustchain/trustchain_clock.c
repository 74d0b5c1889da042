/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_clock.h"

#include <stddef.h>
#include <time.h>

#include "base/clock.h"

static int64_t
now_ms(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static const struct clock system_clock = { now_ms, NULL };

const struct clock *
trustchain_clock_system(void)
{
	return &system_clock;
}
