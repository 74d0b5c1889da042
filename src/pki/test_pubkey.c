/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "pki/der.h"
#include "pki/pubkey.h"
#include "pki/rsa.h"

#define MODULI "tests/vectors/pki/rsa_moduli.txt"

static int
judge(struct pki_bytes spki, unsigned allowed, const char **why)
{
	enum pki_key_type type;

	*why = "";
	return pki_pubkey_check(spki, allowed, &type, why);
}

static void
expect_ok(EVP_PKEY *k, enum pki_key_type want)
{
	struct der *d = malloc(sizeof(*d));
	enum pki_key_type type;
	const char *why;

	spki_of(k, d);
	assert_int_equal(
	    pki_pubkey_check(bytes(d), PKI_KEY_ANY, &type, &why), 0);
	assert_int_equal(type, want);
	assert_int_equal(
	    pki_pubkey_check(bytes(d), PKI_KEY_ANY & ~want, &type, &why),
	    ERR_PEER_KEY);
	EVP_PKEY_free(k);
	free(d);
}

static void
expect_bad(EVP_PKEY *k)
{
	struct der *d = malloc(sizeof(*d));
	const char *why;

	spki_of(k, d);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
	assert_true(why[0] != '\0');
	EVP_PKEY_free(k);
	free(d);
}

static void
test_kinds(void **state)
{
	(void)state;
	expect_ok(new_ec("P-256"), PKI_KEY_P256);
	expect_ok(new_ec("P-384"), PKI_KEY_P384);
	expect_ok(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), PKI_KEY_ED25519);
	expect_ok(
	    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), PKI_KEY_RSA);
	expect_ok(EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-44"), PKI_KEY_MLDSA44);
	expect_ok(EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-65"), PKI_KEY_MLDSA65);
	expect_ok(EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-87"), PKI_KEY_MLDSA87);
	expect_bad(EVP_PKEY_Q_keygen(NULL, NULL, "ML-KEM-768"));
	expect_bad(new_ec("P-521"));
	expect_bad(new_ec("secp256k1"));
	expect_bad(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"));
	expect_bad(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
	expect_bad(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024));
}

/* SubjectPublicKeyInfo of an RSA key from its modulus in hex. */
static void
rsa_spki(const char *hex, unsigned long e, struct der *out)
{
	BIGNUM *n = NULL, *ebn = BN_new();
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *p;
	EVP_PKEY *k = NULL;

	BN_hex2bn(&n, hex);
	BN_set_word(ebn, e);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, ebn);
	p = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &k, EVP_PKEY_PUBLIC_KEY, p), 1);
	spki_of(k, out);
	EVP_PKEY_free(k);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(p);
	OSSL_PARAM_BLD_free(b);
	BN_free(n);
	BN_free(ebn);
}

/* Moduli made by an independent program; each has one thing wrong. */
static void
test_moduli(void **state)
{
	static const struct {
		const char *name, *why;
	} want[] = { { "good2048", "" }, { "good3072", "" },
		{ "short2047", "RSA modulus is not of 2048..4096 bits" },
		{ "small3", "RSA modulus has a factor below 752" },
		{ "small751", "RSA modulus has a factor below 752" },
		{ "close", "RSA primes are close together" },
		{ "close_far", "RSA primes are close together" },
		{ "roca2048", "RSA key of CVE-2017-15361 (ROCA)" } };
	struct der *d = malloc(sizeof(*d));
	char name[32], hex[2048];
	const char *why;
	size_t i = 0;
	FILE *f = fopen(MODULI, "r");

	(void)state;
	assert_non_null(f);
	while (fscanf(f, "%31s %2047s", name, hex) == 2) {
		assert_true(i < sizeof(want) / sizeof(want[0]));
		assert_string_equal(name, want[i].name);
		/* 2046 and 2047 bits make "short" either way. */
		rsa_spki(hex, 65537, d);
		assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why),
		    want[i].why[0] == '\0' ? 0 : ERR_PEER_KEY);
		assert_string_equal(why, want[i].why);
		if (i == 0) {
			rsa_spki(hex, 3, d);
			assert_int_equal(
			    judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
			assert_string_equal(why, "RSA exponent is not 65537");
		}
		i++;
	}
	assert_int_equal(i, sizeof(want) / sizeof(want[0]));
	fclose(f);
	free(d);
}

