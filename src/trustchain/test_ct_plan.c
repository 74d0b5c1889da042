/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trustchain/ct_config.h"

/* 2026-11-21T12:00:00Z, a Saturday of week 47, by date(1). */
#define SATURDAY INT64_C(1795262400000)
#define DAY INT64_C(86400000)

static void
have(struct ct_paths_shards *out, const char *const *names)
{
	for (out->n = 0; names[out->n] != NULL; out->n++)
		assert_int_equal(
		    ct_period_parse(names[out->n], &out->shard[out->n]), 0);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The names that are to be made, with a space behind each. */
static const char *
plan(int kind, int64_t ahead, const char *const *names, int64_t now)
{
	static char text[4096];
	struct ct_config c = { .log = { .shard_period = kind,
				   .shard_ahead = ahead } };
	struct ct_paths_shards old, new;
	size_t i, n = 0;

	have(&old, names);
	assert_int_equal(ct_plan_missing(&c, &old, now, &new), 0);
	text[0] = '\0';
	for (i = 0; i < new.n; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "%s ", new.shard[i].name);
	return text;
}

static void
test_weeks(void **state)
{
	const char *const *all = NAMES("2026w47", "2026w48", "2026w49");

	(void)state;
	assert_string_equal(plan(CT_CONFIG_WEEKLY, 2, all, SATURDAY), "");
	assert_string_equal(
	    plan(CT_CONFIG_WEEKLY, 3, all, SATURDAY), "2026w50 ");
	/* Monday: one more. */
	assert_string_equal(
	    plan(CT_CONFIG_WEEKLY, 2, all, SATURDAY + 2 * DAY), "2026w50 ");
	/* Over the end of a year that has 53 weeks. */
	assert_string_equal(plan(CT_CONFIG_WEEKLY, 2, all, SATURDAY + 35 * DAY),
	    "2026w52 2026w53 2027w01 ");
	/* A clock that was put back makes nothing. */
	assert_string_equal(
	    plan(CT_CONFIG_WEEKLY, 2, all, SATURDAY - 70 * DAY), "");
}

/* What would come before a shard that is there would move its slots. */
static void
test_order(void **state)
{
	(void)state;
	assert_string_equal(
	    plan(CT_CONFIG_WEEKLY, 3, NAMES("2026w47", "2026w50"), SATURDAY),
	    "");
	assert_string_equal(
	    plan(CT_CONFIG_DAILY, 2, NAMES("2026w47"), SATURDAY), "");
	assert_string_equal(
	    plan(CT_CONFIG_WEEKLY, 1, NAMES("2026d325"), SATURDAY),
	    "2026w47 2026w48 ");
	assert_string_equal(
	    plan(CT_CONFIG_MONTHLY, 2, NAMES("2026m11"), SATURDAY),
	    "2026m12 2027m01 ");
}

static void
test_room(void **state)
{
	struct ct_config c = { .log = { .shard_period = CT_CONFIG_DAILY,
				   .shard_ahead = 60 } };
	struct ct_paths_shards old = { .n = 0 }, new;
	int64_t at = SATURDAY - 98 * DAY;

	(void)state;
	while (at < SATURDAY) {
		assert_int_equal(
		    ct_period_at(CT_PERIOD_DAILY, at, &old.shard[old.n++]), 0);
		at += DAY;
	}
	assert_int_equal(old.n, CT_PATHS_SHARDS_MAX - 2);
	assert_int_equal(ct_plan_missing(&c, &old, SATURDAY, &new), 0);
	assert_int_equal(new.n, 2);
	assert_string_equal(new.shard[0].name, "2026d325");
	old.shard[old.n++] = new.shard[0];
	old.shard[old.n++] = new.shard[1];
	assert_int_equal(ct_plan_missing(&c, &old, SATURDAY, &new), 0);
	assert_int_equal(new.n, 0);
	assert_int_equal(
	    ct_plan_missing(&c, &old, INT64_MAX, &new), ERR_SYS_CLOCK);
	assert_int_equal(ct_plan_periods(&c, SATURDAY, &new), 0);
	assert_int_equal(new.n, 61);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weeks),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
