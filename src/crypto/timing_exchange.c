/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret keys of key exchange and signatures.  Not here: ECDSA and RSA, and
 * ML-DSA, whose rejection of candidates (FIPS 204 section 3.2) depends on
 * secrets by design, which this method cannot tell from a leak.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing_test.h"
#include "crypto/ed25519.h"
#include "crypto/hybrid_internal.h"
#include "crypto/x25519.h"
#include "crypto/xeddsa.h"

static const uint8_t base_point[32] = { 9 };
static const struct crypto_bytes known = { (const uint8_t *)"known bytes", 11 };
static uint8_t secret[64], out[64], pub[CRYPTO_MLKEM1024_PUBLIC_LEN],
    ct[CRYPTO_MLKEM1024_CIPHERTEXT_LEN];

static void
make_secret(void)
{
	memset(secret, 7, sizeof(secret));
	timing_secret(secret, sizeof(secret));
}

static int
secret_fill(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	memset(buf, 5, len);
	timing_secret(buf, len);
	return 0;
}

static const struct rng secret_rng = { secret_fill, NULL };

static void
x25519_public(void)
{
	make_secret();
	(void)timing_public_int(crypto_x25519_public(secret, out));
}

/* The decision, once in OpenSSL and once in ours: whether all is zero. */
static void
x25519_shared(void)
{
	make_secret();
	(void)timing_public_int(crypto_x25519_shared(secret, base_point, out));
}

static void
ed25519_sign(void)
{
	make_secret();
	(void)timing_public_int(crypto_ed25519_sign(secret, "message", 7, out));
}

static void
xeddsa_sign(void)
{
	make_secret();
	(void)timing_public_int(
	    crypto_xeddsa_sign(secret, known, &secret_rng, out));
}

/*
 * OpenSSL expands a key with the public matrix's seed, which the algorithm
 * derives from the secret one, and tests the pair; the key stays secret.
 */
static struct crypto_mlkem *
mlkem_key(enum crypto_mlkem_alg alg)
{
	struct crypto_mlkem *k = NULL;
	int rc;

	make_secret();
	timing_pause();
	rc = timing_public_int(crypto_mlkem_new(alg, secret, &k));
	if (rc == 0)
		rc = timing_public_int(crypto_mlkem_public(k, pub));
	timing_public(pub, sizeof(pub));
	if (rc != 0)
		abort();
	timing_resume();
	return k;
}

static void
mlkem(enum crypto_mlkem_alg alg, uint8_t flip)
{
	struct crypto_mlkem *k = mlkem_key(alg);

	if (timing_public_int(
		crypto_mlkem_encaps(alg, pub, &secret_rng, ct, out)) != 0)
		abort();
	timing_public(ct, sizeof(ct));
	ct[100] ^= flip;
	if (timing_public_int(crypto_mlkem_decaps(k, ct, out)) != 0)
		abort();
	crypto_mlkem_free(k);
}

static void
mlkem768(void)
{
	mlkem(CRYPTO_MLKEM768, 0);
}

static void
mlkem1024(void)
{
	mlkem(CRYPTO_MLKEM1024, 0);
}

/* Nobody may learn that a ciphertext was rejected. */
static void
mlkem1024_reject(void)
{
	mlkem(CRYPTO_MLKEM1024, 1);
}

static void
hybrid_combine(void)
{
	struct hybrid_exchange x = {
		.alg = CRYPTO_MLKEM1024, .label = known, .pub = pub, .ct = ct
	};

	memset(x.shares, 3, sizeof(x.shares));
	timing_secret(x.shares, sizeof(x.shares));
	crypto_hybrid_combine(&x, out);
}

/* As a seed that decides how long a loop runs. */
static void
leak(void)
{
	static volatile unsigned sink;

	make_secret();
	for (uint8_t i = 0; i < secret[0]; i++)
		sink++;
}

int
main(void)
{
	static const struct timing_case cases[] = {
		{ "x25519 public", x25519_public, 0 },
		{ "x25519 shared", x25519_shared, 2 },
		{ "ed25519 sign", ed25519_sign, 0 },
		{ "xeddsa sign", xeddsa_sign, 0 },
		{ "ml-kem-768", mlkem768, 0 },
		{ "ml-kem-1024", mlkem1024, 0 },
		{ "ml-kem-1024 implicit rejection", mlkem1024_reject, 0 },
		{ "hybrid combiner", hybrid_combine, 0 },
		{ "a loop's length", leak, TIMING_LEAKS },
	};

	return timing_run(cases, sizeof(cases) / sizeof(cases[0]));
}
