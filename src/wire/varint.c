/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/varint.h"

#include "base/assert.h"

/* log2 of the number of bytes that the shortest form of ${v} takes. */
static unsigned
shortest(uint64_t v)
{
	if (v < UINT64_C(1) << 6)
		return 0;
	if (v < UINT64_C(1) << 14)
		return 1;
	return v < UINT64_C(1) << 30 ? 2 : 3;
}

uint64_t
wire_varint_read(struct cursor *c)
{
	uint8_t first = wire_cursor_u8(c);
	unsigned size = first >> 6;
	uint64_t v = first & 0x3f;

	for (unsigned i = 1; i < 1u << size; i++)
		v = v << 8 | wire_cursor_u8(c);
	if (c->rc == 0 && shortest(v) != size)
		wire_cursor_fail(c, ERR_PEER_ENCODING);
	return c->rc == 0 ? v : 0;
}

void
wire_varint_write(struct builder *b, uint64_t v)
{
	unsigned size = shortest(v);

	TROTH_ASSERT(v <= WIRE_VARINT_MAX);
	for (unsigned i = 1u << size; i > 0; i--) {
		uint8_t byte = (uint8_t)(v >> (8 * (i - 1)));

		if (i == 1u << size)
			byte = (uint8_t)(byte | size << 6);
		wire_builder_u8(b, byte);
	}
}
