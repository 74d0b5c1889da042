/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/availability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "ops/metrics.h"

#define START INT64_C(1795262400000)
#define SECOND 1000
#define MINUTE 60000
#define HOUR 3600000

static double
hour(const struct ops_availability *a, int64_t now)
{
	return ops_availability_ratio(a, "ca", OPS_AVAILABILITY_HOUR, now);
}

static double
month(const struct ops_availability *a, int64_t now)
{
	return ops_availability_ratio(a, "ca", OPS_AVAILABILITY_MONTH, now);
}

#define assert_close(x, y) assert_true((x) - (y) < 1e-9 && (y) - (x) < 1e-9)

/* Numbers that look random and are the same each time. */
static unsigned
pick(unsigned below)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return (x >> 16) % below;
}

/* Against every sample kept by itself. */
static void
test_model(void **state)
{
	enum { SAMPLES = 40 * 24 * 6 };
	struct ops_availability *a = ops_availability_new();
	static struct {
		int64_t at;
		unsigned good, bad;
	} all[SAMPLES];
	uint64_t good[2], sum[2];
	int64_t now = START;
	int i, k;

	(void)state;
	assert_non_null(a);
	for (i = 0; i < SAMPLES; i++) {
		now += pick(1200) * SECOND;
		all[i].at = now;
		all[i].good = pick(10);
		all[i].bad = pick(3);
		ops_availability_add(a, "ca", now, all[i].good, all[i].bad);
		if (i % 97 != 0 || all[i].good + all[i].bad == 0)
			continue;
		memset(good, 0, sizeof(good));
		memset(sum, 0, sizeof(sum));
		for (k = 0; k <= i; k++) {
			if (all[k].at / MINUTE > now / MINUTE - 60) {
				good[0] += all[k].good;
				sum[0] += all[k].good + all[k].bad;
			}
			if (all[k].at / HOUR > now / HOUR - 720) {
				good[1] += all[k].good;
				sum[1] += all[k].good + all[k].bad;
			}
		}
		assert_close(hour(a, now), (double)good[0] / (double)sum[0]);
		assert_close(month(a, now), (double)good[1] / (double)sum[1]);
	}
	ops_availability_free(a);
}

static void
test_edges(void **state)
{
	struct ops_availability *a = ops_availability_new();

	(void)state;
	assert_close(hour(a, START), -1);
	ops_availability_add(a, "ca", START, 3, 1);
	assert_close(hour(a, START), 0.75);
	assert_close(hour(a, START + 59 * MINUTE + 59 * SECOND), 0.75);
	assert_close(hour(a, START + 60 * MINUTE), -1);
	assert_close(month(a, START + 60 * MINUTE), 0.75);
	assert_close(month(a, START + INT64_C(720) * HOUR), -1);
	/* A clock that is put back: what lies ahead does not count. */
	assert_close(hour(a, START - 5 * MINUTE), -1);
	ops_availability_add(a, "ca", START - 5 * MINUTE, 1, 0);
	assert_close(hour(a, START - 5 * MINUTE), 1);
	assert_close(hour(a, START), 0.8);
	ops_availability_free(a);
	ops_availability_free(NULL);
}

static void
test_publish(void **state)
{
	static const struct ops_metric_def defs[] = { { "x", OPS_GAUGE, "x",
	    "component,window" } };
	struct ops_availability *a = ops_availability_new();
	struct ops_metrics *m = ops_metrics_new(defs, 1);
	static char names[40][8];
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "c%d", i);
		ops_availability_add(a, names[i], START, 1, 1);
	}
	ops_availability_publish(a, START, m, 0);
	assert_close(ops_metrics_value(m, 0, OPS_LABELS("c0", "1h")), 0.5);
	assert_close(ops_metrics_value(m, 0, OPS_LABELS("c15", "30d")), 0.5);
	assert_close(ops_metrics_value(m, 0, OPS_LABELS("c16", "30d")), 0);
	ops_metrics_free(m);
	ops_availability_free(a);
}

/* Every byte of a saved record can be damaged or missing. */
static void
test_keep(void **state)
{
	struct ops_availability *a = ops_availability_new(), *b;
	struct buf text;
	size_t i;

	(void)state;
	ops_availability_add(a, "ca", START, 3, 1);
	ops_availability_add(a, "ca", START + 185 * MINUTE, 7, 0);
	ops_availability_add(a, "store", START, 0, 5);
	base_buf_init(&text, OPS_AVAILABILITY_TEXT_MAX);
	assert_int_equal(ops_availability_save(a, &text), 0);
	b = ops_availability_new();
	assert_int_equal(ops_availability_load(b, text.data, text.len), 0);
	assert_close(month(b, START + 185 * MINUTE), 10. / 11);
	assert_close(hour(b, START + 185 * MINUTE), 1);
	assert_close(hour(b, START), 0.75);
	assert_close(
	    ops_availability_ratio(b, "store", OPS_AVAILABILITY_MONTH, START),
	    0);
	/* It counts on where it was. */
	ops_availability_add(b, "ca", START + 185 * MINUTE, 0, 9);
	assert_close(month(b, START + 185 * MINUTE), 0.5);
	ops_availability_free(b);
	for (i = 0; i < text.len; i++) {
		b = ops_availability_new();
		assert_int_not_equal(ops_availability_load(b, text.data, i), 0);
		assert_close(month(b, START), -1);
		text.data[i] ^= 0x80;
		assert_int_not_equal(
		    ops_availability_load(b, text.data, text.len), 0);
		text.data[i] ^= 0x80;
		assert_close(month(b, START), -1);
		ops_availability_free(b);
	}
	base_buf_free(&text);
	ops_availability_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
