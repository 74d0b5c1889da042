/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "base/bucket.h"
#include "base/lru.h"

static const uint8_t key[16] = { 3, 1, 4, 1, 5 };

static void
forgets_what_was_idle_longest(void **state)
{
	struct lru *l;
	uint64_t *v;

	(void)state;
	assert_int_equal(base_lru_new(3, 4, sizeof(*v), key, &l), 0);
	assert_null(base_lru_get(l, "aaaa"));
	*(uint64_t *)base_lru_make(l, "aaaa") = 1;
	*(uint64_t *)base_lru_make(l, "bbbb") = 2;
	*(uint64_t *)base_lru_make(l, "cccc") = 3;
	v = base_lru_get(l, "aaaa"); /* used: now b is the oldest */
	assert_int_equal(*v, 1);
	assert_non_null(base_lru_peek(l, "bbbb")); /* no use */
	v = base_lru_make(l, "dddd");
	assert_int_equal(*v, 0);
	assert_null(base_lru_peek(l, "bbbb"));
	assert_int_equal(*(uint64_t *)base_lru_peek(l, "aaaa"), 1);
	assert_int_equal(*(uint64_t *)base_lru_peek(l, "cccc"), 3);
	assert_int_equal(base_lru_count(l), 3);
	base_lru_free(l);
	base_lru_free(NULL);
}

/* Against a table of the plainest kind: an array searched from end to end. */
#define MODEL_MAX 50

static struct {
	uint32_t key, value;
	unsigned used;
} model[MODEL_MAX];

static uint32_t *
model_find(uint32_t k, bool make, unsigned now)
{
	int found = -1, oldest = 0;

	for (int i = 0; i < MODEL_MAX; i++) {
		if (model[i].used > 0 && model[i].key == k)
			found = i;
		if (model[i].used < model[oldest].used)
			oldest = i;
	}
	if (found < 0 && !make)
		return NULL;
	if (found < 0) {
		found = oldest;
		model[found].key = k;
		model[found].value = 0;
	}
	model[found].used = now;
	return &model[found].value;
}

static void
agrees_with_a_plain_table(void **state)
{
	uint32_t dice = 7, k, *mine, *theirs;
	struct lru *l;
	bool make;

	(void)state;
	assert_int_equal(base_lru_new(MODEL_MAX, 4, 4, key, &l), 0);
	for (unsigned i = 1; i <= 200000; i++) {
		dice = dice * 1664525 + 1013904223;
		k = (dice >> 12) % (i % 1000 < 500 ? 60 : 200);
		make = (dice >> 28) < 8;
		mine = make ? base_lru_make(l, &k) : base_lru_get(l, &k);
		theirs = model_find(k, make, i);
		assert_int_equal(mine == NULL, theirs == NULL);
		if (mine == NULL)
			continue;
		assert_int_equal(*mine, *theirs);
		*mine = *theirs = dice;
	}
	assert_int_equal(base_lru_count(l), MODEL_MAX);
	base_lru_free(l);
}

static int
take(struct lru *l, const char *k, uint32_t per_min, uint32_t burst,
    uint64_t now_ms, uint64_t *wait_ms)
{
	const void *keys[1] = { k };
	struct bucket_rate rate = { per_min, burst };

	return base_bucket_take(l, keys, &rate, 1, now_ms, wait_ms);
}

