/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ecdsa.h"

#include <string.h>

#include "wire/builder.h"
#include "wire/cursor.h"

#define HALF_MAX 48

/* Append a positive DER INTEGER from ${len} big-endian bytes, not all zero. */
static void
put_integer(struct builder *b, const uint8_t *v, size_t len)
{
	uint8_t pad;

	while (len > 1 && *v == 0) {
		v++;
		len--;
	}
	pad = *v >> 7;
	wire_builder_u8(b, 0x02);
	wire_builder_u8(b, (uint8_t)(len + pad));
	if (pad)
		wire_builder_u8(b, 0);
	wire_builder_bytes(b, v, len);
}

static int
is_zero(const uint8_t *v, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= v[i];
	return any == 0;
}

int
crypto_ecdsa_raw_to_der(const uint8_t *raw, size_t raw_len, uint8_t *der,
    size_t cap, size_t *ret_len)
{
	size_t half = raw_len / 2;
	uint8_t body[2 * (HALF_MAX + 3)];
	struct builder in, out;

	if ((raw_len != 64 && raw_len != 96) || is_zero(raw, half) ||
	    is_zero(raw + half, half))
		return ERR_PEER_MALFORMED;
	wire_builder_init(&in, body, sizeof(body));
	put_integer(&in, raw, half);
	put_integer(&in, raw + half, half);
	/* At most 102 bytes of content: the length takes one byte. */
	wire_builder_init(&out, der, cap);
	wire_builder_u8(&out, 0x30);
	wire_builder_u8(&out, (uint8_t)in.len);
	wire_builder_bytes(&out, body, in.len);
	return wire_builder_done(&out, ret_len);
}

/* Read a positive DER INTEGER into exactly ${half} bytes. */
static void
get_integer(struct cursor *c, uint8_t *out, size_t half)
{
	uint8_t tag = wire_cursor_u8(c);
	size_t len = wire_cursor_u8(c);
	const uint8_t *v = wire_cursor_bytes(c, len);

	if (v == NULL)
		return;
	if (tag != 0x02 || len == 0 || (v[0] & 0x80) != 0 ||
	    (v[0] == 0 && (len == 1 || (v[1] & 0x80) == 0))) {
		wire_cursor_fail(c, ERR_PEER_ENCODING);
		return;
	}
	if (v[0] == 0) {
		v++;
		len--;
	}
	if (len > half) {
		wire_cursor_fail(c, ERR_PEER_MALFORMED);
		return;
	}
	memcpy(out + half - len, v, len);
}

int
crypto_ecdsa_der_to_raw(
    const uint8_t *der, size_t der_len, uint8_t *raw, size_t raw_len)
{
	uint8_t both[2 * HALF_MAX] = { 0 };
	size_t half = raw_len / 2;
	struct cursor c;
	int rc;

	if (raw_len != 64 && raw_len != 96)
		return ERR_PEER_MALFORMED;
	wire_cursor_init(&c, der, der_len);
	if (wire_cursor_u8(&c) != 0x30 ||
	    wire_cursor_u8(&c) != wire_cursor_left(&c))
		wire_cursor_fail(&c, ERR_PEER_ENCODING);
	get_integer(&c, both, half);
	get_integer(&c, both + half, half);
	rc = wire_cursor_done(&c);
	if (rc == 0)
		memcpy(raw, both, raw_len);
	return rc;
}
