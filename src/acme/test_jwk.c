/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and signatures against the examples of RFC 7515, 7638 and 8037. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "acme/jwk.h"
#include "wire/base64.h"

#define RSA_N                                                                  \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1"  \
	"RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5"  \
	"n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8K"  \
	"JZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQF"  \
	"h6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz"  \
	"KnqDKgw"
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define JWK_RSA                                                                \
	"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\","                 \
	"\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}"
#define JWK_EC                                                                 \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y   \
	"\"}"
#define JWK_ED "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"

static struct acme_jwk *
parse(const char *text)
{
	struct acme_jwk *k = NULL;

	assert_int_equal(acme_jwk_parse(text, strlen(text), &k), 0);
	return k;
}

static void
test_thumbprints(void **state)
{
	struct acme_jwk *k;

	(void)state;
	/* RFC 7638 section 3.1. */
	k = parse(JWK_RSA);
	assert_string_equal(acme_jwk_thumbprint(k),
	    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	assert_string_equal(acme_jwk_canonical(k),
	    "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}");
	assert_int_equal(acme_jwk_alg(k), ACME_JWK_RS256);
	acme_jwk_free(k);
	/* RFC 8037 appendix A.3. */
	k = parse(JWK_ED);
	assert_string_equal(acme_jwk_thumbprint(k),
	    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	acme_jwk_free(k);
	/* What is stored reads back as the same key. */
	k = parse(JWK_EC);
	acme_jwk_free(parse(acme_jwk_canonical(k)));
	acme_jwk_free(k);
}

static int
verify(const struct acme_jwk *k, const char *signing, const char *sig)
{
	uint8_t raw[600];
	size_t len = 0;

	assert_int_equal(wire_base64_decode(WIRE_BASE64_URL, sig, strlen(sig),
			     raw, sizeof(raw), &len),
	    0);
	return acme_jwk_verify(k, signing, strlen(signing), raw, len);
}

static void
test_signatures(void **state)
{
	/* RFC 7515 appendix A.3, RFC 8037 appendix A.4. */
	static const char es_text[] =
	    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"
	    "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	static const char es_sig[] =
	    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSAp"
	    "mWQxfKTUJqPP3-Kg6NU1Q";
	static const char ed_text[] =
	    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char ed_sig[] =
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5Bh"
	    "VsPt9g7sVvpAr_MuM0KAg";
	struct acme_jwk *ec = parse(JWK_EC), *ed = parse(JWK_ED);

	(void)state;
	assert_int_equal(verify(ec, es_text, es_sig), 0);
	assert_int_equal(verify(ed, ed_text, ed_sig), 0);
	assert_int_equal(verify(ec, ed_text, es_sig), ERR_PEER_SIGNATURE);
	assert_int_equal(verify(ed, es_text, ed_sig), ERR_PEER_SIGNATURE);
	assert_int_equal(verify(ec, es_text, ed_sig), ERR_PEER_SIGNATURE);
	/* A signature of another form or length. */
	assert_int_equal(verify(ec, es_text, "AAAA"), ERR_PEER_SIGNATURE);
	acme_jwk_free(ec);
	acme_jwk_free(ed);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} bad[] = {
		{ "{}", ERR_PEER_MALFORMED },
		{ "[]", ERR_PEER_MALFORMED },
		{ "{\"kty\":\"oct\",\"k\":\"AAAA\"}", ERR_PEER_KEY },
		{ "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":"
		  "\"AA\"}",
		    ERR_PEER_KEY },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}",
		    ERR_PEER_KEY },
		/* not on the curve */
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
		  "\",\"y\":\"" EC_X "\"}",
		    ERR_PEER_KEY },
		/* a private key */
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
		  "\",\"y\":\"" EC_Y "\",\"d\":\"AAAA\"}",
		    ERR_PEER_KEY },
		/* RSA of 512 bits, and with e = 3 */
		{ "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"4f5wg5l2hKsTeNem_"
		  "V41fGnJm6gOdrj8ym3rFkEU_wT8RDtnSgFEZOQpHEgQ7JL38xUfU0Y3g6"
		  "aYw9QT0hJ7mw\"}",
		    ERR_PEER_KEY },
		{ "{\"kty\":\"RSA\",\"e\":\"Aw\",\"n\":\"" RSA_N "\"}",
		    ERR_PEER_KEY },
		/* base64 with padding */
		{ "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQ==\"}",
		    ERR_PEER_MALFORMED },
	};
	struct acme_jwk *k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    acme_jwk_parse(bad[i].text, strlen(bad[i].text), &k),
		    bad[i].rc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thumbprints),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
