/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pki/name.h"
#include "pki/punycode.h"
#include "pki/san.h"

static const char *const labels[] = { "hypermesh", "trust" };
static const struct pki_name_policy plain = { .single_labels = labels,
	.n_single_labels = 2 };
static const struct pki_name_policy local = { .local = true };
static const struct pki_name_policy v4 = { .allow_ipv4 = true };
static const struct pki_name_policy client = { .allow_uri = true };

static int
check(const char *text, const struct pki_name_policy *p)
{
	struct pki_san_list l = { .n = 0 };
	const char *why = NULL;
	int rc;

	assert_int_equal(pki_san_add_text(&l, text), 0);
	rc = pki_name_check(&l.item[0], p, &why);
	assert_true((rc == 0) == (why == NULL));
	return rc;
}

static void
test_good(void **state)
{
	static const char *const good[] = { "a.example", "example.test",
		"a-b.example", "1.example", "xn--bcher-kva.example",
		"xn--p1ai.example", "*.example.test", "hypermesh", "trust",
		"a.hypermesh", "2001:db8::1", "2606:4700::1111",
		"xn--mnchen-3ya.de", "a.b.c.d.e.f.g.h.example" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i], &plain) != 0)
			fail_msg("%s was refused", good[i]);
	assert_int_equal(check("localhost", &local), 0);
	assert_int_equal(check("::1", &local), 0);
	assert_int_equal(check("192.0.2.1", &v4), 0);
	assert_int_equal(check("urn:troth:node:00ff", &client), 0);
}

static void
test_bad(void **state)
{
	static const char *const bad[] = { "localhost", "::1", "example",
		"A.example", "a..example", ".example", "example.", "-a.example",
		"a-.example", "a_b.example", "a b.example", "*", "*.example",
		"a.*.example", "*a.example.test", "**.example.test",
		"a.example.1", "1.2.3.4.5", "192.0.2.1", "::", "::2",
		"::ffff:192.0.2.1", "fe80::1", "febf::1", "ff02::1",
		"ab--cd.example", "xn--.example", "xn--a.example",
		"xn--abc-.example", "xn--a-b-c-.example",
		"xn--99999999999.example", "urn:troth:node:00ff",
		"b\xc3\xbc.example", "https://a.example", "a.example/",
		"a.example:80", "%.example" };
	char name[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check(bad[i], &plain) != ERR_PEER_NAME)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(check("urn:troth:node:", &client), ERR_PEER_NAME);
	assert_int_equal(check("urn:troth:node:0F", &client), ERR_PEER_NAME);
	assert_int_equal(check("urn:troth:node:000", &client), ERR_PEER_NAME);
	assert_int_equal(check("0.1.2.3", &v4), ERR_PEER_NAME);
	assert_int_equal(check("224.0.0.1", &v4), ERR_PEER_NAME);
	assert_int_equal(check("127.0.0.1", &v4), ERR_PEER_NAME);
	/* 63 and 253 octets are the last that fit. */
	memset(name, 'a', 64);
	memcpy(name + 63, ".example", 9);
	assert_int_equal(pki_name_check_dns(name, &plain, NULL), 0);
	memset(name, 'a', 64);
	memcpy(name + 64, ".example", 9);
	assert_int_equal(pki_name_check_dns(name, &plain, NULL), ERR_PEER_NAME);
	for (i = 0; i < 252; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	memcpy(name + 252, "a", 2);
	assert_int_equal(strlen(name), 253);
	assert_int_equal(pki_name_check_dns(name, &plain, NULL), 0);
	memcpy(name + 252, "aa", 3);
	assert_int_equal(pki_name_check_dns(name, &plain, NULL), ERR_PEER_NAME);
}

/* RFC 3492 section 7.1, the samples in lower case: code points and result. */
static const struct {
	const char *puny;
	size_t n;
	uint32_t point[40];
} samples[] = {
	/* (A) Arabic (Egyptian) */
	{ "egbpdaj6bu4bxfgehfvwxn", 17,
	    { 0x644, 0x64a, 0x647, 0x645, 0x627, 0x628, 0x62a, 0x643, 0x644,
		0x645, 0x648, 0x634, 0x639, 0x631, 0x628, 0x64a, 0x61f } },
	/* (B) Chinese (simplified) */
	{ "ihqwcrb4cv8a8dqg056pqjye", 9,
	    { 0x4ed6, 0x4eec, 0x4e3a, 0x4ec0, 0x4e48, 0x4e0d, 0x8bf4, 0x4e2d,
		0x6587 } },
	/* (L) 3<nen>B<gumi><kinpachi><sensei>, its capital folded */
	{ "3b-ww4c5e180e575a65lsy2b", 8,
	    { 0x33, 0x5e74, 0x62, 0x7d44, 0x91d1, 0x516b, 0x5148, 0x751f } },
	/* (R) <sono><supiido><de> */
	{ "d9juau41awczczp", 7,
	    { 0x305d, 0x306e, 0x30b9, 0x30d4, 0x30fc, 0x30c9, 0x3067 } },
	/* (P) <pafii>de<runba>, as "de" in between */
	{ "de-jg4avhby1noc0d", 9,
	    { 0x30d1, 0x30d5, 0x30a3, 0x30fc, 0x64, 0x65, 0x30eb, 0x30f3,
		0x30d0 } },
};

static void
test_punycode(void **state)
{
	uint32_t point[PKI_PUNYCODE_POINTS_MAX];
	char text[64];
	size_t i, n, len;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		assert_int_equal(pki_punycode_decode(samples[i].puny,
				     strlen(samples[i].puny), point, &n),
		    0);
		assert_int_equal(n, samples[i].n);
		assert_memory_equal(
		    point, samples[i].point, n * sizeof(point[0]));
		assert_int_equal(
		    pki_punycode_encode(point, n, text, sizeof(text), &len), 0);
		assert_int_equal(len, strlen(samples[i].puny));
		assert_memory_equal(text, samples[i].puny, len);
	}
	assert_int_equal(
	    pki_punycode_encode(point, n, text, 3, &len), ERR_SYS_LIMIT);
}

