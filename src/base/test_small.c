/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/ct.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/list.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/wipe.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Numbers and names are unique, and each number lies in its class's range. */
static void
test_err_table(void **state)
{
	static const struct {
		int rc;
		const char *name;
		enum err_class class;
	} rows[] = {
#define ROW(name, number, class, text) { number, #name, ERR_CLASS_##class },
		ERR_TABLE(ROW)
#undef ROW
	};
	const size_t n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(-rows[i].rc / 100, (int)rows[i].class);
		assert_string_equal(base_err_name(rows[i].rc), rows[i].name);
		assert_int_equal(base_err_class(rows[i].rc), rows[i].class);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(rows[i].rc, rows[j].rc);
			assert_string_not_equal(rows[i].name, rows[j].name);
		}
	}
	assert_string_equal(base_err_name(-999), "ERR_UNKNOWN");
	assert_int_equal(base_err_class(0), ERR_CLASS_NONE);
	assert_int_equal(base_err_from_errno(ENOSPC), ERR_SYS_NOSPACE);
	assert_int_equal(base_err_from_errno(ENOENT), ERR_STATE_NOT_FOUND);
	assert_int_equal(base_err_from_errno(ECHILD), ERR_SYS_OS);
}

static void
test_ct_and_wipe(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	memset(a, 7, sizeof(a));
	memset(b, 7, sizeof(b));
	assert_true(base_ct_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		assert_false(base_ct_equal(a, b, sizeof(a)));
		b[i] ^= 0x80;
	}
	assert_true(base_ct_equal(a, b, 0));
	base_wipe(a, 16);
	for (size_t i = 0; i < sizeof(a); i++)
		assert_int_equal(a[i], i < 16 ? 0 : 7);
}

struct item {
	int n;
	struct list link;
};

static void
test_list(void **state)
{
	struct list head, *it, *tmp;
	struct item items[5];
	int seen = 0;

	(void)state;
	base_list_init(&head);
	assert_true(base_list_empty(&head));
	assert_null(base_list_pop_front(&head));
	for (int i = 0; i < 5; i++) {
		items[i].n = i;
		base_list_init(&items[i].link);
		base_list_push_back(&head, &items[i].link);
	}
	LIST_FOREACH(it, tmp, &head)
	{
		struct item *x = LIST_ENTRY(it, struct item, link);

		assert_int_equal(x->n, seen++);
		if (x->n == 2)
			base_list_remove(it);
	}
	assert_int_equal(seen, 5);
	base_list_remove(&items[2].link);
	base_list_push_front(&head, &items[2].link);
	it = base_list_pop_front(&head);
	assert_ptr_equal(it, &items[2].link);
	assert_true(base_list_empty(&items[2].link));
}

static void
test_fault(void **state)
{
	struct fault f;
	char long_text[400];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	assert_int_equal(
	    base_fault_set(&f, ERR_SYS_IO, "%s", long_text), ERR_SYS_IO);
	assert_int_equal(strlen(f.msg), sizeof(f.msg) - 1);
	assert_int_equal(base_fault_set(NULL, ERR_SYS_OS, "x"), ERR_SYS_OS);
}

static void
test_str(void **state)
{
	static const char *bad[] = { "", "01", "-1", "+1", " 1", "1 ", "0x1",
		"18446744073709551616", "99999999999999999999" };
	char dst[8];
	uint64_t v = 5;

	(void)state;
	assert_int_equal(base_str_copy(dst, sizeof(dst), "1234567"), 0);
	assert_string_equal(dst, "1234567");
	assert_int_equal(
	    base_str_copy(dst, sizeof(dst), "12345678"), ERR_SYS_LIMIT);
	assert_string_equal(dst, "");
	assert_int_equal(
	    base_str_format(dst, sizeof(dst), "%d", 12345678), ERR_SYS_LIMIT);
	assert_string_equal(dst, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base_str_u64(bad[i], strlen(bad[i]), &v),
		    ERR_PEER_MALFORMED);
	assert_int_equal(v, 5);
	assert_int_equal(base_str_u64("0", 1, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(base_str_u64("18446744073709551615", 20, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_true(base_str_starts("abc", "ab"));
	assert_false(base_str_starts("a", "ab"));
}

static int64_t
fixed_now(void *ctx)
{
	return *(int64_t *)ctx;
}

static int
broken_fill(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	memset(buf, 0xaa, len);
	return -1;
}

static void
test_hooks(void **state)
{
	int64_t now = 1234;
	struct clock c = { fixed_now, &now };
	struct rng r = { broken_fill, NULL };
	uint8_t out[4] = { 1, 2, 3, 4 };

	(void)state;
	assert_int_equal(base_clock_now_ms(&c), 1234);
	assert_int_equal(base_rng_fill(&r, out, 0), 0);
	assert_int_equal(base_rng_fill(&r, out, 4), ERR_SYS_RNG);
	for (int i = 0; i < 4; i++)
		assert_int_equal(out[i], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err_table),
		cmocka_unit_test(test_ct_and_wipe),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_str),
		cmocka_unit_test(test_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
