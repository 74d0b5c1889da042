/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/asn1.h>

#include "pki/der.h"
#include "pki/tlv.h"

#define B(s) ((struct pki_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

/* X.690 violations and their plain forms. */
static void
test_strict(void **state)
{
	static const struct {
		struct pki_bytes der;
		int rc;
	} t[] = {
		{ B("\x30\x03\x01\x01\xff"), 0 },
		{ B("\x30\x03\x01\x01\x01"), ERR_PEER_ENCODING },
		{ B("\x01\x02\xff\xff"), ERR_PEER_ENCODING },
		{ B("\x02\x01\x00"), 0 },
		{ B("\x02\x02\x00\x80"), 0 },
		{ B("\x02\x02\x00\x7f"), ERR_PEER_ENCODING },
		{ B("\x02\x02\xff\x80"), ERR_PEER_ENCODING },
		{ B("\x02\x02\xff\x7f"), 0 },
		{ B("\x02\x00"), ERR_PEER_ENCODING },
		{ B("\x04\x81\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x04\x80\x00\x00"), ERR_PEER_ENCODING },
		{ B("\x04\x82\x00\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x24\x03\x04\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x03\x02\x07\x80"), 0 },
		{ B("\x03\x02\x07\xc0"), ERR_PEER_ENCODING },
		{ B("\x03\x01\x01"), ERR_PEER_ENCODING },
		{ B("\x03\x02\x08\x00"), ERR_PEER_ENCODING },
		{ B("\x03\x00"), ERR_PEER_ENCODING },
		{ B("\x05\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x06\x01\x80"), ERR_PEER_ENCODING },
		{ B("\x06\x03\x2a\x80\x01"), ERR_PEER_ENCODING },
		{ B("\x06\x02\x2a\x83"), ERR_PEER_ENCODING },
		{ B("\x06\x00"), ERR_PEER_ENCODING },
		{ B("\x31\x06\x02\x01\x02\x02\x01\x01"), ERR_PEER_ENCODING },
		{ B("\x31\x06\x02\x01\x01\x02\x01\x02"), 0 },
		{ B("\x1f\x21\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x41\x01\x00"), ERR_PEER_ENCODING },
		{ B("\x30\x01"), ERR_PEER_TRUNCATED },
		{ B("\x30"), ERR_PEER_TRUNCATED },
		{ B(""), ERR_PEER_TRUNCATED },
		{ B("\x05\x00\x00"), ERR_PEER_TRAILING },
		{ B("\x30\x84\xff\xff\xff\xff"), ERR_PEER_TRUNCATED },
		{ B("\x17\x0d"
		    "261121120000Z"),
		    0 },
		{ B("\x17\x0d"
		    "26112112000+Z"),
		    ERR_PEER_ENCODING },
		{ B("\x18\x11"
		    "20261121120000.5Z"),
		    0 },
		{ B("\x18\x11"
		    "20261121120000.0Z"),
		    ERR_PEER_ENCODING },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (pki_tlv_check(t[i].der) != t[i].rc)
			fail_msg("case %zu: %d", i, pki_tlv_check(t[i].der));
}

static void
test_depth(void **state)
{
	uint8_t buf[64];
	struct pki_der w;
	size_t n, i, len;

	(void)state;
	for (n = 1; n <= 16; n++) {
		pki_der_init(&w, buf, sizeof(buf));
		for (i = 0; i < n; i++)
			pki_der_open(&w, PKI_TAG_SEQUENCE);
		for (i = 0; i < n; i++)
			pki_der_close(&w);
		assert_int_equal(pki_der_finish(&w, &len), 0);
		assert_int_equal(
		    pki_tlv_check((struct pki_bytes){ buf, len }), 0);
	}
	memmove(buf + 2, buf, len);
	buf[0] = 0x30;
	buf[1] = (uint8_t)len;
	memmove(buf + 2, buf, len + 2);
	buf[0] = 0x30;
	buf[1] = (uint8_t)(len + 2);
	assert_int_equal(
	    pki_tlv_check((struct pki_bytes){ buf, len + 4 }), ERR_PEER_DEPTH);
}

/* OpenSSL writes the same octets for integers, times and lengths. */
static void
test_writer(void **state)
{
	static const uint32_t values[] = { 0, 1, 127, 128, 255, 256, 32767,
		32768, 65537, 0x7fffffff, 0x80000000, 0xffffffff };
	uint8_t mine[64], *theirs, *big = malloc(70000), *p;
	static const size_t lens[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	ASN1_INTEGER *a = ASN1_INTEGER_new();
	ASN1_OCTET_STRING *o;
	struct pki_der w;
	size_t i, len;
	int n;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		pki_der_init(&w, mine, sizeof(mine));
		pki_der_small(&w, values[i]);
		assert_int_equal(pki_der_finish(&w, &len), 0);
		ASN1_INTEGER_set_uint64(a, values[i]);
		theirs = NULL;
		n = i2d_ASN1_INTEGER(a, &theirs);
		assert_int_equal(n, len);
		assert_memory_equal(mine, theirs, len);
		OPENSSL_free(theirs);
	}
	ASN1_INTEGER_free(a);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		p = calloc(1, lens[i] + 1);
		pki_der_init(&w, big, 70000);
		pki_der_open(&w, PKI_TAG_OCTET_STRING);
		pki_der_raw(&w, (struct pki_bytes){ p, lens[i] });
		pki_der_close(&w);
		assert_int_equal(pki_der_finish(&w, &len), 0);
		o = ASN1_OCTET_STRING_new();
		ASN1_OCTET_STRING_set(o, p, (int)lens[i]);
		theirs = NULL;
		n = i2d_ASN1_OCTET_STRING(o, &theirs);
		assert_int_equal(n, len);
		assert_memory_equal(big, theirs, len);
		OPENSSL_free(theirs);
		ASN1_OCTET_STRING_free(o);
		free(p);
	}
	free(big);
}

/* Every day of 1950..2060 there and back; the C library agrees. */
static void
test_times(void **state)
{
	struct pki_bytes in;
	struct pki_tlv t;
	struct pki_der w;
	uint8_t buf[32];
	int64_t at, back;
	size_t len;
	char text[32];
	struct tm tm;
	time_t tt;

	(void)state;
	for (at = INT64_C(-631152000); at < INT64_C(2871763200);
	     at += 86400 + 61) {
		pki_der_init(&w, buf, sizeof(buf));
		pki_der_time(&w, at * 1000);
		assert_int_equal(pki_der_finish(&w, &len), 0);
		in = (struct pki_bytes){ buf, len };
		assert_int_equal(pki_tlv_check(in), 0);
		assert_int_equal(pki_tlv_next(&in, &t), 0);
		assert_int_equal(pki_tlv_time(&t, &back), 0);
		assert_true(back == at * 1000);
		tt = (time_t)at;
		gmtime_r(&tt, &tm);
		strftime(text, sizeof(text),
		    tm.tm_year < 150 ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &tm);
		assert_int_equal(t.val.len, strlen(text));
		assert_memory_equal(t.val.data, text, t.val.len);
		assert_int_equal(t.tag, tm.tm_year < 150
					    ? PKI_TAG_UTC_TIME
					    : PKI_TAG_GENERALIZED_TIME);
	}
	pki_der_init(&w, buf, sizeof(buf));
	pki_der_time(&w, INT64_C(-631152001) * 1000);
	assert_int_equal(pki_der_finish(&w, &len), ERR_STATE_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
