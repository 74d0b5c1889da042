/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/builder.h"

#include <string.h>

#include "base/assert.h"

void
wire_builder_init(struct builder *b, void *array, size_t cap)
{
	*b = (struct builder){ .data = array, .cap = cap };
}

uint8_t *
wire_builder_space(struct builder *b, size_t len)
{
	uint8_t *at;

	if (b->rc == 0 && b->cap - b->len < len)
		b->rc = ERR_SYS_LIMIT;
	if (b->rc != 0)
		return NULL;
	at = b->data + b->len;
	if (len > 0)
		memset(at, 0, len);
	b->len += len;
	return at;
}

static void
put(uint8_t *at, uint64_t v, size_t len)
{
	for (size_t i = len; i > 0; i--, v >>= 8)
		at[i - 1] = (uint8_t)v;
}

static void
integer(struct builder *b, uint64_t v, size_t len)
{
	uint8_t *at = wire_builder_space(b, len);

	TROTH_ASSERT(len == 8 || v >> (8 * len) == 0);
	if (at != NULL)
		put(at, v, len);
}

void
wire_builder_u8(struct builder *b, uint8_t v)
{
	integer(b, v, 1);
}

void
wire_builder_u16(struct builder *b, uint16_t v)
{
	integer(b, v, 2);
}

void
wire_builder_u24(struct builder *b, uint32_t v)
{
	integer(b, v, 3);
}

void
wire_builder_u32(struct builder *b, uint32_t v)
{
	integer(b, v, 4);
}

void
wire_builder_u40(struct builder *b, uint64_t v)
{
	integer(b, v, 5);
}

void
wire_builder_u64(struct builder *b, uint64_t v)
{
	integer(b, v, 8);
}

void
wire_builder_bytes(struct builder *b, const void *data, size_t len)
{
	uint8_t *at;

	if (len > 0 && (at = wire_builder_space(b, len)) != NULL)
		memcpy(at, data, len);
}

void
wire_builder_str(struct builder *b, const char *s)
{
	wire_builder_bytes(b, s, strlen(s));
}

size_t
wire_builder_vec_begin(struct builder *b, int prefix)
{
	TROTH_ASSERT(prefix >= 1);
	TROTH_ASSERT(prefix <= 4);
	(void)wire_builder_space(b, (size_t)prefix);
	return b->len;
}

void
wire_builder_vec_end(struct builder *b, size_t mark, int prefix)
{
	size_t len = b->len - mark;

	if (b->rc != 0)
		return;
	if ((uint64_t)len >> (8 * prefix) != 0) {
		b->rc = ERR_SYS_LIMIT;
		return;
	}
	put(b->data + mark - prefix, len, (size_t)prefix);
}

int
wire_builder_done(const struct builder *b, size_t *ret_len)
{
	if (b->rc != 0)
		return b->rc;
	*ret_len = b->len;
	return 0;
}
