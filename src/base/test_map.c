/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15 };

/*
 * The worked example of appendix A of the SipHash paper, and the first and
 * the eighth row of the authors' vectors_sip64 table.
 */
static void
test_siphash_vectors(void **state)
{
	uint8_t in[15];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	assert_true(base_map_siphash(key, in, 15) == 0xa129ca6149be45e5u);
	assert_true(base_map_siphash(key, in, 0) == 0x726fdb47dd0e0e31u);
	assert_true(base_map_siphash(key, in, 8) == 0x93f5f5799a932462u);
}

static int
sum(void *ctx, const void *k, size_t len, void *value)
{
	(void)k;
	(void)len;
	*(uintptr_t *)ctx += (uintptr_t)value;
	return 0;
}

static void
test_many(void **state)
{
	struct map *m = base_map_new(1000, key);
	uintptr_t total = 0;

	(void)state;
	assert_non_null(m);
	for (uintptr_t i = 1; i <= 1000; i++)
		assert_int_equal(base_map_put(m, &i, sizeof(i), (void *)i), 0);
	assert_int_equal(base_map_count(m), 1000);
	assert_int_equal(base_map_put(m, "new", 3, m), ERR_STATE_FULL);
	for (uintptr_t i = 1; i <= 1000; i++) {
		assert_ptr_equal(base_map_get(m, &i, sizeof(i)), (void *)i);
		assert_int_equal(
		    base_map_put(m, &i, sizeof(i), m), ERR_STATE_EXISTS);
	}
	assert_int_equal(base_map_each(m, sum, &total), 0);
	assert_int_equal(total, 500500);
	for (uintptr_t i = 1; i <= 1000; i += 2)
		assert_ptr_equal(base_map_take(m, &i, sizeof(i)), (void *)i);
	assert_int_equal(base_map_count(m), 500);
	for (uintptr_t i = 1; i <= 1000; i++)
		assert_ptr_equal(
		    base_map_get(m, &i, sizeof(i)), i % 2 ? NULL : (void *)i);
	base_map_free(m);
	base_map_free(NULL);
}

static void
test_empty_key(void **state)
{
	struct map *m = base_map_new(2, key);

	(void)state;
	assert_int_equal(base_map_put(m, "", 0, m), 0);
	assert_ptr_equal(base_map_get(m, "", 0), m);
	assert_null(base_map_get(m, "\0", 1));
	assert_ptr_equal(base_map_take(m, "", 0), m);
	assert_null(base_map_take(m, "", 0));
	base_map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash_vectors),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_empty_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
