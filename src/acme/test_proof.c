/* SPDX-License-Identifier: Apache-2.0 */
/* What proves control by dns-01 and tls-alpn-01; certificates by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "acme/dns01.h"
#include "acme/problem.h"
#include "acme/tlsalpn01.h"

#define KEYAUTH "token.thumbprint"

static void
test_dns01(void **state)
{
	/* printf %s token.thumbprint | openssl sha256 -binary | basenc
	 * --base64url */
	static const char digest[] =
	    "61rBZ_4knHblO0MNoxFsXZ_eTFUHum0B6IVRbhvUn5I";
	char name[ACME_DNS01_NAME_MAX + 1], long_name[240];
	char have[ACME_DNS01_DIGEST_LEN + 1];
	uint8_t rdata[80];

	(void)state;
	assert_int_equal(acme_dns01_name("a.test", name), 0);
	assert_string_equal(name, "_acme-challenge.a.test");
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(acme_dns01_name(long_name, name), ERR_SYS_LIMIT);
	acme_dns01_digest(KEYAUTH, have);
	assert_string_equal(have, digest);
	rdata[0] = 43;
	memcpy(rdata + 1, digest, 43);
	assert_true(acme_dns01_match(rdata, 44, digest));
	assert_false(acme_dns01_match(rdata, 43, digest));
	assert_false(acme_dns01_match(rdata, 0, digest));
	/* an empty string more is no more text; another octet is */
	rdata[44] = 0;
	assert_true(acme_dns01_match(rdata, 45, digest));
	rdata[44] = 1;
	rdata[45] = 'x';
	assert_false(acme_dns01_match(rdata, 46, digest));
	/* in two strings */
	rdata[0] = 10;
	memcpy(rdata + 1, digest, 10);
	rdata[11] = 33;
	memcpy(rdata + 12, digest + 10, 33);
	assert_true(acme_dns01_match(rdata, 45, digest));
	rdata[11] = 34;
	assert_false(acme_dns01_match(rdata, 45, digest));
	rdata[12] ^= 1;
	rdata[11] = 33;
	assert_false(acme_dns01_match(rdata, 45, digest));
}

static void
test_sni(void **state)
{
	static const struct {
		struct acme_ident ident;
		const char *sni;
	} rows[] = {
		{ { "dns", "a.test" }, "a.test" },
		/* RFC 8738 section 6's own example, and its IPv4 form */
		{ { "ip", "2001:db8::1" },
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6.arpa" },
		{ { "ip", "192.0.2.53" }, "53.2.0.192.in-addr.arpa" },
	};
	const struct acme_ident bad = { "ip", "nothing" };
	char out[ACME_TLSALPN01_SNI_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(acme_tlsalpn01_sni(&rows[i].ident, out), 0);
		assert_string_equal(out, rows[i].sni);
	}
	assert_int_equal(acme_tlsalpn01_sni(&bad, out), ERR_SYS_LIMIT);
}

static void
extend(X509 *x, const char *name, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf(NULL, &ctx, name, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* A certificate with these extensions, the digest's in OpenSSL's syntax. */
static size_t
certify(const char *san, const char *proof, uint8_t **ret)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	int len;

	*ret = NULL;
	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 7), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -60));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
	assert_int_equal(X509_set_pubkey(x, key), 1);
	if (san != NULL)
		extend(x, "subjectAltName", san);
	if (proof != NULL)
		extend(x, "1.3.6.1.5.5.7.1.31", proof);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	len = i2d_X509(x, ret);
	assert_true(len > 0);
	X509_free(x);
	EVP_PKEY_free(key);
	return (size_t)len;
}

#define DIGEST                                                                 \
	"eb5ac167fe249c76e53b430da3116c5d9fde4c5507ba6d01e885516e1bd49f92"
#define PROOF "critical,DER:0420" DIGEST

static void
test_tlsalpn01(void **state)
{
	static const struct acme_ident name = { "dns", "a.test" },
				       ip6 = { "ip", "fd00::1" },
				       ip4 = { "ip", "192.0.2.1" };
	static const struct {
		const struct acme_ident *ident;
		const char *san, *proof;
		const char *why; /* NULL: it proves control */
	} rows[] = {
		{ &name, "DNS:a.test", PROOF, NULL },
		{ &name, "critical,DNS:A.TEST", PROOF, NULL },
		{ &ip6, "IP:fd00::1", PROOF, NULL },
		{ &ip4, "IP:192.0.2.1", PROOF, NULL },
		{ &name, "DNS:b.test", PROOF, "alternative name" },
		{ &name, "DNS:a.test,DNS:b.test", PROOF, "alternative name" },
		{ &name, "DNS:a.test,DNS:a.test", PROOF, "alternative name" },
		{ &name, "DNS:a.test,email:a@a.test", PROOF,
		    "alternative name" },
		{ &name, "IP:fd00::1", PROOF, "alternative name" },
		{ &ip6, "DNS:fd00::1", PROOF, "alternative name" },
		{ &ip6, "IP:fd00::2", PROOF, "alternative name" },
		{ &name, NULL, PROOF, "alternative name" },
		{ &name, "DNS:a.test", NULL, "no acmeIdentifier" },
		{ &name, "DNS:a.test", "DER:0420" DIGEST, "not critical" },
		/* the digest bare, short, of another key, with a tail */
		{ &name, "DNS:a.test", "critical,DER:" DIGEST, "malformed" },
		{ &name, "DNS:a.test", "critical,DER:0400", "not the" },
		{ &name, "DNS:a.test", PROOF "00", "malformed" },
		{ &name, "DNS:a.test",
		    "critical,DER:"
		    "0420000000000000000000000000000000000000000000"
		    "0000000000000000000000",
		    "not the" },
	};
	struct acme_problem p;
	uint8_t *der;
	size_t i, len;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = certify(rows[i].san, rows[i].proof, &der);
		rc = acme_tlsalpn01_check(der, len, rows[i].ident, KEYAUTH, &p);
		if (rc != (rows[i].why == NULL ? 0 : ERR_STATE_REFUSED))
			fail_msg("row %zu: %d %s", i, rc, p.detail);
		if (rc != 0) {
			assert_int_equal(p.type, ACME_PROBLEM_UNAUTHORIZED);
			if (strstr(p.detail, rows[i].why) == NULL)
				fail_msg("row %zu: %s", i, p.detail);
		}
		/* Cut off anywhere it proves nothing. */
		assert_int_equal(acme_tlsalpn01_check(
				     der, len - 1, rows[i].ident, KEYAUTH, &p),
		    ERR_STATE_REFUSED);
		OPENSSL_free(der);
	}
	assert_int_equal(acme_tlsalpn01_check(NULL, 0, &name, KEYAUTH, &p),
	    ERR_STATE_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns01),
		cmocka_unit_test(test_sni),
		cmocka_unit_test(test_tlsalpn01),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
