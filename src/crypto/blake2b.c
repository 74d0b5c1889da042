/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/blake2b.h"

#include <stdbool.h>
#include <string.h>

#include "base/assert.h"
#include "base/wipe.h"

/* RFC 7693 section 2.6: the initialisation vector of SHA-512. */
static const uint64_t iv[8] = { 0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu,
	0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u, 0x510e527fade682d1u,
	0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u };

/* RFC 7693 section 2.7; rounds 10 and 11 repeat 0 and 1. */
static const uint8_t sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static uint64_t
rotr(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static uint64_t
load_le(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

/* The mixing function G of section 3.1, on words a, b, c, d of v. */
static inline void
mix(uint64_t v[16], const uint8_t at[4], uint64_t x, uint64_t y)
{
	uint64_t a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];

	a += b + x;
	d = rotr(d ^ a, 32);
	c += d;
	b = rotr(b ^ c, 24);
	a += b + y;
	d = rotr(d ^ a, 16);
	c += d;
	b = rotr(b ^ c, 63);
	v[at[0]] = a;
	v[at[1]] = b;
	v[at[2]] = c;
	v[at[3]] = d;
}

/* The compression function F of section 3.2 on the buffered block. */
static void
compress(struct crypto_blake2b *s, const uint8_t *block, bool last)
{
	static const uint8_t where[8][4] = { { 0, 4, 8, 12 }, { 1, 5, 9, 13 },
		{ 2, 6, 10, 14 }, { 3, 7, 11, 15 }, { 0, 5, 10, 15 },
		{ 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 } };
	uint64_t v[16], m[16];

	for (size_t i = 0; i < 16; i++)
		m[i] = load_le(block + 8 * i);
	memcpy(v, s->h, sizeof(s->h));
	memcpy(v + 8, iv, sizeof(iv));
	v[12] ^= s->counted;
	if (last)
		v[14] = ~v[14];
	for (size_t round = 0; round < 12; round++) {
		const uint8_t *order = sigma[round % 10];

		for (size_t i = 0; i < 8; i++)
			mix(v, where[i], m[order[2 * i]], m[order[2 * i + 1]]);
	}
	for (size_t i = 0; i < 8; i++)
		s->h[i] ^= v[i] ^ v[i + 8];
	base_wipe(v, sizeof(v));
	base_wipe(m, sizeof(m));
}

void
crypto_blake2b_init(struct crypto_blake2b *s, size_t out_len,
    const uint8_t *key, size_t key_len)
{
	TROTH_ASSERT(out_len >= 1);
	TROTH_ASSERT(out_len <= CRYPTO_BLAKE2B_LEN_MAX);
	TROTH_ASSERT(key_len <= CRYPTO_BLAKE2B_KEY_MAX);
	*s = (struct crypto_blake2b){ .out_len = out_len };
	memcpy(s->h, iv, sizeof(iv));
	s->h[0] ^= 0x01010000u ^ (uint64_t)key_len << 8 ^ out_len;
	if (key_len > 0) {
		memcpy(s->block, key, key_len);
		s->block_len = CRYPTO_BLAKE2B_BLOCK;
	}
}

void
crypto_blake2b_update(struct crypto_blake2b *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;

	while (len > 0) {
		if (s->block_len == CRYPTO_BLAKE2B_BLOCK) {
			s->counted += CRYPTO_BLAKE2B_BLOCK;
			compress(s, s->block, false);
			s->block_len = 0;
		}
		n = CRYPTO_BLAKE2B_BLOCK - s->block_len;
		n = n < len ? n : len;
		memcpy(s->block + s->block_len, p, n);
		s->block_len += n;
		p += n;
		len -= n;
	}
}

void
crypto_blake2b_final(struct crypto_blake2b *s, uint8_t *out)
{
	s->counted += s->block_len;
	memset(s->block + s->block_len, 0, CRYPTO_BLAKE2B_BLOCK - s->block_len);
	compress(s, s->block, true);
	for (size_t i = 0; i < s->out_len; i++)
		out[i] = (uint8_t)(s->h[i / 8] >> (8 * (i % 8)));
	base_wipe(s, sizeof(*s));
}

void
crypto_blake2b_512(const void *data, size_t len, uint8_t out[64])
{
	struct crypto_blake2b s;

	crypto_blake2b_init(&s, 64, NULL, 0);
	crypto_blake2b_update(&s, data, len);
	crypto_blake2b_final(&s, out);
}
