/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int
parse(const char *text, struct keys_p11_uri *u)
{
	return keys_p11_uri_parse(text, strlen(text), u);
}

static void
test_good(void **state)
{
	struct keys_p11_uri u;

	(void)state;
	assert_int_equal(parse("pkcs11:token=B4AE;object=dilithium5_key", &u), 0);
	assert_string_equal(u.label, "B4AE");
	assert_string_equal(u.object, "dilithium5_key");
	assert_string_equal(u.serial, "");
	assert_int_equal(u.id_len, 0);
	assert_int_equal(u.type, KEYS_P11_ANY);
	/* From RFC 7512 section 3, as far as it names a key. */
	assert_int_equal(parse("pkcs11:token=The%20Software%20PKCS%2311%20"
			       "Softtoken;object=my-certificate;type=private;"
			       "id=%69%95%3E%5C%F4%BD%EC%91",
			     &u),
	    0);
	assert_string_equal(u.label, "The Software PKCS#11 Softtoken");
	assert_string_equal(u.object, "my-certificate");
	assert_int_equal(u.type, KEYS_P11_PRIVATE);
	assert_int_equal(u.id_len, 8);
	assert_memory_equal(u.id, "\x69\x95\x3e\x5c\xf4\xbd\xec\x91", 8);
	assert_int_equal(parse("pkcs11:id=%00;token=a%3bb;serial=0a;"
			       "type=secret-key",
			     &u),
	    0);
	assert_string_equal(u.label, "a;b");
	assert_string_equal(u.serial, "0a");
	assert_int_equal(u.id_len, 1);
	assert_int_equal(u.id[0], 0);
	assert_int_equal(parse("pkcs11:token=-._~:[]@!$'()*+,=&", &u), 0);
	assert_string_equal(u.label, "-._~:[]@!$'()*+,=&");
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} bad[] = {
		{ "", ERR_PEER_UNSUPPORTED },
		{ "pkcs11", ERR_PEER_UNSUPPORTED },
		{ "PKCS11:token=a", ERR_PEER_UNSUPPORTED },
		{ "file:token=a", ERR_PEER_UNSUPPORTED },
		{ "pkcs11:", ERR_PEER_TRUNCATED },
		{ "pkcs11:token", ERR_PEER_TRUNCATED },
		{ "pkcs11:token=", ERR_PEER_MALFORMED },
		{ "pkcs11:token=a;", ERR_PEER_TRUNCATED },
		{ "pkcs11:;token=a", ERR_PEER_MALFORMED },
		{ "pkcs11:object=a", ERR_PEER_MALFORMED },
		{ "pkcs11:token=a;object=", ERR_PEER_MALFORMED },
		{ "pkcs11:token=a;token=a", ERR_PEER_DUPLICATE },
		{ "pkcs11:token=a;id=%00;id=%00", ERR_PEER_DUPLICATE },
		{ "pkcs11:token=a;type=private;type=private",
		    ERR_PEER_DUPLICATE },
		{ "pkcs11:token=a;type=data", ERR_PEER_UNSUPPORTED },
		{ "pkcs11:token=a;slot-id=1", ERR_PEER_UNSUPPORTED },
		{ "pkcs11:token=a;x-vendor=1", ERR_PEER_UNSUPPORTED },
		{ "pkcs11:token=a?pin-value=1234", ERR_PEER_UNSUPPORTED },
		{ "pkcs11:token=a;object=b?module-path=/x",
		    ERR_PEER_UNSUPPORTED },
		{ "pkcs11:token=a%", ERR_PEER_TRUNCATED },
		{ "pkcs11:token=a%4", ERR_PEER_TRUNCATED },
		{ "pkcs11:token=a%4g", ERR_PEER_MALFORMED },
		{ "pkcs11:token=a%00b", ERR_PEER_ENCODING },
		{ "pkcs11:token=a b", ERR_PEER_MALFORMED },
		{ "pkcs11:token=a/b", ERR_PEER_MALFORMED },
		{ "pkcs11:token=\xc3\xa9", ERR_PEER_MALFORMED },
		{ "pkcs11:token=123456789012345678901234567890123",
		    ERR_PEER_TOO_LARGE },
		{ "pkcs11:token=a;serial=12345678901234567",
		    ERR_PEER_TOO_LARGE },
		{ "pkcs11:averyveryverylongname=a", ERR_PEER_MALFORMED },
	};
	struct keys_p11_uri u;
	char longest[KEYS_P11_URI_MAX + 2];

	(void)state;
	memset(&u, 0x5a, sizeof(u));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i].text, &u), bad[i].rc);
	/* Written on success only. */
	assert_int_equal((uint8_t)u.label[0], 0x5a);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "pkcs11:token=a;object=", 22);
	assert_int_equal(keys_p11_uri_parse(longest, KEYS_P11_URI_MAX + 1, &u),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(keys_p11_uri_parse(longest, 22 + 256, &u),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(keys_p11_uri_parse(longest, 22 + 255, &u), 0);
	assert_int_equal(strlen(u.object), 255);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
