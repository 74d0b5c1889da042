/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "base/heap.h"

#define ITEMS 5000

struct item {
	uint64_t key;
	unsigned number;
};

static int
by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Against the C library's sort; few keys, so that many are equal. */
static void
comes_out_sorted_and_stable(void **state)
{
	static struct item items[ITEMS], sorted[ITEMS];
	struct item *got;
	struct heap *h;
	uint32_t dice = 5;
	uint64_t key;

	(void)state;
	assert_int_equal(base_heap_new(ITEMS, &h), 0);
	for (unsigned i = 0; i < ITEMS; i++) {
		dice = dice * 1664525 + 1013904223;
		items[i] = sorted[i] = (struct item){ (dice >> 20) % 700, i };
		assert_int_equal(base_heap_push(h, items[i].key, &items[i]), 0);
	}
	assert_int_equal(base_heap_push(h, 0, items), ERR_STATE_FULL);
	assert_int_equal(base_heap_count(h), ITEMS);
	qsort(sorted, ITEMS, sizeof(sorted[0]), by_key);
	for (unsigned i = 0; i < ITEMS; i++) {
		assert_ptr_equal(
		    base_heap_peek(h, &key), &items[sorted[i].number]);
		got = base_heap_pop(h, &key);
		assert_int_equal(key, sorted[i].key);
		assert_int_equal(got->number, sorted[i].number);
	}
	assert_null(base_heap_pop(h, &key));
	assert_null(base_heap_peek(h, &key));
	base_heap_free(h);
	base_heap_free(NULL);
}

/* Pushed and popped in turn, the smallest that is in comes out. */
static void
mixed(void **state)
{
	size_t in[700] = { 0 }, count = 0;
	uint32_t dice = 11;
	struct heap *h;
	uint64_t key, smallest;

	(void)state;
	assert_int_equal(base_heap_new(ITEMS, &h), 0);
	for (unsigned i = 0; i < 100000; i++) {
		dice = dice * 1664525 + 1013904223;
		if ((dice >> 16) % 2 == 0 && count < ITEMS) {
			key = (dice >> 20) % 700;
			assert_int_equal(base_heap_push(h, key, in), 0);
			in[key]++;
			count++;
		} else if (base_heap_pop(h, &key) != NULL) {
			for (smallest = 0; in[smallest] == 0; smallest++)
				;
			assert_int_equal(key, smallest);
			in[key]--;
			count--;
		}
	}
	assert_int_equal(base_heap_count(h), count);
	base_heap_free(h);
}

static void
out_of_memory(void **state)
{
	struct heap *h = NULL;
	uint64_t key;
	int x;

	(void)state;
	if (!alloc_test_fail(0))
		skip();
	assert_int_equal(base_heap_new(2, &h), ERR_SYS_NOMEM);
	assert_true(alloc_test_failed());
	assert_int_equal(base_heap_new(2, &h), 0);
	alloc_test_fail(0);
	assert_int_equal(base_heap_push(h, 1, &x), ERR_SYS_NOMEM);
	assert_true(alloc_test_failed());
	assert_int_equal(base_heap_push(h, 1, &x), 0);
	assert_ptr_equal(base_heap_pop(h, &key), &x);
	base_heap_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_out_sorted_and_stable),
		cmocka_unit_test(mixed),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
