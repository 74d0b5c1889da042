/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/mono.h"

#include <time.h>

int64_t
keys_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
keys_mono_ms(void)
{
	return keys_mono_us() / 1000;
}
