/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/bech32.h"

#include <stdbool.h>
#include <string.h>

#include "base/wipe.h"

#define SUM_LEN 6

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The checksum's state after one more group of five bits (BIP 173). */
static uint32_t
step(uint32_t sum, unsigned v)
{
	static const uint32_t gen[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
		0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;
	unsigned i;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (i = 0; i < 5; i++)
		sum ^= (0U - (top >> i & 1)) & gen[i];
	return sum;
}

static uint32_t
begin(const char *prefix)
{
	uint32_t sum = 1;
	const char *p;

	for (p = prefix; *p != '\0'; p++)
		sum = step(sum, (unsigned char)*p >> 5);
	sum = step(sum, 0);
	for (p = prefix; *p != '\0'; p++)
		sum = step(sum, (unsigned char)*p & 31);
	return sum;
}

size_t
wire_bech32_encode(
    const char *prefix, const uint8_t *data, size_t len, char *out)
{
	uint32_t sum = begin(prefix), acc = 0;
	char *start = out;
	unsigned bits = 0, v;
	size_t i;

	memcpy(out, prefix, strlen(prefix));
	out += strlen(prefix);
	*out++ = '1';
	for (i = 0; i < len || bits > 0;) {
		if (bits < 5 && i < len) {
			acc = acc << 8 | data[i++];
			bits += 8;
		} else if (bits < 5) {
			acc <<= 5 - bits;
			bits = 5;
		}
		bits -= 5;
		v = acc >> bits & 31;
		acc &= (1U << bits) - 1;
		sum = step(sum, v);
		*out++ = charset[v];
	}
	for (i = 0; i < SUM_LEN; i++)
		sum = step(sum, 0);
	sum ^= 1;
	for (i = 0; i < SUM_LEN; i++)
		*out++ = charset[sum >> 5 * (5 - i) & 31];
	*out = '\0';
	return (size_t)(out - start);
}

static bool
one_case(const char *s)
{
	bool small = false, capital = false;

	for (; *s != '\0'; s++) {
		small = small || (*s >= 'a' && *s <= 'z');
		capital = capital || (*s >= 'A' && *s <= 'Z');
	}
	return !small || !capital;
}

static int
take(const char *prefix, const char *s, uint8_t *out, size_t len)
{
	size_t n = strlen(prefix), groups = (len * 8 + 4) / 5, i, at = 0;
	uint32_t sum = begin(prefix), acc = 0;
	const char *p;
	unsigned bits = 0;

	if (strlen(s) != n + 1 + groups + SUM_LEN || !one_case(s))
		return ERR_PEER_MALFORMED;
	for (i = 0; i < n; i++)
		if (lower(s[i]) != prefix[i])
			return ERR_PEER_MALFORMED;
	if (s[n] != '1')
		return ERR_PEER_MALFORMED;
	for (i = 0; i < groups + SUM_LEN; i++) {
		p = memchr(charset, lower(s[n + 1 + i]), 32);
		if (p == NULL)
			return ERR_PEER_MALFORMED;
		sum = step(sum, (unsigned)(p - charset));
		if (i >= groups)
			continue;
		acc = acc << 5 | (uint32_t)(p - charset);
		bits += 5;
		if (bits >= 8 && at < len) {
			bits -= 8;
			out[at++] = (uint8_t)(acc >> bits);
			acc &= (1U << bits) - 1;
		}
	}
	return sum != 1 || acc != 0 ? ERR_PEER_ENCODING : 0;
}

int
wire_bech32_decode(const char *prefix, const char *s, uint8_t *out, size_t len)
{
	int rc = strlen(s) > WIRE_BECH32_TEXT_MAX ? ERR_PEER_MALFORMED
						  : take(prefix, s, out, len);

	if (rc != 0)
		base_wipe(out, len);
	return rc;
}
