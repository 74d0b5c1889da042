/* SPDX-License-Identifier: Apache-2.0 */
/* Wycheproof: AEAD, HMAC and HKDF; see tests/vectors/wycheproof. */
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"

/* One AEAD case: it opens iff valid, and valid cases seal to the vector. */
static void
aead_case(enum crypto_aead_alg alg, const json_t *t)
{
	struct test_bytes key = crypto_testvec_bytes(t, "key");
	struct test_bytes iv = crypto_testvec_bytes(t, "iv");
	struct test_bytes aad = crypto_testvec_bytes(t, "aad");
	struct test_bytes msg = crypto_testvec_bytes(t, "msg");
	struct test_bytes ct = crypto_testvec_bytes(t, "ct");
	struct test_bytes tag = crypto_testvec_bytes(t, "tag");
	const size_t n = ct.len + tag.len;
	uint8_t *in = malloc(n + 1), *out = malloc(n + 16);
	struct crypto_aead_text text = { iv.data, aad.data, aad.len, in, n };
	struct crypto_aead *a;
	const int verdict = crypto_testvec_verdict(t);

	assert_non_null(in);
	assert_non_null(out);
	memcpy(in, ct.data, ct.len);
	memcpy(in + ct.len, tag.data, tag.len);
	assert_int_equal(crypto_aead_new(alg, key.data, &a), 0);
	assert_int_equal(crypto_aead_open(a, &text, out),
	    verdict == 1 ? 0 : ERR_PEER_DECRYPT);
	if (verdict == 1) {
		assert_memory_equal(out, msg.data, msg.len);
		text.in = msg.data;
		text.in_len = msg.len;
		assert_int_equal(crypto_aead_seal(a, &text, out), 0);
		assert_memory_equal(out, in, n);
	}
	crypto_aead_free(a);
	free(in);
	free(out);
	free(key.data);
	free(iv.data);
	free(aad.data);
	free(msg.data);
	free(ct.data);
	free(tag.data);
}

/* Run the 256-bit key, 96-bit nonce, 128-bit tag groups; count them. */
static size_t
aead_file(enum crypto_aead_alg alg, const char *name)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		if (json_integer_value(json_object_get(g, "keySize")) != 256 ||
		    json_integer_value(json_object_get(g, "ivSize")) != 96 ||
		    json_integer_value(json_object_get(g, "tagSize")) != 128)
			continue;
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			aead_case(alg, t);
			n++;
		}
	}
	json_decref(j);
	return n;
}

static void
test_aead(void **state)
{
	(void)state;
	assert_in_range(
	    aead_file(CRYPTO_AES_256_GCM, "wycheproof/aes_gcm_test.json"), 60,
	    1000);
	assert_in_range(aead_file(CRYPTO_CHACHA20_POLY1305,
			    "wycheproof/chacha20_poly1305_test.json"),
	    250, 1000);
}

static void
hmac_file(enum crypto_hash alg, const char *name)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			struct test_bytes key = crypto_testvec_bytes(t, "key");
			struct test_bytes msg = crypto_testvec_bytes(t, "msg");
			struct test_bytes tag = crypto_testvec_bytes(t, "tag");
			struct crypto_hmac_key hk = { alg, key.data, key.len };
			uint8_t out[CRYPTO_HASH_LEN_MAX];
			bool valid = crypto_testvec_verdict(t) == 1;

			crypto_hmac_sign(&hk, msg.data, msg.len, out);
			assert_int_equal(
			    memcmp(out, tag.data, tag.len) == 0, valid);
			/* We verify whole tags only. */
			if (tag.len == crypto_sha2_len(alg))
				assert_int_equal(
				    crypto_hmac_verify(&hk, msg.data, msg.len,
					tag.data, tag.len),
				    valid ? 0 : ERR_PEER_SIGNATURE);
			else
				assert_int_equal(
				    crypto_hmac_verify(&hk, msg.data, msg.len,
					tag.data, tag.len),
				    ERR_PEER_SIGNATURE);
			free(key.data);
			free(msg.data);
			free(tag.data);
			n++;
		}
	}
	assert_in_range(n, 150, 1000);
	json_decref(j);
}

static void
test_hmac(void **state)
{
	(void)state;
	hmac_file(CRYPTO_SHA256, "wycheproof/hmac_sha256_test.json");
	hmac_file(CRYPTO_SHA512, "wycheproof/hmac_sha512_test.json");
}

static void
hkdf_case(enum crypto_hash alg, const json_t *t)
{
	struct test_bytes ikm = crypto_testvec_bytes(t, "ikm");
	struct test_bytes salt = crypto_testvec_bytes(t, "salt");
	struct test_bytes info = crypto_testvec_bytes(t, "info");
	struct test_bytes okm = crypto_testvec_bytes(t, "okm");
	size_t size = (size_t)json_integer_value(json_object_get(t, "size"));
	uint8_t prk[CRYPTO_HASH_LEN_MAX], *out = malloc(size + 1);
	int rc;

	assert_non_null(out);
	crypto_hkdf_extract(alg, (struct crypto_bytes){ salt.data, salt.len },
	    (struct crypto_bytes){ ikm.data, ikm.len }, prk);
	rc = crypto_hkdf_expand(alg,
	    (struct crypto_bytes){ prk, crypto_sha2_len(alg) },
	    (struct crypto_bytes){ info.data, info.len }, out, size);
	if (crypto_testvec_verdict(t) == 1) {
		assert_int_equal(rc, 0);
		assert_memory_equal(out, okm.data, okm.len);
	} else {
		assert_int_equal(rc, ERR_SYS_LIMIT);
	}
	free(out);
	free(ikm.data);
	free(salt.data);
	free(info.data);
	free(okm.data);
}

static void
hkdf_file(enum crypto_hash alg, const char *name)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			hkdf_case(alg, t);
			n++;
		}
	}
	assert_in_range(n, 80, 1000);
	json_decref(j);
}

static void
test_hkdf(void **state)
{
	(void)state;
	hkdf_file(CRYPTO_SHA256, "wycheproof/hkdf_sha256_test.json");
	hkdf_file(CRYPTO_SHA512, "wycheproof/hkdf_sha512_test.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aead),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
