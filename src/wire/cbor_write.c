/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor_write.h"

#include "base/assert.h"
#include "wire/utf8.h"

/* Major types and simple values (RFC 8949 sections 3.1, 3.3). */
enum { UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum { FALSE = 20, TRUE = 21, NIL = 22 };

void
wire_cbor_writer_init(struct wire_cbor_writer *w, void *array, size_t cap)
{
	wire_builder_init(&w->b, array, cap);
	wire_cbor_levels_init(&w->levels);
}

/* The head of an item in its shortest form; returns where it begins. */
static size_t
head(struct wire_cbor_writer *w, int major, uint64_t v)
{
	uint8_t type = (uint8_t)(major << 5);
	size_t start = w->b.len;

	if (v < 24) {
		wire_builder_u8(&w->b, (uint8_t)(type | v));
	} else if (v <= UINT8_MAX) {
		wire_builder_u8(&w->b, type | 24);
		wire_builder_u8(&w->b, (uint8_t)v);
	} else if (v <= UINT16_MAX) {
		wire_builder_u8(&w->b, type | 25);
		wire_builder_u16(&w->b, (uint16_t)v);
	} else if (v <= UINT32_MAX) {
		wire_builder_u8(&w->b, type | 26);
		wire_builder_u32(&w->b, (uint32_t)v);
	} else {
		wire_builder_u8(&w->b, type | 27);
		wire_builder_u64(&w->b, v);
	}
	return start;
}

/* The item that began at ${start} is complete. */
static void
passed(struct wire_cbor_writer *w, size_t start)
{
	if (w->b.rc == 0)
		TROTH_ASSERT(wire_cbor_levels_item(
				 &w->levels, w->b.data, start, w->b.len) == 0);
}

void
wire_cbor_put_uint(struct wire_cbor_writer *w, uint64_t v)
{
	passed(w, head(w, UINT, v));
}

void
wire_cbor_put_int(struct wire_cbor_writer *w, int64_t v)
{
	if (v >= 0)
		passed(w, head(w, UINT, (uint64_t)v));
	else
		passed(w, head(w, NINT, (uint64_t)(-1 - v)));
}

void
wire_cbor_put_bytes(struct wire_cbor_writer *w, const void *data, size_t len)
{
	size_t start = head(w, BYTES, len);

	wire_builder_bytes(&w->b, data, len);
	passed(w, start);
}

void
wire_cbor_put_text(struct wire_cbor_writer *w, const char *s, size_t len)
{
	size_t start = head(w, TEXT, len);

	TROTH_ASSERT(wire_utf8_valid(s, len));
	wire_builder_bytes(&w->b, s, len);
	passed(w, start);
}

void
wire_cbor_put_bool(struct wire_cbor_writer *w, bool v)
{
	TROTH_ASSERT(!wire_cbor_levels_key(&w->levels) || w->b.rc != 0);
	passed(w, head(w, SIMPLE, v ? TRUE : FALSE));
}

void
wire_cbor_put_null(struct wire_cbor_writer *w)
{
	TROTH_ASSERT(!wire_cbor_levels_key(&w->levels) || w->b.rc != 0);
	passed(w, head(w, SIMPLE, NIL));
}

void
wire_cbor_put_tag(struct wire_cbor_writer *w, uint64_t tag)
{
	TROTH_ASSERT(!wire_cbor_levels_key(&w->levels) || w->b.rc != 0);
	(void)head(w, TAG, tag);
}

static void
enter(struct wire_cbor_writer *w, bool map, size_t n)
{
	TROTH_ASSERT(!wire_cbor_levels_key(&w->levels) || w->b.rc != 0);
	(void)head(w, map ? MAP : ARRAY, n);
	if (w->b.rc == 0)
		TROTH_ASSERT(wire_cbor_levels_enter(&w->levels, map, n) == 0);
}

void
wire_cbor_put_array(struct wire_cbor_writer *w, size_t n)
{
	enter(w, false, n);
}

void
wire_cbor_put_map(struct wire_cbor_writer *w, size_t n)
{
	enter(w, true, n);
}

void
wire_cbor_put_end(struct wire_cbor_writer *w)
{
	if (w->b.rc == 0)
		TROTH_ASSERT(wire_cbor_levels_leave(&w->levels) == 0);
}

int
wire_cbor_writer_done(const struct wire_cbor_writer *w, size_t *ret_len)
{
	if (w->b.rc == 0) {
		TROTH_ASSERT(w->levels.depth == 0);
		TROTH_ASSERT(wire_cbor_levels_left(&w->levels) == 0);
	}
	return wire_builder_done(&w->b, ret_len);
}
