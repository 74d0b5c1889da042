/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_append_stops_at_max(void **state)
{
	struct buf b;

	(void)state;
	base_buf_init(&b, 100);
	for (int i = 0; i < 10; i++)
		assert_int_equal(base_buf_append(&b, "0123456789", 10), 0);
	assert_int_equal(b.len, 100);
	assert_int_equal(base_buf_append(&b, "x", 1), ERR_SYS_LIMIT);
	assert_int_equal(b.len, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(b.data[i], '0' + i % 10);
	base_buf_free(&b);
	assert_null(b.data);
}

static void
test_append_overflow(void **state)
{
	struct buf b;

	(void)state;
	base_buf_init(&b, SIZE_MAX);
	assert_int_equal(base_buf_append(&b, "ab", 2), 0);
	assert_int_equal(base_buf_append(&b, "x", SIZE_MAX - 1), ERR_SYS_LIMIT);
	base_buf_free(&b);
}

static void
test_printf_and_consume(void **state)
{
	struct buf b;

	(void)state;
	base_buf_init(&b, 64);
	assert_int_equal(base_buf_printf(&b, "%d-%s", 42, "abc"), 0);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "42-abc", 6);
	base_buf_consume(&b, 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "abc", 3);
	assert_int_equal(base_buf_printf(&b, "%070d", 1), ERR_SYS_LIMIT);
	assert_int_equal(b.len, 3);
	base_buf_free(&b);
}

static void
test_arena_limits(void **state)
{
	struct arena *a = base_arena_new(10000);
	char *p, *q;

	(void)state;
	assert_non_null(a);
	p = base_arena_alloc(a, 17);
	assert_non_null(p);
	for (int i = 0; i < 17; i++)
		assert_int_equal(p[i], 0);
	q = base_arena_dup(a, "hello", 5);
	assert_string_equal(q, "hello");
	assert_true((uintptr_t)q % _Alignof(max_align_t) == 0);
	assert_non_null(base_arena_alloc(a, 9000));
	assert_null(base_arena_alloc(a, 9000));
	assert_null(base_arena_alloc(a, SIZE_MAX));
	assert_null(base_arena_dup(a, "x", SIZE_MAX));
	assert_string_equal(q, "hello");
	base_arena_free(a);
	base_arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_stops_at_max),
		cmocka_unit_test(test_append_overflow),
		cmocka_unit_test(test_printf_and_consume),
		cmocka_unit_test(test_arena_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
