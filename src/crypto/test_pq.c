/* SPDX-License-Identifier: Apache-2.0 */
/* Wycheproof (with NIST's ACVP cases): X25519, ML-KEM and ML-DSA. */
#include "crypto/mldsa.h"
#include "crypto/mlkem.h"
#include "crypto/x25519.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"

/* ${member} as bytes; empty when the case has none, or null. */
static struct test_bytes
optional(const json_t *t, const char *member)
{
	if (json_is_string(json_object_get(t, member)))
		return crypto_testvec_bytes(t, member);
	return (struct test_bytes){ calloc(1, 1), 0 };
}

static bool
has_flag(const json_t *t, const char *flag)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(t, "flags"), i, f)
	{
		if (strcmp(json_string_value(f), flag) == 0)
			return true;
	}
	return false;
}

/* Run ${one} on every case of a file; it returns whether it looked at it. */
static size_t
each(const char *name, bool (*one)(const json_t *group, const json_t *t))
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			n += one(g, t);
		}
	}
	json_decref(j);
	return n;
}

/* All results are right but zero ones, which are refused and wiped. */
static bool
x25519_case(const json_t *g, const json_t *t)
{
	static const uint8_t zero[32], base[32] = { 9 };
	struct test_bytes pub = crypto_testvec_bytes(t, "public");
	struct test_bytes priv = crypto_testvec_bytes(t, "private");
	struct test_bytes want = crypto_testvec_bytes(t, "shared");
	uint8_t out[32], own[32];
	int rc;

	(void)g;
	/* RFC 7748 section 6.1: the public key is X25519(secret, 9). */
	assert_int_equal(crypto_x25519_public(priv.data, own), 0);
	assert_int_equal(crypto_x25519_shared(priv.data, base, out), 0);
	assert_memory_equal(own, out, 32);
	memset(out, 0xaa, sizeof(out));
	rc = crypto_x25519_shared(priv.data, pub.data, out);
	assert_memory_equal(out, want.data, 32);
	assert_int_equal(
	    rc, memcmp(want.data, zero, 32) == 0 ? ERR_PEER_KEY : 0);
	free(pub.data);
	free(priv.data);
	free(want.data);
	return true;
}

static void
test_x25519(void **state)
{
	(void)state;
	assert_in_range(
	    each("wycheproof/x25519_test.json.gz", x25519_case), 500, 600);
}

static enum crypto_mlkem_alg
mlkem_alg(const json_t *g)
{
	const char *set = json_string_value(json_object_get(g, "parameterSet"));

	return strcmp(set, "ML-KEM-768") == 0 ? CRYPTO_MLKEM768
					      : CRYPTO_MLKEM1024;
}

/*
 * Key generation and decapsulation.  Implicit rejection counts as valid with
 * the pseudorandom secret; what is invalid has a wrong length, which our
 * fixed-size interface cannot express.
 */
static bool
decaps_case(const json_t *g, const json_t *t)
{
	const enum crypto_mlkem_alg alg = mlkem_alg(g);
	struct test_bytes seed = crypto_testvec_bytes(t, "seed");
	struct test_bytes ek = optional(t, "ek");
	struct test_bytes c = crypto_testvec_bytes(t, "c");
	struct test_bytes want = crypto_testvec_bytes(t, "K");
	const bool sized = seed.len == CRYPTO_MLKEM_SEED_LEN &&
			   c.len == crypto_mlkem_ciphertext_len(alg);
	uint8_t pub[CRYPTO_MLKEM1024_PUBLIC_LEN], secret[32];
	struct crypto_mlkem *k;

	if (crypto_testvec_verdict(t) == 1) {
		assert_true(sized);
		assert_int_equal(crypto_mlkem_new(alg, seed.data, &k), 0);
		assert_int_equal(crypto_mlkem_public(k, pub), 0);
		if (ek.len > 0)
			assert_memory_equal(pub, ek.data, ek.len);
		assert_int_equal(crypto_mlkem_decaps(k, c.data, secret), 0);
		assert_memory_equal(secret, want.data, 32);
		crypto_mlkem_free(k);
	} else {
		assert_false(sized);
	}
	free(seed.data);
	free(ek.data);
	free(c.data);
	free(want.data);
	return crypto_testvec_verdict(t) == 1;
}

