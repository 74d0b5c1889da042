/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/shamir.h"

#include <string.h>

#include "base/ct.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/sha2.h"

enum { LEN = CRYPTO_SHAMIR_LEN, MAX = CRYPTO_SHAMIR_MAX };

/* The product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned p = 0, u = a, i;

	for (i = 0; i < 8; i++) {
		p ^= u & (0u - ((unsigned)b >> i & 1));
		u = u << 1 ^ (0x11b & (0u - (u >> 7)));
	}
	return (uint8_t)p;
}

/* 1 / a = a^254; 0 for 0. */
static uint8_t
invert(uint8_t a)
{
	uint8_t r = 1;
	int i;

	/* 254 = 11111110 in binary. */
	for (i = 0; i < 7; i++) {
		r = multiply(r, r);
		r = multiply(r, a);
	}
	return multiply(r, r);
}

int
crypto_shamir_split(const uint8_t secret[LEN], unsigned k, unsigned n,
    const struct rng *rng, struct crypto_shamir_share *ret)
{
	uint8_t coefficient[MAX - 1][LEN];
	unsigned i, j, c;
	uint8_t x, y;
	int rc;

	if (k < 2 || k > n || n > MAX)
		return ERR_STATE_USAGE;
	rc = base_rng_fill(rng, coefficient[0], (size_t)(k - 1) * LEN);
	if (rc != 0)
		return rc;
	for (i = 0; i < n; i++) {
		x = ret[i].x = (uint8_t)(i + 1);
		for (j = 0; j < LEN; j++) {
			y = 0;
			for (c = k - 1; c > 0; c--)
				y = multiply(y, x) ^ coefficient[c - 1][j];
			ret[i].y[j] = multiply(y, x) ^ secret[j];
		}
	}
	base_wipe(coefficient, sizeof(coefficient));
	return 0;
}

int
crypto_shamir_join(
    const struct crypto_shamir_share *shares, unsigned n, uint8_t ret[LEN])
{
	uint8_t out[LEN] = { 0 }, weight;
	unsigned i, j;

	if (n < 2 || n > MAX)
		return ERR_STATE_USAGE;
	for (i = 0; i < n; i++) {
		if (shares[i].x == 0)
			return ERR_PEER_MALFORMED;
		for (j = 0; j < i; j++)
			if (shares[i].x == shares[j].x)
				return ERR_PEER_DUPLICATE;
	}
	/* Lagrange's interpolation at 0: minus is plus here. */
	for (i = 0; i < n; i++) {
		weight = 1;
		for (j = 0; j < n; j++)
			if (j != i)
				weight = multiply(weight,
				    multiply(shares[j].x,
					invert(shares[i].x ^ shares[j].x)));
		for (j = 0; j < LEN; j++)
			out[j] ^= multiply(weight, shares[i].y[j]);
	}
	memcpy(ret, out, LEN);
	base_wipe(out, sizeof(out));
	return 0;
}

void
crypto_shamir_encode(const struct crypto_shamir_share *share,
    uint8_t out[CRYPTO_SHAMIR_SHARE_LEN])
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	out[0] = share->x;
	memcpy(out + 1, share->y, LEN);
	crypto_sha2_256(out, 1 + LEN, digest);
	memcpy(out + 1 + LEN, digest, CRYPTO_SHAMIR_CHECK);
	base_wipe(digest, sizeof(digest));
}

int
crypto_shamir_parse(
    const uint8_t in[CRYPTO_SHAMIR_SHARE_LEN], struct crypto_shamir_share *ret)
{
	uint8_t again[CRYPTO_SHAMIR_SHARE_LEN];
	struct crypto_shamir_share s;
	int rc = 0;

	s.x = in[0];
	memcpy(s.y, in + 1, LEN);
	crypto_shamir_encode(&s, again);
	if (!base_ct_equal(again, in, sizeof(again)))
		rc = ERR_PEER_MISMATCH;
	else if (s.x == 0)
		rc = ERR_PEER_MALFORMED;
	else
		*ret = s;
	base_wipe(&s, sizeof(s));
	base_wipe(again, sizeof(again));
	return rc;
}
