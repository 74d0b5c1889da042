/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "trustchain/ct_body.h"

static bool
read_body(struct arena *a, const char *text, struct pki_bytes *der, size_t *n)
{
	return ct_body_chain(text, strlen(text), a, der, 3, n);
}

static void
test_chain(void **state)
{
	struct arena *a = base_arena_new(65536);
	struct pki_bytes der[3];
	size_t n;

	(void)state;
	assert_true(read_body(a, "{\"chain\":[\"Zm9v\"]}", der, &n));
	assert_int_equal(n, 1);
	assert_int_equal(der[0].len, 3);
	assert_memory_equal(der[0].data, "foo", 3);
	assert_true(
	    read_body(a, "{\"chain\":[\"Zm9v\",\"\",\"Zg==\"]}", der, &n));
	assert_int_equal(n, 3);
	assert_int_equal(der[1].len, 0);
	assert_int_equal(der[2].len, 1);
	assert_memory_equal(der[2].data, "f", 1);
	base_arena_free(a);
}

/* Whatever else there is, is for the JSON parser. */
static void
test_others(void **state)
{
	static const char *const texts[] = { "", "{", "{}", "[]",
		"{\"chain\":[]}", "{\"chain\":\"Zm9v\"}",
		"{\"chain\":[\"Zm9v\"]} ", " {\"chain\":[\"Zm9v\"]}",
		"{\"chain\": [\"Zm9v\"]}", "{\"chain\":[\"Zm9v\" ]}",
		"{\"chain\":[\"Zm9v\", \"Zm9v\"]}", "{\"chain\":[\"Zm9v\"]",
		"{\"chain\":[\"Zm9v\"}", "{\"chain\":[\"Zm9v]}",
		"{\"chain\":[\"Zm9v\",]}", "{\"chain\":[\"Zm9v\",\"]}",
		"{\"chain\":[\"Zm9v\"],\"chain\":[\"Zm9v\"]}",
		"{\"chain\":[\"Zm9v\"],\"x\":1}", "{\"chain\":[\"Zm9\"]}",
		"{\"chain\":[\"Zm9\\u0076\"]}", "{\"chain\":[\"Zm9v\\\"\"]}",
		"{\"chain\":[\"Zm-_\"]}", "{\"chain\":[1]}",
		"{\"certificate\":[\"Zm9v\"]}",
		"{\"chain\":[\"Zm9v\",\"Zm9v\",\"Zm9v\",\"Zm9v\"]}" };
	struct arena *a = base_arena_new(65536);
	struct pki_bytes der[3];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (read_body(a, texts[i], der, &n))
			fail_msg("taken: %s", texts[i]);
	/* No room is no answer either. */
	base_arena_free(a);
	a = base_arena_new(64);
	assert_false(read_body(a,
	    "{\"chain\":[\"Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9v"
	    "Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9v\"]}",
	    der, &n));
	base_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
