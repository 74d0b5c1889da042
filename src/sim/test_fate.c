/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/sim_fate.h"
#include "sim/sim_rng.h"

/* The first outputs of the authors' xoshiro256starstar.c from the state
 * 1, 2, 3, 4. */
static void
xoshiro_as_published(void **state)
{
	static const uint64_t want[] = { 11520, 0, 1509978240,
		1215971899390074240, 1216172134540287360, 607988272756665600,
		16172922978634559625u, 8476171486693032832,
		10595114339597558777u, 2904607092377533576 };
	struct sim_rng r = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_true(sim_rng_u64(&r) == want[i]);
}

/* Outside this many standard deviations once in about 10^9 tests. */
#define SIGMAS 6.0

static void
assert_binomial(size_t hits, size_t n, uint32_t ppm)
{
	double p = ppm / 1e6, mean = (double)n * p;
	double sigma = sqrt((double)n * p * (1 - p));

	assert_true(fabs((double)hits - mean) <= SIGMAS * sigma + 1e-9);
}

static void
rates_are_what_they_claim(void **state)
{
	static const struct sim_fate_rates rates[] = {
		{ 800000, 10000, 1000, 50000, 1000, 500, 3000 },
		{ 0, 0, 0, 0, 0, 0, 0 },
		{ 1000000, 1000000, 1000000, 1000000, 7, 0, 9 },
		{ 1, 999999, 500000, 1, 0, 100, 1 },
	};
	const size_t n = 300000;
	size_t lost, twice, corrupt, reordered;
	struct sim_fate f;
	double delay;

	(void)state;
	for (size_t k = 0; k < sizeof(rates) / sizeof(rates[0]); k++) {
		lost = twice = corrupt = reordered = 0;
		delay = 0;
		for (size_t i = 0; i < n; i++) {
			sim_fate_draw(&rates[k], 42, i % 7, i / 7, 100, &f);
			lost += f.copies == 0;
			twice += f.copies == 2;
			corrupt += f.corrupted;
			reordered += f.reordered;
			assert_true(f.bit < 800);
			if (f.reordered)
				f.delay_us -= rates[k].reorder_us;
			assert_in_range(f.delay_us, rates[k].delay_us,
			    rates[k].delay_us + rates[k].jitter_us);
			delay += (double)(f.delay_us - rates[k].delay_us);
		}
		assert_binomial(lost, n, rates[k].loss);
		assert_binomial(twice, n - lost, rates[k].duplicate);
		assert_binomial(corrupt, n, rates[k].corrupt);
		assert_binomial(reordered, n, rates[k].reorder);
		/* Uniform: mean half the jitter, sigma jitter / sqrt(12 n). */
		assert_true(
		    fabs(delay / (double)n - rates[k].jitter_us / 2.0) <=
		    SIGMAS * rates[k].jitter_us / sqrt(12.0 * (double)n) +
			1e-9);
	}
}

/* Neighbours in number, flow and seed say nothing about each other. */
static void
neighbours_are_independent(void **state)
{
	const struct sim_fate_rates half = { .loss = 500000 };
	const size_t n = 100000;
	size_t same[3] = { 0 };
	struct sim_fate a, b;

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		sim_fate_draw(&half, 1, 0, i, 1, &a);
		sim_fate_draw(&half, 1, 0, i + 1, 1, &b);
		same[0] += a.copies == b.copies;
		sim_fate_draw(&half, 1, 1, i, 1, &b);
		same[1] += a.copies == b.copies;
		sim_fate_draw(&half, 2, 0, i, 1, &b);
		same[2] += a.copies == b.copies;
	}
	for (int i = 0; i < 3; i++)
		assert_binomial(same[i], n, 500000);
}

static void
same_seed_same_fate(void **state)
{
	const struct sim_fate_rates rates = { 300000, 100000, 100000, 100000,
		1000, 1000, 1000 };
	struct sim_fate_rates worse = rates;
	struct sim_fate a, b;

	(void)state;
	worse.loss = 600000;
	for (uint64_t i = 0; i < 1000; i++) {
		memset(&a, 0, sizeof(a));
		memset(&b, 0xff, sizeof(b));
		sim_fate_draw(&rates, 9, 3, i, 50, &a);
		sim_fate_draw(&rates, 9, 3, i, 50, &b);
		assert_int_equal(a.copies, b.copies);
		assert_int_equal(a.bit, b.bit);
		assert_int_equal(a.delay_us, b.delay_us);
		assert_int_equal(a.reordered, b.reordered);
		assert_int_equal(a.corrupted, b.corrupted);
		/* More loss loses more, and changes nothing else. */
		sim_fate_draw(&worse, 9, 3, i, 50, &b);
		assert_true(a.copies > 0 || b.copies == 0);
		assert_int_equal(a.delay_us, b.delay_us);
	}
	/* Nothing to corrupt in an empty one. */
	worse.corrupt = 1000000;
	sim_fate_draw(&worse, 9, 3, 1, 0, &a);
	assert_false(a.corrupted);
}

static void
below_is_uniform(void **state)
{
	const size_t n = 700000;
	size_t seen[7] = { 0 };
	struct sim_rng r;
	uint8_t bytes[13] = { 0 };
	struct rng hook;

	(void)state;
	sim_rng_init(&r, 5, 5);
	for (size_t i = 0; i < n; i++)
		seen[sim_rng_below(&r, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_binomial(seen[i], n, 142857);
	hook = sim_rng_hook(&r);
	assert_int_equal(base_rng_fill(&hook, bytes, sizeof(bytes)), 0);
	assert_true(bytes[0] != 0 || bytes[6] != 0 || bytes[12] != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xoshiro_as_published),
		cmocka_unit_test(rates_are_what_they_claim),
		cmocka_unit_test(neighbours_are_independent),
		cmocka_unit_test(same_seed_same_fate),
		cmocka_unit_test(below_is_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
