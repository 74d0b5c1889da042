/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/utf8.h"

int
wire_utf8_next(const char *s, size_t len, size_t *pos, uint32_t *ret)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)s + *pos;
	size_t left = len - *pos, n, i;
	uint32_t c;

	if (left == 0)
		return 0;
	if (p[0] < 0x80) {
		n = 1;
		c = p[0];
	} else if ((p[0] & 0xe0) == 0xc0) {
		n = 2;
		c = p[0] & 0x1fu;
	} else if ((p[0] & 0xf0) == 0xe0) {
		n = 3;
		c = p[0] & 0x0fu;
	} else if ((p[0] & 0xf8) == 0xf0) {
		n = 4;
		c = p[0] & 0x07u;
	} else {
		return 0;
	}
	if (left < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*pos += n;
	*ret = c;
	return 1;
}

bool
wire_utf8_valid(const void *s, size_t len)
{
	uint32_t c;

	for (size_t pos = 0; pos < len;)
		if (!wire_utf8_next(s, len, &pos, &c))
			return false;
	return true;
}
