/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/base64.h"
#include "wire/base32.h"
#include "wire/hex.h"
#include "wire/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include <cmocka.h>

/* RFC 4648 section 10. */
static void
test_base64_rfc4648(void **state)
{
	static const char *rows[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	char enc[32];
	uint8_t dec[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		n = wire_base64_encode(WIRE_BASE64_STD,
		    (const uint8_t *)rows[i][0], strlen(rows[i][0]), enc);
		assert_string_equal(enc, rows[i][1]);
		assert_int_equal(n, strlen(enc));
		assert_int_equal(wire_base64_decode(WIRE_BASE64_STD, rows[i][1],
				     strlen(rows[i][1]), dec, sizeof(dec), &n),
		    0);
		assert_int_equal(n, strlen(rows[i][0]));
		assert_memory_equal(dec, rows[i][0], n);
	}
}

/* RFC 4648 section 10, without the padding; and what it rules out. */
static void
test_base32(void **state)
{
	static const char *rows[][2] = { { "", "" }, { "f", "MY" },
		{ "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	static const char *bad[] = { "M", "MZX", "MZXW6Y", "M1", "M8", "M=",
		"M ", "[Y", "`Y", "@Y", "{Y", "M\x80" };
	char enc[32];
	uint8_t dec[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		n = wire_base32_encode(
		    (const uint8_t *)rows[i][0], strlen(rows[i][0]), enc);
		assert_string_equal(enc, rows[i][1]);
		assert_int_equal(n, strlen(enc));
		assert_int_equal(
		    wire_base32_decode(enc, n, dec, sizeof(dec), &n), 0);
		assert_int_equal(n, strlen(rows[i][0]));
		assert_memory_equal(dec, rows[i][0], n);
	}
	assert_int_equal(wire_base32_decode("mzxw6", 5, dec, 3, &n), 0);
	assert_memory_equal(dec, "foo", 3);
	assert_int_equal(
	    wire_base32_decode("mzxw6", 5, dec, 2, &n), ERR_PEER_TOO_LARGE);
	assert_int_equal(
	    wire_base32_decode("MZ", 2, dec, 2, &n), ERR_PEER_ENCODING);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wire_base32_decode(bad[i], strlen(bad[i]), dec,
				     sizeof(dec), &n),
		    ERR_PEER_MALFORMED);
}

/* OpenSSL's encoder is the second opinion on all lengths up to 200. */
static void
test_base64_against_openssl(void **state)
{
	uint8_t data[200], dec[WIRE_BASE64_DECODED_MAX(300)];
	char ours[300], theirs[300];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 7);
	for (size_t len = 1; len <= sizeof(data); len++) {
		wire_base64_encode(WIRE_BASE64_STD, data, len, ours);
		EVP_EncodeBlock((unsigned char *)theirs, data, (int)len);
		assert_string_equal(ours, theirs);
		n = wire_base64_encode(WIRE_BASE64_URL, data, len, ours);
		assert_null(strpbrk(ours, "+/="));
		assert_int_equal(wire_base64_decode(WIRE_BASE64_URL, ours, n,
				     dec, sizeof(dec), &n),
		    0);
		assert_int_equal(n, len);
		assert_memory_equal(dec, data, len);
	}
}

static void
test_base64_strict(void **state)
{
	static const struct {
		enum wire_base64_kind kind;
		const char *s;
		int rc;
	} rows[] = {
		{ WIRE_BASE64_STD, "Zg", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "Zg=", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "Z===", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "====", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "Zh==", ERR_PEER_ENCODING },
		{ WIRE_BASE64_STD, "Zm9=", ERR_PEER_ENCODING },
		{ WIRE_BASE64_STD, "Zm 9", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "Zm9\n", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_STD, "-_-_", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_URL, "+/+/", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_URL, "Zg==", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_URL, "Z", ERR_PEER_MALFORMED },
		{ WIRE_BASE64_URL, "Zh", ERR_PEER_ENCODING },
	};
	uint8_t out[8];
	size_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(wire_base64_decode(rows[i].kind, rows[i].s,
				     strlen(rows[i].s), out, sizeof(out), &n),
		    rows[i].rc);
	assert_int_equal(
	    wire_base64_decode(WIRE_BASE64_STD, "Zm9vYmFy", 8, out, 5, &n),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(n, 77);
}

static void
test_hex(void **state)
{
	static const uint8_t data[] = { 0, 1, 0x7f, 0x80, 0xab, 0xff };
	uint8_t out[6];
	char s[13];
	size_t n = 5;

	(void)state;
	wire_hex_encode(data, sizeof(data), s);
	assert_string_equal(s, "00017f80abff");
	assert_int_equal(
	    wire_hex_decode("00017F80aBff", 12, out, sizeof(out), &n), 0);
	assert_int_equal(n, 6);
	assert_memory_equal(out, data, 6);
	assert_int_equal(
	    wire_hex_decode("0", 1, out, 6, &n), ERR_PEER_MALFORMED);
	assert_int_equal(
	    wire_hex_decode("0g", 2, out, 6, &n), ERR_PEER_MALFORMED);
	assert_int_equal(wire_hex_decode("00112233445566", 14, out, 6, &n),
	    ERR_PEER_TOO_LARGE);
}

static void
test_pem(void **state)
{
	struct buf pem, der;
	uint8_t data[100];
	size_t pos = 0;

	(void)state;
	base_buf_init(&pem, 10000);
	base_buf_init(&der, 10000);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 3);
	assert_int_equal(base_buf_printf(&pem, "subject=x\n"), 0);
	assert_int_equal(wire_pem_encode("OTHER", data, 10, &pem), 0);
	assert_int_equal(wire_pem_encode("CERTIFICATE", data, 100, &pem), 0);
	assert_int_equal(wire_pem_encode("CERTIFICATE", data, 1, &pem), 0);
	assert_int_equal(
	    wire_pem_next((char *)pem.data, pem.len, &pos, "CERTIFICATE", &der),
	    0);
	assert_int_equal(der.len, 100);
	assert_memory_equal(der.data, data, 100);
	assert_int_equal(
	    wire_pem_next((char *)pem.data, pem.len, &pos, "CERTIFICATE", &der),
	    0);
	assert_int_equal(der.len, 101);
	assert_int_equal(
	    wire_pem_next((char *)pem.data, pem.len, &pos, "CERTIFICATE", &der),
	    ERR_STATE_NOT_FOUND);
	base_buf_free(&pem);
	base_buf_free(&der);
}

static void
test_pem_bad(void **state)
{
	static const char *bad[] = {
		"-----BEGIN CERTIFICATE-----\nAAAA\n",
		"-----BEGIN CERTIFICATE-----\nA!AA\n"
		"-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nAAA\n"
		"-----END CERTIFICATE-----\n",
	};
	struct buf der;

	(void)state;
	base_buf_init(&der, 100);
	for (size_t i = 0; i < 3; i++) {
		size_t pos = 0;

		assert_int_equal(wire_pem_next(bad[i], strlen(bad[i]), &pos,
				     "CERTIFICATE", &der),
		    ERR_PEER_MALFORMED);
		assert_int_equal(pos, 0);
		assert_int_equal(der.len, 0);
	}
	base_buf_free(&der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_rfc4648),
		cmocka_unit_test(test_base32),
		cmocka_unit_test(test_base64_against_openssl),
		cmocka_unit_test(test_base64_strict),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_pem_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
