/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/limit_internal.h"

#include "keys/mono.h"

void
keys_limit_init(struct keys_limit *l, uint32_t rate_per_s)
{
	l->rate_per_s = rate_per_s;
	l->tokens = rate_per_s;
	l->filled_us = 0;
}

bool
keys_limit_take(struct keys_limit *l)
{
	int64_t now_us = keys_mono_us();

	if (l->rate_per_s == 0)
		return true;
	if (l->filled_us != 0)
		l->tokens +=
		    (double)(now_us - l->filled_us) * l->rate_per_s / 1e6;
	if (l->tokens > l->rate_per_s)
		l->tokens = l->rate_per_s;
	l->filled_us = now_us;
	if (l->tokens < 1)
		return false;
	l->tokens -= 1;
	return true;
}
