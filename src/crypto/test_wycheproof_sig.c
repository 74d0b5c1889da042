/* SPDX-License-Identifier: Apache-2.0 */
/* Wycheproof: ECDSA, Ed25519 and RSA; see tests/vectors/wycheproof. */
#include "crypto/ecdsa.h"
#include "crypto/ed25519.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/testvec_internal.h"

/* A valid ECDSA signature survives the way through r || s and back. */
static void
ecdsa_raw_round_trip(enum crypto_sig_alg alg, const struct test_bytes *sig)
{
	const size_t raw_len = alg == CRYPTO_SIG_ECDSA_SHA256 ? 64 : 96;
	uint8_t raw[96], der[CRYPTO_ECDSA_P384_DER_MAX];
	size_t der_len;

	assert_int_equal(
	    crypto_ecdsa_der_to_raw(sig->data, sig->len, raw, raw_len), 0);
	assert_int_equal(
	    crypto_ecdsa_raw_to_der(raw, raw_len, der, sizeof(der), &der_len),
	    0);
	assert_int_equal(der_len, sig->len);
	assert_memory_equal(der, sig->data, der_len);
}

static void
verify_case(enum crypto_sig_alg alg, const struct crypto_pkey *key,
    const json_t *t, size_t *ret_valid)
{
	struct test_bytes msg = crypto_testvec_bytes(t, "msg");
	struct test_bytes sig = crypto_testvec_bytes(t, "sig");
	const struct crypto_signed s = { alg, msg.data, msg.len, sig.data,
		sig.len };
	int verdict = crypto_testvec_verdict(t);

	/* "acceptable" (RSA without the NULL parameter) may go either way. */
	if (verdict >= 0)
		assert_int_equal(crypto_pkey_verify(key, &s),
		    verdict == 1 ? 0 : ERR_PEER_SIGNATURE);
	if (verdict == 1 &&
	    (alg == CRYPTO_SIG_ECDSA_SHA256 || alg == CRYPTO_SIG_ECDSA_SHA384))
		ecdsa_raw_round_trip(alg, &sig);
	*ret_valid += verdict == 1;
	free(msg.data);
	free(sig.data);
}

static void
verify_file(enum crypto_sig_alg alg, const char *name, size_t count_min)
{
	json_t *j = crypto_testvec_load(name), *g, *t;
	size_t i, k, n = 0, valid = 0;

	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		struct test_bytes spki =
		    crypto_testvec_bytes(g, "publicKeyDer");
		struct crypto_pkey *key;

		assert_int_equal(
		    crypto_pkey_from_spki(spki.data, spki.len, &key), 0);
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			verify_case(alg, key, t, &valid);
			n++;
		}
		crypto_pkey_free(key);
		free(spki.data);
	}
	assert_in_range(n, count_min, 2000);
	assert_in_range(valid, 5, n - 20);
	json_decref(j);
}

static void
test_verify(void **state)
{
	(void)state;
	verify_file(CRYPTO_SIG_ECDSA_SHA256,
	    "wycheproof/ecdsa_secp256r1_sha256_test.json", 400);
	verify_file(CRYPTO_SIG_ECDSA_SHA384,
	    "wycheproof/ecdsa_secp384r1_sha384_test.json", 400);
	verify_file(CRYPTO_SIG_ED25519, "wycheproof/ed25519_test.json", 140);
	verify_file(CRYPTO_SIG_RSA_SHA256,
	    "wycheproof/rsa_signature_2048_sha256_test.json", 240);
}

/* The raw interface decides as the generic one does. */
static void
test_ed25519_raw(void **state)
{
	json_t *j = crypto_testvec_load("wycheproof/ed25519_test.json");
	json_t *g, *t;
	size_t i, k;

	(void)state;
	json_array_foreach(json_object_get(j, "testGroups"), i, g)
	{
		struct test_bytes pub =
		    crypto_testvec_bytes(json_object_get(g, "publicKey"), "pk");

		assert_int_equal(pub.len, 32);
		json_array_foreach(json_object_get(g, "tests"), k, t)
		{
			struct test_bytes msg = crypto_testvec_bytes(t, "msg");
			struct test_bytes sig = crypto_testvec_bytes(t, "sig");

			if (sig.len == CRYPTO_ED25519_SIG_LEN)
				assert_int_equal(
				    crypto_ed25519_verify(
					pub.data, msg.data, msg.len, sig.data),
				    crypto_testvec_verdict(t) == 1
					? 0
					: ERR_PEER_SIGNATURE);
			free(msg.data);
			free(sig.data);
		}
		free(pub.data);
	}
	json_decref(j);
}

/* A signature for one type of key is refused for every other. */
static void
test_algorithm_confusion(void **state)
{
	static const struct {
		enum crypto_key_type type;
		enum crypto_sig_alg alg;
	} rows[] = { { CRYPTO_KEY_P256, CRYPTO_SIG_ECDSA_SHA256 },
		{ CRYPTO_KEY_P384, CRYPTO_SIG_ECDSA_SHA384 },
		{ CRYPTO_KEY_ED25519, CRYPTO_SIG_ED25519 },
		{ CRYPTO_KEY_RSA, CRYPTO_SIG_RSA_SHA256 } };
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct crypto_pkey *key;
	enum crypto_sig_alg alg;
	size_t len;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(crypto_pkey_generate(rows[i].type, &key), 0);
		assert_int_equal(crypto_pkey_sig_alg(key, &alg), 0);
		assert_int_equal(alg, rows[i].alg);
		assert_int_equal(crypto_pkey_sign(key, "m", 1, sig, &len), 0);
		for (size_t k = 0; k < n; k++) {
			struct crypto_signed s = { rows[k].alg,
				(const uint8_t *)"m", 1, sig, len };
			int rc = crypto_pkey_verify(key, &s);

			if (k == i)
				assert_int_equal(rc, 0);
			else if (i < 2 && k < 2) /* another hash */
				assert_int_not_equal(rc, 0);
			else
				assert_int_equal(rc, ERR_PEER_UNSUPPORTED);
		}
		crypto_pkey_free(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_ed25519_raw),
		cmocka_unit_test(test_algorithm_confusion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