/* Encapsulation with a given message; keys out of range are refused. */
static bool
encaps_case(const json_t *g, const json_t *t)
{
	const enum crypto_mlkem_alg alg = mlkem_alg(g);
	struct test_bytes m = crypto_testvec_bytes(t, "m");
	struct test_bytes ek = crypto_testvec_bytes(t, "ek");
	struct test_bytes c = crypto_testvec_bytes(t, "c");
	struct test_bytes want = crypto_testvec_bytes(t, "K");
	struct rng rng = { crypto_testvec_fill, &m };
	uint8_t ct[CRYPTO_MLKEM1024_CIPHERTEXT_LEN], secret[32];
	const bool sized = ek.len == crypto_mlkem_public_len(alg);
	int rc;

	if (sized) {
		rc = crypto_mlkem_encaps(alg, ek.data, &rng, ct, secret);
		if (crypto_testvec_verdict(t) == 1) {
			assert_int_equal(rc, 0);
			assert_memory_equal(ct, c.data, c.len);
			assert_memory_equal(secret, want.data, 32);
		} else {
			assert_int_equal(
			    rc, m.len == 32 ? ERR_PEER_KEY : ERR_SYS_RNG);
		}
	}
	free(m.data);
	free(ek.data);
	free(c.data);
	free(want.data);
	return sized;
}

static void
test_mlkem(void **state)
{
	(void)state;
	assert_in_range(
	    each("wycheproof/mlkem_768_test.json.gz", decaps_case), 150, 200);
	assert_in_range(
	    each("wycheproof/mlkem_1024_test.json.gz", decaps_case), 150, 200);
	assert_in_range(
	    each("wycheproof/mlkem_768_encaps_test.json.gz", encaps_case), 200,
	    300);
	assert_in_range(
	    each("wycheproof/mlkem_1024_encaps_test.json.gz", encaps_case), 200,
	    300);
}

/* A decapsulation with one bit of the ciphertext flipped is no error. */
static void
test_mlkem_implicit_rejection(void **state)
{
	uint8_t seed[64], ek[CRYPTO_MLKEM768_PUBLIC_LEN];
	uint8_t ct[CRYPTO_MLKEM768_CIPHERTEXT_LEN], a[32], b[32];
	uint8_t m_bytes[32] = { 7 };
	struct test_bytes m = { m_bytes, 32 };
	struct rng rng = { crypto_testvec_fill, &m };
	struct crypto_mlkem *k;

	(void)state;
	memset(seed, 0x5a, sizeof(seed));
	assert_int_equal(crypto_mlkem_new(CRYPTO_MLKEM768, seed, &k), 0);
	assert_int_equal(crypto_mlkem_public(k, ek), 0);
	assert_int_equal(
	    crypto_mlkem_encaps(CRYPTO_MLKEM768, ek, &rng, ct, a), 0);
	assert_int_equal(crypto_mlkem_decaps(k, ct, b), 0);
	assert_memory_equal(a, b, 32);
	ct[500] ^= 4;
	assert_int_equal(crypto_mlkem_decaps(k, ct, b), 0);
	assert_memory_not_equal(a, b, 32);
	crypto_mlkem_free(k);
}

static enum crypto_key_type
mldsa_type(size_t public_len)
{
	if (public_len == CRYPTO_MLDSA44_PUBLIC_LEN)
		return CRYPTO_KEY_MLDSA44;
	if (public_len == CRYPTO_MLDSA65_PUBLIC_LEN)
		return CRYPTO_KEY_MLDSA65;
	if (public_len == CRYPTO_MLDSA87_PUBLIC_LEN)
		return CRYPTO_KEY_MLDSA87;
	return CRYPTO_KEY_OTHER;
}

