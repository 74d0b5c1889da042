/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Against libc: every 11 hours and some from 1900 to 2200. */
static void
test_against_libc(void **state)
{
	char mine[WIRE_TIME_TEXT_MAX], libc[32];
	struct tm tm;
	int64_t back;
	time_t t;

	(void)state;
	for (t = -2208988800; t < 7258118400; t += 39871) {
		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(
		    strftime(libc, sizeof(libc), "%Y-%m-%dT%H:%M:%SZ", &tm),
		    20);
		wire_time_format((int64_t)t * 1000 + 999, mine);
		assert_string_equal(mine, libc);
		assert_int_equal(wire_time_parse(mine, 20, &back), 0);
		assert_true(back == (int64_t)t * 1000);
	}
}

static void
test_edges(void **state)
{
	static const char *const bad[] = { "2026-13-01T00:00:00Z",
		"2026-02-29T00:00:00Z", "2026-00-10T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
		"2026-01-01 00:00:00Z", "2026-01-01T00:00:00z",
		"2026-01-01T00:00:0aZ" };
	char out[WIRE_TIME_TEXT_MAX];
	int64_t ms = 5;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(strlen(bad[i]), 20);
		assert_int_equal(
		    wire_time_parse(bad[i], 20, &ms), ERR_PEER_MALFORMED);
	}
	assert_int_equal(wire_time_parse("2026-01-01T00:00:00Z", 19, &ms),
	    ERR_PEER_MALFORMED);
	assert_int_equal(wire_time_parse("", 0, &ms), ERR_PEER_MALFORMED);
	assert_true(ms == 5);
	assert_int_equal(wire_time_parse("2024-02-29T23:59:59Z", 20, &ms), 0);
	assert_true(ms == 1709251199000);
	wire_time_format(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59Z");
	wire_time_format(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31T23:59:59Z");
	wire_time_format(INT64_MIN, out);
	assert_string_equal(out, "0000-01-01T00:00:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_libc),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
