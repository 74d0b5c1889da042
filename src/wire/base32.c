/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/base32.h"

#include "base/wipe.h"

/* All ones if a < b, for values below 2^31. */
static uint32_t
below(uint32_t a, uint32_t b)
{
	return 0u - ((a - b) >> 31);
}

/* A to Z, then 2 to 7. */
static char
digit(uint32_t v)
{
	uint32_t letter = below(v, 26);

	return (char)((letter & ('A' + v)) | (~letter & ('2' + v - 26)));
}

size_t
wire_base32_encode(const uint8_t *data, size_t len, char *out)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		acc = acc << 8 | data[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = digit(acc >> (bits - 5) & 31);
		acc &= 31;
	}
	if (bits > 0)
		out[n++] = digit(acc << (5 - bits) & 31);
	out[n] = '\0';
	return n;
}

/* The value of a character; bit 31 is set when it is none. */
static uint32_t
value(char c)
{
	uint32_t u = (uint8_t)c;
	uint32_t small = below('a' - 1, u) & below(u, 'z' + 1);
	uint32_t letter, number;

	u -= small & ('a' - 'A');
	letter = below('A' - 1, u) & below(u, 'Z' + 1);
	number = below('2' - 1, u) & below(u, '7' + 1);
	return (letter & (u - 'A')) | (number & (u - '2' + 26)) |
	       (~(letter | number) & (1u << 31));
}

int
wire_base32_decode(
    const char *s, size_t s_len, uint8_t *out, size_t cap, size_t *ret_len)
{
	uint32_t acc = 0, bad = 0, v;
	size_t i, n = 0, want = s_len / 8 * 5 + s_len % 8 * 5 / 8;
	unsigned bits = 0;

	/* RFC 4648 section 6: 1, 3 or 6 characters left over are no bytes. */
	if (s_len % 8 == 1 || s_len % 8 == 3 || s_len % 8 == 6)
		return ERR_PEER_MALFORMED;
	if (want > cap)
		return ERR_PEER_TOO_LARGE;
	for (i = 0; i < s_len; i++) {
		v = value(s[i]);
		bad |= v >> 31;
		acc = acc << 5 | (v & 31);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(acc >> bits);
			acc &= (1u << bits) - 1;
		}
	}
	if (bad == 0 && acc == 0) {
		*ret_len = n;
		return 0;
	}
	base_wipe(out, n);
	return bad != 0 ? ERR_PEER_MALFORMED : ERR_PEER_ENCODING;
}
