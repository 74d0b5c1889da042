/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_body.h"

#include <string.h>

#include "base/arena.h"
#include "wire/base64.h"
#include "wire/cursor.h"

static bool
literal(struct cursor *c, const char *text)
{
	size_t len = strlen(text);
	const uint8_t *p = wire_cursor_bytes(c, len);

	return p != NULL && memcmp(p, text, len) == 0;
}

/* The characters up to the next quotation mark as octets. */
static bool
string(struct cursor *c, struct arena *a, struct pki_bytes *ret)
{
	const uint8_t *end, *text;
	uint8_t *out;
	size_t len, n;

	end = memchr(c->pos, '"', wire_cursor_left(c));
	if (end == NULL)
		return false;
	len = (size_t)(end - c->pos);
	text = wire_cursor_bytes(c, len);
	out = base_arena_alloc(a, WIRE_BASE64_DECODED_MAX(len));
	if (text == NULL || out == NULL ||
	    wire_base64_decode(WIRE_BASE64_STD, (const char *)text, len, out,
		WIRE_BASE64_DECODED_MAX(len), &n) != 0)
		return false;
	ret->data = out;
	ret->len = n;
	return true;
}

bool
ct_body_chain(const void *text, size_t len, struct arena *a,
    struct pki_bytes *ret, size_t max, size_t *ret_n)
{
	struct cursor c;
	size_t n;

	wire_cursor_init(&c, text, len);
	if (!literal(&c, "{\"chain\":[\""))
		return false;
	for (n = 0; n < max; n++) {
		if (!string(&c, a, &ret[n]) || !literal(&c, "\""))
			return false;
		if (wire_cursor_left(&c) == 2) {
			*ret_n = n + 1;
			return literal(&c, "]}");
		}
		if (!literal(&c, ",\""))
			return false;
	}
	return false;
}
