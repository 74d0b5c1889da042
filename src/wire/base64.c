/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/base64.h"

static const char alphabet[3][65] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
};

size_t
wire_base64_encode(
    enum wire_base64_kind kind, const uint8_t *data, size_t len, char *out)
{
	const char *a = alphabet[kind], *start = out;
	size_t i;
	uint32_t v;

	for (i = 0; i + 3 <= len; i += 3) {
		v = (uint32_t)data[i] << 16 | (uint32_t)data[i + 1] << 8 |
		    data[i + 2];
		*out++ = a[v >> 18];
		*out++ = a[v >> 12 & 63];
		*out++ = a[v >> 6 & 63];
		*out++ = a[v & 63];
	}
	if (i < len) {
		v = (uint32_t)data[i] << 16;
		if (i + 1 < len)
			v |= (uint32_t)data[i + 1] << 8;
		*out++ = a[v >> 18];
		*out++ = a[v >> 12 & 63];
		if (i + 1 < len)
			*out++ = a[v >> 6 & 63];
		else if (kind == WIRE_BASE64_STD)
			*out++ = '=';
		if (kind == WIRE_BASE64_STD)
			*out++ = '=';
	}
	*out = 0;
	return (size_t)(out - start);
}

static int
value(enum wire_base64_kind kind, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[kind][62])
		return 62;
	if (c == alphabet[kind][63])
		return 63;
	return -1;
}

/* Remove the padding that RFC 4648 section 3.2 requires of the kind. */
static int
unpad(enum wire_base64_kind kind, const char *s, size_t *len)
{
	if (kind == WIRE_BASE64_STD) {
		if (*len % 4 != 0)
			return ERR_PEER_MALFORMED;
		if (*len > 0 && s[*len - 1] == '=')
			--*len;
		if (*len % 4 == 3 && s[*len - 1] == '=')
			--*len;
	}
	return *len % 4 == 1 ? ERR_PEER_MALFORMED : 0;
}

int
wire_base64_decode(enum wire_base64_kind kind, const char *s, size_t s_len,
    uint8_t *out, size_t cap, size_t *ret_len)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t n = 0;
	int rc, v;

	if ((rc = unpad(kind, s, &s_len)) != 0)
		return rc;
	if (s_len / 4 * 3 + s_len % 4 * 3 / 4 > cap)
		return ERR_PEER_TOO_LARGE;
	for (size_t i = 0; i < s_len; i++) {
		if ((v = value(kind, s[i])) < 0)
			return ERR_PEER_MALFORMED;
		acc = acc << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(acc >> bits);
			acc &= (1u << bits) - 1;
		}
	}
	/* RFC 4648 section 3.5: the bits left over must be zero. */
	if (acc != 0)
		return ERR_PEER_ENCODING;
	*ret_len = n;
	return 0;
}
