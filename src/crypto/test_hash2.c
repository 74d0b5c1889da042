/* SPDX-License-Identifier: Apache-2.0 */
/* BLAKE2b against OpenSSL and RFC 7693; SHA-3 against FIPS 202's examples;
 * Argon2id against OpenSSL's implementation. */
#include "crypto/pwhash.h"
#include "crypto/blake2b.h"
#include "crypto/sha3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cmocka.h>

#include "wire/hex.h"

static void
assert_hex(const uint8_t *data, size_t len, const char *want)
{
	char text[257];

	wire_hex_encode(data, len, text);
	assert_string_equal(text, want);
}

/* RFC 7693 appendix A, and OpenSSL for every length up to 600. */
static void
test_blake2b(void **state)
{
	uint8_t data[600], ours[64], theirs[64];
	unsigned n;

	(void)state;
	crypto_blake2b_512("abc", 3, ours);
	assert_hex(ours, 64,
	    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
	    "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 41 + 3);
	for (size_t len = 0; len <= sizeof(data); len++) {
		crypto_blake2b_512(data, len, ours);
		assert_int_equal(
		    EVP_Digest(data, len, theirs, &n, EVP_blake2b512(), NULL),
		    1);
		assert_memory_equal(ours, theirs, 64);
	}
}

/* In two pieces cut anywhere, with the state copied through memory. */
static void
test_blake2b_resumed(void **state)
{
	uint8_t data[300], whole[64], out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	crypto_blake2b_512(data, sizeof(data), whole);
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		struct crypto_blake2b a, b;

		crypto_blake2b_init(&a, 64, NULL, 0);
		crypto_blake2b_update(&a, data, cut);
		assert_in_range(a.block_len, 0, CRYPTO_BLAKE2B_BLOCK);
		assert_int_equal(a.counted + a.block_len, cut);
		b = a;
		crypto_blake2b_update(&b, data + cut, sizeof(data) - cut);
		crypto_blake2b_final(&b, out);
		assert_memory_equal(out, whole, 64);
	}
}

/* Keyed and shorter digests, against OpenSSL's BLAKE2BMAC. */
static void
test_blake2b_keyed(void **state)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL);
	uint8_t key[64], data[200], ours[64], theirs[64];

	(void)state;
	assert_non_null(mac);
	memset(key, 0x42, sizeof(key));
	memset(data, 0x17, sizeof(data));
	for (size_t out = 1; out <= 64; out += 7) {
		for (size_t klen = 1; klen <= 64; klen += 9) {
			size_t size = out, n;
			OSSL_PARAM params[] = {
				OSSL_PARAM_construct_size_t(
				    OSSL_MAC_PARAM_SIZE, &size),
				OSSL_PARAM_construct_end(),
			};
			EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
			struct crypto_blake2b s;

			assert_int_equal(EVP_MAC_init(c, key, klen, params), 1);
			assert_int_equal(
			    EVP_MAC_update(c, data, sizeof(data)), 1);
			assert_int_equal(
			    EVP_MAC_final(c, theirs, &n, sizeof(theirs)), 1);
			assert_int_equal(n, out);
			crypto_blake2b_init(&s, out, key, klen);
			crypto_blake2b_update(&s, data, sizeof(data));
			crypto_blake2b_final(&s, ours);
			assert_memory_equal(ours, theirs, out);
			EVP_MAC_CTX_free(c);
		}
	}
	EVP_MAC_free(mac);
}

static void
test_sha3(void **state)
{
	struct crypto_bytes parts[3] = { { (const uint8_t *)"a", 1 },
		{ NULL, 0 }, { (const uint8_t *)"bc", 2 } };
	uint8_t out[32];

	(void)state;
	assert_int_equal(crypto_sha3_256(parts, 3, out), 0);
	assert_hex(out, 32,
	    "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
	assert_int_equal(crypto_sha3_256(parts, 0, out), 0);
	assert_hex(out, 32,
	    "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

/* OpenSSL has an implementation of its own since 3.2. */
static void
openssl_argon2(const struct crypto_pwhash_cost *cost, uint8_t *out, size_t n)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "ARGON2ID", NULL);
	EVP_KDF_CTX *c = EVP_KDF_CTX_new(kdf);
	uint32_t memory = cost->memory_kib, passes = cost->passes;
	uint32_t lanes = cost->lanes, threads = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint32(
		    OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &passes),
		OSSL_PARAM_construct_uint32(
		    OSSL_KDF_PARAM_ARGON2_LANES, &lanes),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &threads),
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_SALT, (void *)"saltsaltsaltsalt", 16),
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_PASSWORD, (void *)"password", 8),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(EVP_KDF_derive(c, out, n, params), 1);
	EVP_KDF_CTX_free(c);
	EVP_KDF_free(kdf);
}

static void
test_argon2(void **state)
{
	static const struct crypto_pwhash_cost good[] = { { 64, 1, 1 },
		{ 256, 3, 4 }, { 65536, 3, 4 } };
	static const struct crypto_pwhash_cost bad[] = { { 7, 1, 1 },
		{ 64, 0, 1 }, { 64, 17, 1 }, { 64, 1, 0 }, { 1024, 1, 17 },
		{ CRYPTO_PWHASH_MEMORY_KIB_MAX + 1, 1, 1 } };
	const struct crypto_bytes pass = { (const uint8_t *)"password", 8 };
	struct crypto_bytes salt = { (const uint8_t *)"saltsaltsaltsalt", 16 };
	uint8_t ours[48], theirs[48];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(crypto_pwhash_argon2id(
				     &good[i], pass, salt, ours, sizeof(ours)),
		    0);
		openssl_argon2(&good[i], theirs, sizeof(theirs));
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(crypto_pwhash_argon2id(
				     &bad[i], pass, salt, ours, sizeof(ours)),
		    ERR_PEER_UNSUPPORTED);
	salt.len = 7;
	assert_int_equal(
	    crypto_pwhash_argon2id(&good[0], pass, salt, ours, sizeof(ours)),
	    ERR_PEER_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blake2b),
		cmocka_unit_test(test_blake2b_resumed),
		cmocka_unit_test(test_blake2b_keyed),
		cmocka_unit_test(test_sha3),
		cmocka_unit_test(test_argon2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
