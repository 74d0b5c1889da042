/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XEdDSA: known answers of a second implementation (tests/vectors/noble),
 * OpenSSL's Ed25519 as the verifier, and forgeries.
 */
#include "crypto/xeddsa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "crypto/ed25519.h"
#include "crypto/testvec_internal.h"
#include "crypto/x25519.h"
#include "wire/hex.h"

static const uint8_t secret[32] = { 0x11, 0x22, 0x33, [31] = 0x44 };
static const struct crypto_bytes hello = { (const uint8_t *)"hello", 5 };
static uint8_t nonce_bytes[64] = { 9, 8, 7 };
static struct test_bytes nonce = { nonce_bytes, sizeof(nonce_bytes) };
static const struct rng rng = { crypto_testvec_fill, &nonce };

static void
test_known(void **state)
{
	json_t *j = crypto_testvec_load("noble/known.json"), *t;
	uint8_t pub[32], sig[64];
	size_t i, n = 0;

	(void)state;
	json_array_foreach(json_object_get(j, "xeddsa"), i, t)
	{
		struct test_bytes key = crypto_testvec_bytes(t, "secret");
		struct test_bytes msg = crypto_testvec_bytes(t, "msg");
		struct test_bytes z = crypto_testvec_bytes(t, "nonce");
		struct test_bytes want = crypto_testvec_bytes(t, "sig");
		struct test_bytes wantp = crypto_testvec_bytes(t, "pub");
		const struct crypto_bytes m = { msg.data, msg.len };
		const struct rng r = { crypto_testvec_fill, &z };

		assert_int_equal(crypto_x25519_public(key.data, pub), 0);
		assert_memory_equal(pub, wantp.data, 32);
		assert_int_equal(crypto_xeddsa_sign(key.data, m, &r, sig), 0);
		assert_memory_equal(sig, want.data, 64);
		assert_int_equal(crypto_xeddsa_verify(pub, m, sig), 0);
		free(key.data);
		free(msg.data);
		free(z.data);
		free(want.data);
		free(wantp.data);
		n++;
	}
	assert_int_equal(n, 12);
	json_decref(j);
}

/* The Ed25519 key of an X25519 key: y = (u - 1) / (u + 1), sign 0. */
static void
to_ed25519(const uint8_t u[32], uint8_t y[32])
{
	BN_CTX *c = BN_CTX_new();
	BIGNUM *p = NULL, *a = BN_new(), *b = BN_new();
	BIGNUM *n = BN_lebin2bn(u, 32, NULL);

	assert_non_null(c);
	BN_hex2bn(&p,
	    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
	BN_copy(a, n);
	BN_copy(b, n);
	assert_true(BN_sub_word(a, 1));
	assert_true(BN_add_word(b, 1));
	assert_non_null(BN_mod_inverse(b, b, p, c));
	assert_true(BN_mod_mul(a, a, b, p, c));
	assert_int_equal(BN_bn2lebinpad(a, y, 32), 32);
	BN_free(p);
	BN_free(a);
	BN_free(b);
	BN_free(n);
	BN_CTX_free(c);
}

/* Signatures are Ed25519's, under the converted key. */
static void
test_openssl(void **state)
{
	uint8_t key[32], pub[32], ed[32], sig[64];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		memset(key, (int)(i * 37 + 1), sizeof(key));
		key[i % 32] = (uint8_t)i;
		nonce_bytes[5] = (uint8_t)i;
		assert_int_equal(crypto_x25519_public(key, pub), 0);
		to_ed25519(pub, ed);
		assert_int_equal(crypto_xeddsa_sign(key, hello, &rng, sig), 0);
		assert_int_equal(
		    crypto_ed25519_verify(ed, hello.data, hello.len, sig), 0);
		assert_int_equal(crypto_xeddsa_verify(pub, hello, sig), 0);
	}
}

