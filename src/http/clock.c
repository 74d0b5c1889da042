/* SPDX-License-Identifier: Apache-2.0 */
#include "http/clock_internal.h"

#include "http/server_internal.h"
#include "loop/loop.h"

uint64_t
http_clock_now_ms(const struct http_server *s)
{
	return loop_now_ms(s->loop);
}

uint64_t
http_clock_now_us(void)
{
	return loop_monotonic_us();
}

uint64_t
http_clock_of(const struct loop *loop)
{
	return loop_now_ms(loop);
}