/* Signing from the seed; "Internal" cases sign a prehash that we never do. */
static bool
sign_case(const json_t *g, const json_t *t)
{
	struct test_bytes seed = crypto_testvec_bytes(g, "privateSeed");
	struct test_bytes pub = optional(g, "publicKey");
	struct test_bytes msg = optional(t, "msg");
	struct test_bytes ctx = optional(t, "ctx");
	struct test_bytes sig = crypto_testvec_bytes(t, "sig");
	struct test_bytes rnd = optional(t, "rnd");
	struct rng rng = { crypto_testvec_fill, &rnd };
	uint8_t out[CRYPTO_MLDSA87_SIG_LEN], p[CRYPTO_MLDSA87_PUBLIC_LEN];
	enum crypto_key_type type = mldsa_type(pub.len);
	struct crypto_pkey *k;
	bool run =
	    !has_flag(t, "Internal") && seed.len == CRYPTO_MLDSA_SEED_LEN;
	int rc;

	if (run) {
		assert_int_equal(
		    crypto_mldsa_from_seed(type, seed.data, &k), 0);
		assert_int_equal(crypto_mldsa_public(k, p), 0);
		assert_memory_equal(p, pub.data, pub.len);
		rc = crypto_mldsa_sign(k,
		    (struct crypto_bytes){ ctx.data, ctx.len },
		    (struct crypto_bytes){ msg.data, msg.len },
		    rnd.len > 0 ? &rng : NULL, out);
		if (crypto_testvec_verdict(t) == 1) {
			assert_int_equal(rc, 0);
			assert_int_equal(sig.len, crypto_mldsa_sig_len(type));
			assert_memory_equal(out, sig.data, sig.len);
		} else {
			assert_int_equal(rc, ERR_SYS_LIMIT);
		}
		crypto_pkey_free(k);
	}
	free(seed.data);
	free(pub.data);
	free(msg.data);
	free(ctx.data);
	free(sig.data);
	free(rnd.data);
	return run;
}

static bool
verify_case(const json_t *g, const json_t *t)
{
	struct test_bytes pub = crypto_testvec_bytes(g, "publicKey");
	struct test_bytes msg = crypto_testvec_bytes(t, "msg");
	struct test_bytes ctx = optional(t, "ctx");
	struct test_bytes sig = crypto_testvec_bytes(t, "sig");
	enum crypto_key_type type = mldsa_type(pub.len);
	struct crypto_pkey *k;
	bool run = type != CRYPTO_KEY_OTHER;

	if (run) {
		assert_int_equal(
		    crypto_mldsa_from_public(type, pub.data, &k), 0);
		assert_int_equal(
		    crypto_mldsa_verify(k,
			(struct crypto_bytes){ ctx.data, ctx.len },
			(struct crypto_bytes){ msg.data, msg.len },
			(struct crypto_bytes){ sig.data, sig.len }),
		    crypto_testvec_verdict(t) == 1 ? 0 : ERR_PEER_SIGNATURE);
		crypto_pkey_free(k);
	}
	free(pub.data);
	free(msg.data);
	free(ctx.data);
	free(sig.data);
	return run;
}

static void
test_mldsa(void **state)
{
	(void)state;
	assert_in_range(
	    each("wycheproof/mldsa_44_sign_seed_test.json.gz", sign_case), 60,
	    100);
	assert_in_range(
	    each("wycheproof/mldsa_65_sign_seed_test.json.gz", sign_case), 80,
	    110);
	assert_in_range(
	    each("wycheproof/mldsa_87_sign_seed_test.json.gz", sign_case), 70,
	    110);
	assert_in_range(
	    each("wycheproof/mldsa_65_verify_test.json.gz", verify_case), 190,
	    300);
	assert_in_range(
	    each("wycheproof/mldsa_87_verify_test.json.gz", verify_case), 200,
	    300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x25519),
		cmocka_unit_test(test_mlkem),
		cmocka_unit_test(test_mlkem_implicit_rejection),
		cmocka_unit_test(test_mldsa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
