/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/builder.h"
#include "wire/cursor.h"
#include "wire/varint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_integers(void **state)
{
	static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
		14, 15, 16, 17, 18, 19, 20, 21, 22, 23 };
	uint8_t out[sizeof(in)];
	struct builder b;
	struct cursor c;
	size_t len;

	(void)state;
	wire_cursor_init(&c, in, sizeof(in));
	wire_builder_init(&b, out, sizeof(out));
	assert_int_equal(wire_cursor_u8(&c), 0x01);
	assert_int_equal(wire_cursor_u16(&c), 0x0203);
	assert_int_equal(wire_cursor_u24(&c), 0x040506);
	assert_int_equal(wire_cursor_u32(&c), 0x0708090a);
	assert_true(wire_cursor_u40(&c) == 0x0b0c0d0e0fu);
	assert_true(wire_cursor_u64(&c) == 0x1011121314151617u);
	assert_int_equal(wire_cursor_done(&c), 0);
	wire_builder_u8(&b, 0x01);
	wire_builder_u16(&b, 0x0203);
	wire_builder_u24(&b, 0x040506);
	wire_builder_u32(&b, 0x0708090a);
	wire_builder_u40(&b, 0x0b0c0d0e0fu);
	wire_builder_u64(&b, 0x1011121314151617u);
	assert_int_equal(wire_builder_done(&b, &len), 0);
	assert_int_equal(len, sizeof(in));
	assert_memory_equal(out, in, sizeof(in));
	wire_builder_u8(&b, 0);
	assert_int_equal(wire_builder_done(&b, &len), ERR_SYS_LIMIT);
	assert_int_equal(b.len, sizeof(in));
}

/* Every prefix of a structure fails, and only with TRUNCATED, stickily. */
static void
test_truncation_is_sticky(void **state)
{
	static const uint8_t in[] = { 0, 3, 'a', 'b', 'c', 9 };

	(void)state;
	for (size_t len = 0; len <= sizeof(in); len++) {
		struct cursor c, v;

		wire_cursor_init(&c, in, len);
		v = wire_cursor_vec(&c, 2, 0, 10);
		(void)wire_cursor_u8(&c);
		if (len < sizeof(in)) {
			assert_int_equal(
			    wire_cursor_done(&c), ERR_PEER_TRUNCATED);
			assert_int_equal(wire_cursor_u8(&c), 0);
			assert_null(wire_cursor_bytes(&c, 0));
			assert_int_equal(wire_cursor_left(&c), 0);
		} else {
			assert_int_equal(wire_cursor_done(&c), 0);
			assert_int_equal(wire_cursor_left(&v), 3);
		}
	}
}

static void
test_vec_bounds_and_trailing(void **state)
{
	static const uint8_t in[] = { 2, 'a', 'b', 7 };
	struct cursor c, v;

	(void)state;
	wire_cursor_init(&c, in, sizeof(in));
	v = wire_cursor_vec(&c, 1, 3, 10);
	assert_int_equal(v.rc, ERR_PEER_MALFORMED);
	wire_cursor_init(&c, in, sizeof(in));
	v = wire_cursor_vec(&c, 1, 0, 1);
	assert_int_equal(v.rc, ERR_PEER_MALFORMED);
	wire_cursor_init(&c, in, sizeof(in));
	v = wire_cursor_vec(&c, 1, 0, 2);
	assert_int_equal(wire_cursor_u8(&v), 'a');
	assert_int_equal(wire_cursor_done(&v), ERR_PEER_TRAILING);
	assert_int_equal(wire_cursor_done(&c), ERR_PEER_TRAILING);
	wire_cursor_fail(&c, ERR_PEER_PROOF);
	wire_cursor_fail(&c, ERR_PEER_KEY);
	assert_int_equal(wire_cursor_done(&c), ERR_PEER_PROOF);
}

static void
test_lines(void **state)
{
	struct cursor c;
	size_t len = 99;

	(void)state;
	wire_cursor_init(&c, "ab\n\nrest", 8);
	assert_memory_equal(wire_cursor_line(&c, &len), "ab", 2);
	assert_int_equal(len, 2);
	assert_non_null(wire_cursor_line(&c, &len));
	assert_int_equal(len, 0);
	assert_null(wire_cursor_line(&c, &len));
	assert_int_equal(c.rc, ERR_PEER_TRUNCATED);
}

static void
test_builder_vectors(void **state)
{
	uint8_t out[300];
	struct builder b;
	size_t len, mark;

	(void)state;
	wire_builder_init(&b, out, sizeof(out));
	mark = wire_builder_vec_begin(&b, 2);
	wire_builder_str(&b, "hello");
	wire_builder_vec_end(&b, mark, 2);
	assert_int_equal(wire_builder_done(&b, &len), 0);
	assert_memory_equal(out, "\0\5hello", 7);
	mark = wire_builder_vec_begin(&b, 1);
	(void)wire_builder_space(&b, 256);
	wire_builder_vec_end(&b, mark, 1);
	assert_int_equal(wire_builder_done(&b, &len), ERR_SYS_LIMIT);
}

/* The four examples of RFC 9000 appendix A.1. */
static void
test_varint_rfc9000(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t len;
		uint64_t v;
	} rows[] = {
		{ { 0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c }, 8,
		    151288809941952652u },
		{ { 0x9d, 0x7f, 0x3e, 0x7d }, 4, 494878333 },
		{ { 0x7b, 0xbd }, 2, 15293 },
		{ { 0x25 }, 1, 37 },
	};
	static const uint8_t overlong[] = { 0x40, 0x25 };
	struct builder b;
	struct cursor c;
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		wire_cursor_init(&c, rows[i].bytes, rows[i].len);
		assert_true(wire_varint_read(&c) == rows[i].v);
		assert_int_equal(wire_cursor_done(&c), 0);
		wire_builder_init(&b, out, sizeof(out));
		wire_varint_write(&b, rows[i].v);
		assert_int_equal(b.len, rows[i].len);
		assert_memory_equal(out, rows[i].bytes, rows[i].len);
	}
	wire_cursor_init(&c, overlong, sizeof(overlong));
	assert_int_equal(wire_varint_read(&c), 0);
	assert_int_equal(c.rc, ERR_PEER_ENCODING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_truncation_is_sticky),
		cmocka_unit_test(test_vec_bounds_and_trailing),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_builder_vectors),
		cmocka_unit_test(test_varint_rfc9000),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
