/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of secrets, and three that must not be used for it. */
#include <stdint.h>
#include <string.h>

#include "base/ct.h"
#include "base/timing_test.h"

static uint8_t a[32], b[32], table[256];
static volatile int sink;

static void
equal(void)
{
	timing_secret(a, sizeof(a));
	sink = base_ct_equal(a, b, sizeof(a));
}

static void
by_memcmp(void)
{
	timing_secret(a, sizeof(a));
	sink = memcmp(a, b, sizeof(a));
}

/* A jump: stops at the first difference. */
static void
by_jump(void)
{
	timing_secret(a, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++)
		if (a[i] != b[i])
			return;
	sink = 1;
}

/* An address: which cache line is loaded tells the value. */
static void
by_address(void)
{
	timing_secret(a, sizeof(a));
	sink = ((volatile uint8_t *)table)[a[0]];
}

int
main(void)
{
	static const struct timing_case cases[] = {
		{ "base_ct_equal", equal, 0 },
		{ "memcmp", by_memcmp, TIMING_LEAKS },
		{ "a jump", by_jump, TIMING_LEAKS },
		{ "an address", by_address, TIMING_LEAKS },
	};

	return timing_run(cases, sizeof(cases) / sizeof(cases[0]));
}