static void
test_scope(void **state)
{
	static const struct {
		const char *name, *scope;
		bool in;
	} t[] = {
		{ "a.test", "test", true },
		{ "test.example", "test.example", true },
		{ "atest.example", "test.example", false },
		{ "*.test.example", "test.example", true },
		{ "*.example", "test.example", false },
		{ "a.test", "", false },
		{ "2001:db8::1", "2001:db8::/32", true },
		{ "2001:db9::1", "2001:db8::/32", false },
		{ "2001:db8:8000::1", "2001:db8::/33", false },
		{ "2001:db8:7fff::1", "2001:db8::/33", true },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::2", "2001:db8::1", false },
		{ "192.0.2.1", "192.0.2.0/24", true },
		{ "192.0.2.1", "2001:db8::/32", false },
		{ "2001:db8::1", "::/0", true },
		{ "2001:db8::1", "::/129", false },
		{ "a.test", "::/0", false },
		{ "urn:troth:node:ab", "urn:troth:node:", true },
		{ "urn:troth:node:ab", "urn:troth:other:", false },
		{ "urn:troth:node:ab", "ab", false },
	};
	struct pki_san_list l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		l.n = 0;
		assert_int_equal(pki_san_add_text(&l, t[i].name), 0);
		if (pki_name_in_scope(&l.item[0], t[i].scope) != t[i].in)
			fail_msg("%s in %s", t[i].name, t[i].scope);
	}
}

static void
test_list(void **state)
{
	struct pki_san_list a = { .n = 0 }, b = { .n = 0 };
	char text[64];
	int i;

	(void)state;
	assert_int_equal(pki_san_add_text(&a, "a.test"), 0);
	assert_int_equal(pki_san_add_text(&a, "A.TEST"), 0);
	assert_int_equal(a.n, 1);
	assert_int_equal(pki_san_add_text(&a, "[2001:DB8:0::1]"), 0);
	pki_san_text(&a.item[1], text, sizeof(text));
	assert_string_equal(text, "2001:db8::1");
	assert_int_equal(pki_san_add_text(&b, "2001:db8::1"), 0);
	assert_false(pki_san_same(&a, &b));
	assert_int_equal(pki_san_add_text(&b, "a.test"), 0);
	assert_true(pki_san_same(&a, &b));
	for (i = 0; i < PKI_SAN_COUNT_MAX - 2; i++) {
		snprintf(text, sizeof(text), "h%d.test", i);
		assert_int_equal(pki_san_add_text(&a, text), 0);
	}
	assert_int_equal(
	    pki_san_add_text(&a, "one-more.test"), ERR_PEER_TOO_LARGE);
	assert_int_equal(pki_san_add_text(&a, "a.test"), 0);
	assert_int_equal(pki_san_add_text(&b, ""), ERR_PEER_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_punycode),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
