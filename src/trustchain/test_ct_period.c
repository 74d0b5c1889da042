/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char *const formats[] = {
	[CT_PERIOD_DAILY] = "%Yd%j",
	[CT_PERIOD_WEEKLY] = "%Gw%V",
	[CT_PERIOD_MONTHLY] = "%Ym%m",
};

/* Every sixth hour from 1971 to 2100 against the C library's strftime. */
static void
test_against_strftime(void **state)
{
	struct ct_period p, back;
	char want[32];
	struct tm tm;
	time_t t;
	int kind;

	(void)state;
	for (t = 2 * 366 * 86400L; t < 4102444800L; t += 21600 * 13) {
		assert_non_null(gmtime_r(&t, &tm));
		for (kind = CT_PERIOD_DAILY; kind <= CT_PERIOD_MONTHLY;
		     kind++) {
			strftime(want, sizeof(want), formats[kind], &tm);
			assert_int_equal(ct_period_at((enum ct_period_kind)kind,
					     (int64_t)t * 1000, &p),
			    0);
			assert_string_equal(p.name, want);
			assert_true(p.start_ms <= (int64_t)t * 1000);
			assert_true(p.end_ms > (int64_t)t * 1000);
			assert_int_equal(ct_period_parse(p.name, &back), 0);
			assert_memory_equal(&p, &back, sizeof(p));
			/* The next one begins where this one ends. */
			assert_int_equal(ct_period_at((enum ct_period_kind)kind,
					     p.end_ms, &back),
			    0);
			assert_int_equal(back.start_ms, p.end_ms);
		}
	}
}

static void
test_example(void **state)
{
	struct ct_period p;

	(void)state;
	/* The specification's shard: Monday 2026-11-23 00:00Z, 7 days. */
	assert_int_equal(ct_period_parse("2026w48", &p), 0);
	assert_int_equal(p.start_ms, INT64_C(1795392000000));
	assert_int_equal(p.end_ms, INT64_C(1795996800000));
	assert_int_equal(ct_period_parse("2026w48b", &p), 0);
	assert_string_equal(p.name, "2026w48b");
	assert_int_equal(p.start_ms, INT64_C(1795392000000));
}

static void
test_bad(void **state)
{
	static const char *const bad[] = { "", "2026", "2026w", "2026w4",
		"2026w00", "2026w54", "2027w53", "2026w480", "2026m13",
		"2026m00", "2026d000", "2026d366", "2026d36", "2026x01",
		"026w48", "2026w48a", "2026w48bb", "2026w4b", "+026w48",
		"2026W48", "9999w01", "1969m01", "2026w48 " };
	struct ct_period p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    ct_period_parse(bad[i], &p), ERR_PEER_MALFORMED);
	assert_int_equal(ct_period_parse("2026w53", &p), 0);
	assert_int_equal(ct_period_parse("2028d366", &p), 0);
	assert_int_equal(ct_period_at(CT_PERIOD_WEEKLY, -1, &p), ERR_SYS_CLOCK);
	assert_int_equal(
	    ct_period_at(CT_PERIOD_WEEKLY, INT64_MAX, &p), ERR_SYS_CLOCK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_strftime),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
