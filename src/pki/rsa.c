/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/rsa.h"

#include <stdbool.h>

#include <openssl/bn.h>

enum {
	BITS_MIN = 2048,
	BITS_MAX = 4096,
	FACTOR_MAX = 751,
	ROCA_PRIME_MAX = 167,
	FERMAT_ROUNDS = 100
};

static int
bad(const char **why, const char *text)
{

	if (why != NULL)
		*why = text;
	return ERR_PEER_KEY;
}

static bool
is_prime(unsigned n)
{
	unsigned d;

	for (d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n >= 2;
}

static bool
has_small_factor(const BIGNUM *n)
{
	unsigned p;

	for (p = 2; p <= FACTOR_MAX; p++)
		if (is_prime(p) && BN_mod_word(n, p) == 0)
			return true;
	return false;
}

/* Whether ${r} is a power of 65537 modulo the prime ${p}. */
static bool
in_subgroup(unsigned r, unsigned p)
{
	unsigned g = 65537 % p, x = 1, i;

	for (i = 0; i < p; i++) {
		if (x == r)
			return true;
		x = x * g % p;
	}
	return false;
}

/*
 * The Infineon library made primes k * M + (65537^a mod M), M the product of
 * the first primes, so that modulo each of them the key is a power of 65537
 * (Nemec et al., "The Return of Coppersmith's Attack", section 3.3).
 */
static bool
is_roca(const BIGNUM *n)
{
	unsigned p;

	for (p = 3; p <= ROCA_PRIME_MAX; p++)
		if (is_prime(p) && !in_subgroup((unsigned)BN_mod_word(n, p), p))
			return false;
	return true;
}

/* The greatest integer whose square is at most ${n}, by Newton's method. */
static bool
isqrt(BIGNUM *root, const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *next;
	bool ok = false;

	BN_CTX_start(ctx);
	if ((next = BN_CTX_get(ctx)) == NULL)
		goto out;
	/* Start above the root; the sequence then falls until it is there. */
	BN_zero(root);
	if (!BN_set_bit(root, (BN_num_bits(n) + 1) / 2))
		goto out;
	for (;;) {
		if (!BN_div(next, NULL, n, root, ctx) ||
		    !BN_add(next, next, root) || !BN_rshift1(next, next))
			goto out;
		if (BN_cmp(next, root) >= 0)
			break;
		if (BN_copy(root, next) == NULL)
			goto out;
	}
	ok = true;
out:
	BN_CTX_end(ctx);
	return ok;
}

/* 1 square, 0 not, -1 out of memory.  Most numbers fail modulo 63 or 65. */
static int
is_square(const BIGNUM *n, BN_CTX *ctx)
{
	static const unsigned moduli[] = { 64, 63, 65, 11, 17, 19, 23 };
	BIGNUM *root;
	unsigned m, r, x;
	size_t i;
	int rc = -1;

	for (i = 0; i < sizeof(moduli) / sizeof(moduli[0]); i++) {
		m = moduli[i];
		r = (unsigned)BN_mod_word(n, m);
		for (x = 0; x < m && x * x % m != r; x++)
			;
		if (x == m)
			return 0;
	}
	BN_CTX_start(ctx);
	if ((root = BN_CTX_get(ctx)) != NULL && isqrt(root, n, ctx) &&
	    BN_sqr(root, root, ctx))
		rc = BN_cmp(root, n) == 0;
	BN_CTX_end(ctx);
	return rc;
}

/* 1 if n = a^2 - b^2 with a among the first rounds, 0 if not, -1 no memory. */
static int
fermat(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *a, *b2, *step;
	int i, rc = -1;

	BN_CTX_start(ctx);
	a = BN_CTX_get(ctx);
	b2 = BN_CTX_get(ctx);
	step = BN_CTX_get(ctx);
	if (step == NULL || !isqrt(a, n, ctx))
		goto out;
	for (i = 0; i < FERMAT_ROUNDS; i++) {
		if (!BN_sqr(b2, a, ctx) || !BN_sub(b2, b2, n))
			goto out;
		if (!BN_is_negative(b2) && (rc = is_square(b2, ctx)) != 0)
			goto out;
		rc = -1;
		if (!BN_add_word(a, 1))
			goto out;
	}
	rc = 0;
out:
	BN_CTX_end(ctx);
	return rc;
}

static int
check_modulus(const BIGNUM *n, BN_CTX *ctx, const char **why)
{
	int bits = BN_num_bits(n), rc;

	if (bits < BITS_MIN || bits > BITS_MAX)
		return bad(why, "RSA modulus is not of 2048..4096 bits");
	if (has_small_factor(n))
		return bad(why, "RSA modulus has a factor below 752");
	if (is_roca(n))
		return bad(why, "RSA key of CVE-2017-15361 (ROCA)");
	if ((rc = fermat(n, ctx)) < 0)
		return ERR_SYS_NOMEM;
	return rc == 0 ? 0 : bad(why, "RSA primes are close together");
}

int
pki_rsa_check(
    struct pki_bytes modulus, struct pki_bytes exponent, const char **why)
{
	static const uint8_t f4[] = { 1, 0, 1 };
	BIGNUM *n = NULL, *e = NULL, *want = NULL;
	BN_CTX *ctx = NULL;
	int rc = ERR_SYS_NOMEM;

	if (modulus.len > BITS_MAX / 8 + 1 || exponent.len > 16)
		return bad(why, "RSA key is too large");
	if ((ctx = BN_CTX_new()) == NULL ||
	    (n = BN_bin2bn(modulus.data, (int)modulus.len, NULL)) == NULL ||
	    (e = BN_bin2bn(exponent.data, (int)exponent.len, NULL)) == NULL ||
	    (want = BN_bin2bn(f4, sizeof(f4), NULL)) == NULL)
		goto out;
	if (BN_cmp(e, want) != 0)
		rc = bad(why, "RSA exponent is not 65537");
	else
		rc = check_modulus(n, ctx, why);
out:
	BN_free(want);
	BN_free(e);
	BN_free(n);
	BN_CTX_free(ctx);
	return rc;
}
