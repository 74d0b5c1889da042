/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

int64_t
base_clock_now_ms(const struct clock *c)
{
	return c->now_ms(c->ctx);
}
