/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_SHAMIR_H
#define CRYPTO_SHAMIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Secret sharing (Shamir, "How to share a secret", 1979): 32 octets split so
 * that any k of n shares give them back and fewer say nothing.  Each octet is
 * the constant term of its own random polynomial of degree k - 1 over GF(2^8)
 * with the polynomial 0x11b, and a share is the polynomials' values at x.
 * Time depends on k and n only.
 */
struct rng;

enum {
	CRYPTO_SHAMIR_LEN = 32,
	CRYPTO_SHAMIR_MAX = 16,	 /* shares */
	CRYPTO_SHAMIR_CHECK = 4, /* octets of SHA-256 over x and y */
	/* x, y, check: how a share is written down. */
	CRYPTO_SHAMIR_SHARE_LEN = 1 + CRYPTO_SHAMIR_LEN + CRYPTO_SHAMIR_CHECK
};

struct crypto_shamir_share {
	uint8_t x; /* 1 to 255 */
	uint8_t y[CRYPTO_SHAMIR_LEN];
};

/**
 * crypto_shamir_split(secret, k, n, rng, ret):
 * Write ${n} shares with x = 1 to ${n}, of which any ${k} give back
 * ${secret}.  ERR_STATE_USAGE unless 2 <= k <= n <= 16, ERR_SYS_RNG.
 */
MUST_CHECK int crypto_shamir_split(const uint8_t secret[CRYPTO_SHAMIR_LEN],
    unsigned k, unsigned n, const struct rng *rng,
    struct crypto_shamir_share *ret);

/**
 * crypto_shamir_join(shares, n, ret):
 * Compute what ${n} shares give.  With fewer than k, or with a wrong one, that
 * is some other value: whoever uses it has to notice.  ERR_STATE_USAGE unless
 * 2 <= n <= 16, ERR_PEER_MALFORMED for x = 0, ERR_PEER_DUPLICATE for two of
 * the same x.
 */
MUST_CHECK int crypto_shamir_join(const struct crypto_shamir_share *shares,
    unsigned n, uint8_t ret[CRYPTO_SHAMIR_LEN]);

/**
 * crypto_shamir_encode(share, out), crypto_shamir_parse(in, ret):
 * Write a share with its check; read one: ERR_PEER_MISMATCH when the check is
 * wrong, a slip of the pen.
 */
void crypto_shamir_encode(const struct crypto_shamir_share *share,
    uint8_t out[CRYPTO_SHAMIR_SHARE_LEN]);
MUST_CHECK int crypto_shamir_parse(
    const uint8_t in[CRYPTO_SHAMIR_SHARE_LEN], struct crypto_shamir_share *ret);

#endif