/* Every single-bit change of a point is off the curve, or a malformed key. */
static void
test_point(void **state)
{
	struct der *d = malloc(sizeof(*d));
	EVP_PKEY *k = new_ec("P-256");
	const char *why;
	size_t i, bad = 0;

	(void)state;
	spki_of(k, d);
	for (i = 0; i < 8 * d->len; i++) {
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
		bad += judge(bytes(d), PKI_KEY_ANY, &why) != 0 ? 1 : 0;
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
	}
	assert_int_equal(bad, 8 * d->len);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), 0);
	/* Compressed form, the point at infinity. */
	assert_int_equal(
	    EVP_PKEY_set_utf8_string_param(
		k, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"),
	    1);
	spki_of(k, d);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
	EVP_PKEY_free(k);
	free(d);
}

static void
put_ed25519(const uint8_t key[32], struct der *out)
{
	struct pki_bytes id = pki_oid_get(PKI_OID_ED25519);
	struct pki_der w;

	pki_der_init(&w, out->data, sizeof(out->data));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_put(&w, PKI_TAG_OID, id.data, id.len);
	pki_der_close(&w);
	pki_der_bits(&w, B(key, 32), 0);
	pki_der_close(&w);
	assert_int_equal(pki_der_finish(&w, &out->len), 0);
}

static void
test_ed25519(void **state)
{
	struct der *d = malloc(sizeof(*d));
	uint8_t key[32] = { 0 };
	const char *why;

	(void)state;
	put_ed25519(key, d);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
	key[0] = 1;
	key[31] = 0x80;
	put_ed25519(key, d);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
	/* p + 3 */
	memset(key, 0xff, sizeof(key));
	key[0] = 0xf0;
	key[31] = 0x7f;
	put_ed25519(key, d);
	assert_int_equal(judge(bytes(d), PKI_KEY_ANY, &why), ERR_PEER_KEY);
	assert_string_equal(why, "Ed25519 key is not canonical");
	free(d);
}

static void
test_verify(void **state)
{
	struct der *spki = malloc(sizeof(*spki)), *sig = malloc(sizeof(*sig));
	static const char *const kinds[] = { "P-256", "P-384" };
	const EVP_MD *md[] = { EVP_sha256(), EVP_sha384() };
	struct pki_bytes msg = B("message", 7);
	EVP_PKEY *k;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		k = new_ec(kinds[i]);
		spki_of(k, spki);
		sign_with(k, md[i], msg, sig);
		assert_int_equal(
		    pki_pubkey_verify(bytes(spki), msg, bytes(sig)), 0);
		assert_int_equal(
		    pki_pubkey_verify(bytes(spki), B("massage", 7), bytes(sig)),
		    ERR_PEER_SIGNATURE);
		sign_with(k, EVP_sha512(), msg, sig);
		assert_int_equal(
		    pki_pubkey_verify(bytes(spki), msg, bytes(sig)),
		    ERR_PEER_SIGNATURE);
		EVP_PKEY_free(k);
	}
	k = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	spki_of(k, spki);
	sign_with(k, NULL, msg, sig);
	assert_int_equal(pki_pubkey_verify(bytes(spki), msg, bytes(sig)), 0);
	sig->data[0] ^= 1;
	assert_int_equal(pki_pubkey_verify(bytes(spki), msg, bytes(sig)),
	    ERR_PEER_SIGNATURE);
	EVP_PKEY_free(k);
	free(spki);
	free(sig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_moduli),
		cmocka_unit_test(test_point),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
