/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cursor.h"

#include <string.h>

#include "base/assert.h"

static const uint8_t nothing[1];

void
wire_cursor_init(struct cursor *c, const void *data, size_t len)
{
	c->pos = len > 0 ? data : nothing;
	c->end = c->pos + len;
	c->rc = 0;
}

size_t
wire_cursor_left(const struct cursor *c)
{
	return c->rc == 0 ? (size_t)(c->end - c->pos) : 0;
}

void
wire_cursor_fail(struct cursor *c, int rc)
{
	if (c->rc == 0)
		c->rc = rc;
}

const uint8_t *
wire_cursor_bytes(struct cursor *c, size_t len)
{
	const uint8_t *p = c->pos;

	if (c->rc != 0)
		return NULL;
	if ((size_t)(c->end - c->pos) < len) {
		c->rc = ERR_PEER_TRUNCATED;
		return NULL;
	}
	c->pos += len;
	return p;
}

static uint64_t
integer(struct cursor *c, size_t len)
{
	const uint8_t *p = wire_cursor_bytes(c, len);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
wire_cursor_u8(struct cursor *c)
{
	return (uint8_t)integer(c, 1);
}

uint16_t
wire_cursor_u16(struct cursor *c)
{
	return (uint16_t)integer(c, 2);
}

uint32_t
wire_cursor_u24(struct cursor *c)
{
	return (uint32_t)integer(c, 3);
}

uint32_t
wire_cursor_u32(struct cursor *c)
{
	return (uint32_t)integer(c, 4);
}

uint64_t
wire_cursor_u40(struct cursor *c)
{
	return integer(c, 5);
}

uint64_t
wire_cursor_u64(struct cursor *c)
{
	return integer(c, 8);
}

void
wire_cursor_copy(struct cursor *c, void *dst, size_t len)
{
	const uint8_t *p = wire_cursor_bytes(c, len);

	if (p != NULL && len > 0)
		memcpy(dst, p, len);
}

struct cursor
wire_cursor_sub(struct cursor *c, size_t len)
{
	const uint8_t *p = wire_cursor_bytes(c, len);
	struct cursor sub;

	wire_cursor_init(&sub, p, p != NULL ? len : 0);
	sub.rc = c->rc;
	return sub;
}

struct cursor
wire_cursor_vec(struct cursor *c, int prefix, size_t min, size_t max)
{
	uint64_t len;

	TROTH_ASSERT(prefix >= 1);
	TROTH_ASSERT(prefix <= 4);
	len = integer(c, (size_t)prefix);
	if (len < min || len > max)
		wire_cursor_fail(c, ERR_PEER_MALFORMED);
	return wire_cursor_sub(c, (size_t)len);
}

const uint8_t *
wire_cursor_line(struct cursor *c, size_t *ret_len)
{
	const uint8_t *p = c->pos, *nl;

	if (c->rc != 0)
		return NULL;
	nl = memchr(p, '\n', (size_t)(c->end - p));
	if (nl == NULL) {
		c->rc = ERR_PEER_TRUNCATED;
		return NULL;
	}
	*ret_len = (size_t)(nl - p);
	c->pos = nl + 1;
	return p;
}

int
wire_cursor_done(const struct cursor *c)
{
	if (c->rc != 0)
		return c->rc;
	return c->pos == c->end ? 0 : ERR_PEER_TRAILING;
}
