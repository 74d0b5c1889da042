/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/hex.h"

void
wire_hex_encode(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[data[i] >> 4];
		*out++ = digits[data[i] & 15];
	}
	*out = 0;
}

static int
value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
wire_hex_decode(
    const char *s, size_t s_len, uint8_t *out, size_t cap, size_t *ret_len)
{
	int hi, lo;

	if (s_len % 2 != 0)
		return ERR_PEER_MALFORMED;
	if (s_len / 2 > cap)
		return ERR_PEER_TOO_LARGE;
	for (size_t i = 0; i < s_len; i += 2) {
		hi = value(s[i]);
		lo = value(s[i + 1]);
		if (hi < 0 || lo < 0)
			return ERR_PEER_MALFORMED;
		out[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*ret_len = s_len / 2;
	return 0;
}
