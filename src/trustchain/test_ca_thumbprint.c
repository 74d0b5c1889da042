/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "acme/jwk.h"
#include "trustchain/ca_thumbprint.h"
#include "wire/base64.h"

/* RFC 8037 appendix A.3. */
static void
test_ed25519(void **state)
{
	static const char x[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
	struct der *spki = malloc(sizeof(*spki));
	char out[CA_THUMBPRINT_LEN + 1];
	uint8_t raw[32];
	EVP_PKEY *k;
	size_t len;

	(void)state;
	assert_int_equal(wire_base64_decode(WIRE_BASE64_URL, x, strlen(x), raw,
			     sizeof(raw), &len),
	    0);
	k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, len);
	spki_of(k, spki);
	assert_int_equal(ca_thumbprint_of(bytes(spki), out), 0);
	assert_string_equal(out, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	EVP_PKEY_free(k);
	free(spki);
}

static void
part(EVP_PKEY *k, const char *name, size_t pad, char *out)
{
	BIGNUM *n = NULL;
	uint8_t raw[1024];
	int len;

	assert_int_equal(EVP_PKEY_get_bn_param(k, name, &n), 1);
	len = pad != 0 ? BN_bn2binpad(n, raw, (int)pad) : BN_bn2bin(n, raw);
	wire_base64_encode(WIRE_BASE64_URL, raw, (size_t)len, out);
	BN_free(n);
}

static void
compare(EVP_PKEY *k, const char *jwk)
{
	struct der *spki = malloc(sizeof(*spki));
	char out[CA_THUMBPRINT_LEN + 1];
	struct acme_jwk *j;

	spki_of(k, spki);
	assert_int_equal(ca_thumbprint_of(bytes(spki), out), 0);
	assert_int_equal(acme_jwk_parse(jwk, strlen(jwk), &j), 0);
	assert_string_equal(out, acme_jwk_thumbprint(j));
	acme_jwk_free(j);
	EVP_PKEY_free(k);
	free(spki);
}

/* The way from a JSON Web Key, which has vectors of its own, agrees. */
static void
test_agrees(void **state)
{
	char a[1024], b[1024], jwk[4096];
	EVP_PKEY *k;

	(void)state;
	k = new_ec("P-256");
	part(k, OSSL_PKEY_PARAM_EC_PUB_X, 32, a);
	part(k, OSSL_PKEY_PARAM_EC_PUB_Y, 32, b);
	snprintf(jwk, sizeof(jwk),
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", a,
	    b);
	compare(k, jwk);
	k = new_ec("P-384");
	part(k, OSSL_PKEY_PARAM_EC_PUB_X, 48, a);
	part(k, OSSL_PKEY_PARAM_EC_PUB_Y, 48, b);
	snprintf(jwk, sizeof(jwk),
	    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"%s\",\"y\":\"%s\"}", a,
	    b);
	compare(k, jwk);
	k = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	part(k, OSSL_PKEY_PARAM_RSA_N, 0, a);
	part(k, OSSL_PKEY_PARAM_RSA_E, 0, b);
	snprintf(jwk, sizeof(jwk),
	    "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", a, b);
	compare(k, jwk);
}

static void
test_other(void **state)
{
	struct der *spki = malloc(sizeof(*spki));
	char out[CA_THUMBPRINT_LEN + 1];
	EVP_PKEY *k = new_ec("P-521");

	(void)state;
	spki_of(k, spki);
	assert_int_equal(
	    ca_thumbprint_of(bytes(spki), out), ERR_PEER_UNSUPPORTED);
	EVP_PKEY_free(k);
	free(spki);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_agrees),
		cmocka_unit_test(test_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
