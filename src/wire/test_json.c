/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
parse(const char *s, struct wire_json_error *err)
{
	json_t *j = NULL;
	int rc = wire_json_parse(s, strlen(s), &j, err);

	json_decref(j);
	return rc;
}

static void
test_refusals(void **state)
{
	struct wire_json_error err;

	(void)state;
	assert_int_equal(parse("{\"a\":1}", &err), 0);
	assert_int_equal(parse("", &err), ERR_PEER_MALFORMED);
	assert_int_equal(parse("1", &err), ERR_PEER_MALFORMED);
	assert_int_equal(parse("{\"a\":1}x", &err), ERR_PEER_MALFORMED);
	assert_int_equal(parse("{\"a\":1,}", &err), ERR_PEER_MALFORMED);
	assert_int_equal(parse("{\"a\":\"\xff\"}", &err), ERR_PEER_MALFORMED);
	assert_int_equal(
	    parse("{\"a\":\"\\u0000\"}", &err), ERR_PEER_MALFORMED);
	assert_int_equal(parse("{\"a\":1,\"a\":2}", &err), ERR_PEER_DUPLICATE);
	assert_int_equal(parse("{\"a\":1 \"b\":2}", &err), ERR_PEER_MALFORMED);
	assert_in_range(err.offset_bytes, 7, 10);
	assert_int_equal(parse("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", &err), 0);
	assert_int_equal(
	    parse("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", &err), ERR_PEER_DEPTH);
	assert_int_equal(err.offset_bytes, 16);
	assert_int_equal(parse("[\"[[[[[[[[[[[[[[[[[[\\\"[[[\"]", &err), 0);
}

static void
test_members(void **state)
{
	static const char *const known[] = { "s", "n", "b" };
	static const char text[] = "{\"s\":\"abc\",\"n\":5,\"b\":true}";
	const char *s = NULL;
	int64_t n = 0;
	bool b = false;
	json_t *j;
	size_t len;
	char *out;

	(void)state;
	assert_int_equal(wire_json_parse(text, strlen(text), &j, NULL), 0);
	assert_int_equal(wire_json_string(j, "s", 3, &s, &len), 0);
	assert_string_equal(s, "abc");
	assert_int_equal(
	    wire_json_string(j, "s", 2, &s, NULL), ERR_PEER_TOO_LARGE);
	assert_int_equal(
	    wire_json_string(j, "n", 9, &s, NULL), ERR_PEER_MALFORMED);
	assert_int_equal(
	    wire_json_string(j, "x", 9, &s, NULL), ERR_STATE_NOT_FOUND);
	assert_int_equal(wire_json_int(j, "n", 5, 5, &n), 0);
	assert_int_equal(wire_json_int(j, "n", 6, 9, &n), ERR_PEER_MALFORMED);
	assert_int_equal(wire_json_bool(j, "b", &b), 0);
	assert_true(b);
	assert_null(wire_json_only(j, known, 3));
	assert_string_equal(wire_json_only(j, known, 2), "b");
	out = wire_json_dump(j, &len);
	assert_string_equal(out, text);
	assert_int_equal(len, strlen(text));
	free(out);
	json_decref(j);
}

static void
test_strings(void **state)
{
	static const char text[] =
	    "{\"a\":[\"x\",\"y\"],\"e\":[],\"n\":[1],\"s\":\"x\"}";
	const char *v[2];
	json_t *j;
	size_t n = 7;

	(void)state;
	assert_int_equal(wire_json_parse(text, strlen(text), &j, NULL), 0);
	assert_int_equal(wire_json_strings(j, "a", v, 2, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(v[1], "y");
	assert_int_equal(
	    wire_json_strings(j, "a", v, 1, &n), ERR_PEER_MALFORMED);
	assert_int_equal(
	    wire_json_strings(j, "n", v, 2, &n), ERR_PEER_MALFORMED);
	assert_int_equal(
	    wire_json_strings(j, "s", v, 2, &n), ERR_PEER_MALFORMED);
	assert_int_equal(wire_json_strings(j, "e", v, 2, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(wire_json_strings(j, "absent", v, 2, &n), 0);
	assert_int_equal(n, 0);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
