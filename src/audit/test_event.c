/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/event.h"

static const uint8_t random_id[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6 };

static void
test_encode(void **state)
{
	struct audit_event ev = { "cert.issued", "system:ca", "serial=0a fp=0b",
		1700000000123, 42, NULL };
	char line[AUDIT_LINE_MAX + 1];
	size_t len;

	(void)state;
	assert_int_equal(audit_event_encode(&ev, random_id, line, &len), 0);
	assert_string_equal(line,
	    "{\"event_id\":\"ffffffff-ffff-4fff-bfff-010203040506\","
	    "\"timestamp_ns\":1700000000123000000,"
	    "\"operator_id\":\"system:ca\",\"action\":\"cert.issued\","
	    "\"target\":\"outbox=42 serial=0a fp=0b\"}");
	assert_int_equal(len, strlen(line));
	assert_true(audit_line_ok(line, len));
	assert_int_equal(audit_line_source(line, len), 42);
	ev.source = 0;
	ev.target = NULL;
	assert_int_equal(audit_event_encode(&ev, random_id, line, &len), 0);
	assert_int_equal(audit_line_source(line, len), 0);
	assert_non_null(strstr(line, "\"target\":\"\"}"));
}

/* A target cannot pretend to be another member, or to be two lines. */
static void
test_hostile_text(void **state)
{
	struct audit_event ev = { "a", "b",
		"x\",\"target\":\"outbox=9\n{\"event_id\":\"\xc3\xa9", 1, 0,
		NULL };
	char line[AUDIT_LINE_MAX + 1], big[AUDIT_LINE_MAX];
	size_t len;

	(void)state;
	assert_int_equal(audit_event_encode(&ev, random_id, line, &len), 0);
	assert_null(strchr(line, '\n'));
	assert_non_null(strstr(line, "\\u00E9"));
	assert_int_equal(audit_line_source(line, len), 0);
	assert_true(audit_line_ok(line, len));
	ev.target = "\xff";
	assert_int_equal(
	    audit_event_encode(&ev, random_id, line, &len), ERR_PEER_MALFORMED);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ev.target = big;
	assert_int_equal(
	    audit_event_encode(&ev, random_id, line, &len), ERR_SYS_LIMIT);
}

static void
test_line_ok(void **state)
{
	static const char good[] = "{\"event_id\":\"x\"}";
	char bad[sizeof(good)];
	size_t i;

	(void)state;
	assert_true(audit_line_ok(good, sizeof(good) - 1));
	for (i = 0; i < sizeof(good) - 1; i++) {
		memcpy(bad, good, sizeof(good));
		bad[i] = '\t';
		assert_false(audit_line_ok(bad, sizeof(good) - 1));
		assert_false(audit_line_ok(good, i));
	}
}

static int
words(const char *json, char *out, size_t cap)
{
	return audit_event_words(json, strlen(json), out, cap);
}

static void
test_words(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(words("{\"serial\":\"0a\",\"n\":-3,"
			       "\"logs\":[\"a\",\"b,c\"],\"e\":\"x =%\"}",
			     out, sizeof(out)),
	    0);
	assert_string_equal(out, "serial=0a n=-3 logs=a,b%2Cc e=x%20%3D%25");
	assert_int_equal(words("{}", out, sizeof(out)), 0);
	assert_string_equal(out, "");
	assert_int_equal(
	    words("{\"a\":{}}", out, sizeof(out)), ERR_PEER_MALFORMED);
	assert_int_equal(words("[1]", out, sizeof(out)), ERR_PEER_MALFORMED);
	assert_int_equal(words("{\"a\":\"123456789\"}", out, 8), ERR_SYS_LIMIT);
}

/*
 * HMAC-SHA256(key 32 x 0x0b, "example"): the figure is from
 * printf example | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b...
 */
static void
test_pseudonym(void **state)
{
	char p[AUDIT_PSEUDONYM_MAX], q[AUDIT_PSEUDONYM_MAX];
	uint8_t key[AUDIT_KEY_LEN];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	audit_event_pseudonym(key, "example", 7, p);
	assert_string_equal(p, "p-6915809aa13204c2");
	key[0] = 0;
	audit_event_pseudonym(key, "example", 7, q);
	assert_string_not_equal(p, q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_line_ok),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_pseudonym),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