static void
test_altered(void **state)
{
	const struct crypto_bytes other = { (const uint8_t *)"hellp", 5 };
	uint8_t pub[32], sig[64];

	(void)state;
	assert_int_equal(crypto_x25519_public(secret, pub), 0);
	assert_int_equal(crypto_xeddsa_sign(secret, hello, &rng, sig), 0);
	assert_int_equal(crypto_xeddsa_verify(pub, hello, sig), 0);
	assert_int_equal(
	    crypto_xeddsa_verify(pub, other, sig), ERR_PEER_SIGNATURE);
	for (unsigned bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(
		    crypto_xeddsa_verify(pub, hello, sig), ERR_PEER_SIGNATURE);
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 256; bit++) {
		pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(crypto_xeddsa_verify(pub, hello, sig), 0);
		pub[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* s + L, which a verifier that does not look would take for s. */
static void
test_malleated(void **state)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10 };
	uint8_t pub[32], sig[64];
	unsigned carry = 0;

	(void)state;
	assert_int_equal(crypto_x25519_public(secret, pub), 0);
	assert_int_equal(crypto_xeddsa_sign(secret, hello, &rng, sig), 0);
	for (unsigned i = 0; i < 32; i++) {
		carry += sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_int_equal(
	    crypto_xeddsa_verify(pub, hello, sig), ERR_PEER_SIGNATURE);
}

/*
 * The seven encodings of points of small order on the curve and its twist
 * that RFC 7748's implementations meet, and numbers that are not reduced.
 * With R and s zero or one, a verifier that does not look accepts some.
 */
static void
test_bad_keys(void **state)
{
	static const struct {
		const char *u;
		int rc;
	} keys[] = {
		{ "0000000000000000000000000000000000000000000000000000000000"
		  "000000",
		    ERR_PEER_SIGNATURE },
		{ "0100000000000000000000000000000000000000000000000000000000"
		  "000000",
		    ERR_PEER_SIGNATURE },
		{ "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		  "ffff7f",
		    ERR_PEER_SIGNATURE },
		{ "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f"
		  "49b800",
		    ERR_PEER_SIGNATURE },
		{ "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd0"
		  "9f1157",
		    ERR_PEER_SIGNATURE },
		{ "edffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		  "ffff7f",
		    ERR_PEER_KEY },
		{ "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		  "ffff7f",
		    ERR_PEER_KEY },
		{ "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		  "ffff7f",
		    ERR_PEER_KEY },
		{ "0900000000000000000000000000000000000000000000000000000000"
		  "000080",
		    ERR_PEER_KEY },
	};
	uint8_t pub[32], sig[64];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(
		    wire_hex_decode(keys[i].u, 64, pub, 32, &n), 0);
		for (unsigned y = 0; y < 4; y++) {
			memset(sig, 0, sizeof(sig));
			sig[0] = (uint8_t)(y & 1);
			sig[31] = (uint8_t)((y & 2) << 6);
			assert_int_equal(
			    crypto_xeddsa_verify(pub, hello, sig), keys[i].rc);
		}
	}
}

static void
test_refused(void **state)
{
	const struct crypto_bytes huge = { hello.data, (size_t)1 << 32 };
	struct test_bytes few = { nonce_bytes, 63 };
	const struct rng broken = { crypto_testvec_fill, &few };
	uint8_t pub[32], sig[64], before[64];

	(void)state;
	memset(sig, 0x5a, sizeof(sig));
	memcpy(before, sig, sizeof(sig));
	assert_int_equal(
	    crypto_xeddsa_sign(secret, hello, &broken, sig), ERR_SYS_RNG);
	assert_int_equal(
	    crypto_xeddsa_sign(secret, huge, &rng, sig), ERR_SYS_LIMIT);
	assert_memory_equal(sig, before, sizeof(sig));
	assert_int_equal(crypto_x25519_public(secret, pub), 0);
	assert_int_equal(crypto_xeddsa_verify(pub, huge, sig), ERR_SYS_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_malleated),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