static void
refills_at_its_rate(void **state)
{
	uint64_t wait_ms = 0, took = 0;
	struct lru *l;

	(void)state;
	assert_int_equal(
	    base_lru_new(10, 4, sizeof(struct bucket), key, &l), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(take(l, "aaaa", 600, 20, 1000, &wait_ms), 0);
	assert_int_equal(
	    take(l, "aaaa", 600, 20, 1000, &wait_ms), ERR_PEER_RATE);
	assert_int_equal(wait_ms, 100);
	/* Ten a second, however often one asks: 60 s give 600. */
	for (uint64_t t = 1000; t < 61000; t += 3)
		took += take(l, "aaaa", 600, 20, t, &wait_ms) == 0;
	assert_in_range(took, 599, 600);
	/* The clock may jump to either end. */
	took = 0;
	for (int i = 0; i < 100; i++)
		took += take(l, "aaaa", 600, 20, UINT64_MAX, &wait_ms) == 0;
	assert_int_equal(took, 20);
	assert_int_equal(take(l, "aaaa", 600, 20, 0, &wait_ms), ERR_PEER_RATE);
	base_lru_free(l);
}

static void
the_extremes_do_not_overflow(void **state)
{
	uint64_t wait_ms, took = 0;
	struct lru *l;

	(void)state;
	assert_int_equal(
	    base_lru_new(10, 4, sizeof(struct bucket), key, &l), 0);
	assert_int_equal(
	    take(l, "aaaa", UINT32_MAX, UINT32_MAX, 0, &wait_ms), 0);
	assert_int_equal(
	    take(l, "aaaa", UINT32_MAX, UINT32_MAX, UINT64_MAX, &wait_ms), 0);
	for (int i = 0; i < 10; i++)
		took += take(l, "bbbb", 1, 1, 5, &wait_ms) == 0;
	assert_int_equal(took, 1);
	assert_int_equal(wait_ms, 60000);
	base_lru_free(l);
}

static void
all_or_none(void **state)
{
	const struct bucket_rate rates[2] = { { 60, 4 }, { 60, 2 } };
	const void *a[2] = { "netw", "ho_a" }, *b[2] = { "netw", "ho_b" },
		   *c[2] = { "netw", "ho_c" };
	uint64_t wait_ms;
	struct lru *l;

	(void)state;
	assert_int_equal(
	    base_lru_new(10, 4, sizeof(struct bucket), key, &l), 0);
	assert_int_equal(base_bucket_take(l, a, rates, 2, 1, &wait_ms), 0);
	assert_int_equal(base_bucket_take(l, a, rates, 2, 1, &wait_ms), 0);
	/* The host is empty: its network loses nothing by its asking. */
	for (int i = 0; i < 10; i++)
		assert_int_equal(base_bucket_take(l, a, rates, 2, 1, &wait_ms),
		    ERR_PEER_RATE);
	assert_int_equal(base_bucket_take(l, b, rates, 2, 1, &wait_ms), 0);
	assert_int_equal(base_bucket_take(l, b, rates, 2, 1, &wait_ms), 0);
	/* Now the network is, and another host gets not even a bucket. */
	assert_int_equal(
	    base_bucket_take(l, c, rates, 2, 1, &wait_ms), ERR_PEER_RATE);
	assert_int_equal(base_lru_count(l), 3);
	assert_null(base_lru_peek(l, "ho_c"));
	base_lru_free(l);
}

/* A million strangers: the same memory, and no allocation at all. */
static void
a_flood_takes_no_memory(void **state)
{
	const struct bucket_rate rate = { 60, 1 };
	const void *keys[1];
	uint64_t wait_ms;
	size_t before;
	struct lru *l;

	(void)state;
	assert_int_equal(
	    base_lru_new(65536, 8, sizeof(struct bucket), key, &l), 0);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	assert_true(before < 8 << 20);
	alloc_test_fail(0); /* whoever allocates fails */
	for (uint64_t i = 0; i < 1000000; i++) {
		keys[0] = &i;
		assert_int_equal(
		    base_bucket_take(l, keys, &rate, 1, 1, &wait_ms), 0);
	}
	assert_false(alloc_test_failed());
	assert_int_equal(mallinfo2().uordblks + mallinfo2().hblkhd, before);
	assert_int_equal(base_lru_count(l), 65536);
	base_lru_free(l);
}

static void
out_of_memory(void **state)
{
	struct lru *l;
	bool failed = true;
	int rc, n;

	(void)state;
	if (!alloc_test_fail(-1))
		skip();
	for (n = 0; failed; n++) {
		l = NULL;
		alloc_test_fail(n);
		rc = base_lru_new(10, 4, 4, key, &l);
		failed = alloc_test_failed();
		assert_int_equal(rc, failed ? ERR_SYS_NOMEM : 0);
		base_lru_free(l);
	}
	assert_int_equal(n, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgets_what_was_idle_longest),
		cmocka_unit_test(agrees_with_a_plain_table),
		cmocka_unit_test(refills_at_its_rate),
		cmocka_unit_test(the_extremes_do_not_overflow),
		cmocka_unit_test(all_or_none),
		cmocka_unit_test(a_flood_takes_no_memory),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
