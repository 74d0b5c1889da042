/* SPDX-License-Identifier: Apache-2.0 */
/* Nonces, states, limits, CAA, the http-01 challenge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "acme/caa.h"
#include "acme/challenge.h"
#include "acme/limit.h"
#include "acme/nonce.h"
#include "acme/problem.h"
#include "acme/state.h"
#include "base/rng.h"

static int
count_up(void *ctx, uint8_t *buf, size_t len)
{
	uint8_t *next = ctx;

	while (len-- > 0)
		*buf++ = (*next)++;
	return 0;
}

static struct acme_nonce *
nonces(uint8_t seed)
{
	static uint8_t next;
	static const struct rng rng = { count_up, &next };
	struct acme_nonce *n;

	next = seed;
	assert_int_equal(acme_nonce_new(&rng, &n), 0);
	return n;
}

static void
test_nonce(void **state)
{
	struct acme_nonce *n = nonces(1), *other = nonces(99);
	char a[33], b[33];
	size_t i;

	(void)state;
	assert_int_equal(acme_nonce_make(n, a), 0);
	assert_int_equal(acme_nonce_make(n, b), 0);
	assert_int_equal(strlen(a), ACME_NONCE_LEN);
	assert_string_not_equal(a, b);
	/* Checking does not use up; using does, and only that one. */
	assert_int_equal(acme_nonce_check(n, a, 32), 0);
	assert_int_equal(acme_nonce_use(n, a, 32), 0);
	assert_int_equal(acme_nonce_use(n, a, 32), ERR_STATE_CONFLICT);
	assert_int_equal(acme_nonce_check(n, a, 32), ERR_STATE_CONFLICT);
	assert_int_equal(acme_nonce_use(n, b, 32), 0);
	/* Another process's, a cut one, each altered character. */
	assert_int_equal(acme_nonce_make(n, a), 0);
	assert_int_equal(acme_nonce_use(other, a, 32), ERR_PEER_MALFORMED);
	assert_int_equal(acme_nonce_use(n, a, 31), ERR_PEER_MALFORMED);
	for (i = 0; i < 32; i++) {
		memcpy(b, a, 33);
		b[i] = b[i] == 'A' ? 'B' : 'A';
		assert_int_equal(acme_nonce_use(n, b, 32), ERR_PEER_MALFORMED);
	}
	assert_int_equal(acme_nonce_use(n, a, 32), 0);
	acme_nonce_free(n);
	acme_nonce_free(other);
}

static void
test_nonce_window(void **state)
{
	struct acme_nonce *n = nonces(1);
	char first[33], second[33], other[33];
	size_t i;

	(void)state;
	assert_int_equal(acme_nonce_make(n, first), 0);
	assert_int_equal(acme_nonce_make(n, second), 0);
	for (i = 2; i < ACME_NONCE_WINDOW; i++)
		assert_int_equal(acme_nonce_make(n, other), 0);
	/* 2^20 have been given out: the first is still good, until one more */
	assert_int_equal(acme_nonce_check(n, first, 32), 0);
	assert_int_equal(acme_nonce_make(n, other), 0);
	assert_int_equal(acme_nonce_use(n, first, 32), ERR_STATE_EXPIRED);
	assert_int_equal(acme_nonce_use(n, second, 32), 0);
	assert_int_equal(acme_nonce_use(n, other, 32), 0);
	acme_nonce_free(n);
}

/* RFC 8555 section 7.1.6, typed from its diagrams once more. */
static void
test_states(void **state)
{
	static const char *const allowed[][3] = {
		{ "0", "valid", "deactivated" },
		{ "0", "valid", "revoked" },
		{ "1", "pending", "ready" },
		{ "1", "pending", "invalid" },
		{ "1", "ready", "processing" },
		{ "1", "ready", "invalid" },
		{ "1", "processing", "valid" },
		{ "1", "processing", "invalid" },
		{ "2", "pending", "valid" },
		{ "2", "pending", "invalid" },
		{ "2", "pending", "deactivated" },
		{ "2", "pending", "expired" },
		{ "2", "pending", "revoked" },
		{ "2", "valid", "deactivated" },
		{ "2", "valid", "expired" },
		{ "2", "valid", "revoked" },
		{ "3", "pending", "processing" },
		{ "3", "pending", "invalid" },
		{ "3", "processing", "processing" },
		{ "3", "processing", "valid" },
		{ "3", "processing", "invalid" },
	};
	unsigned o, from, to, n = 0;
	size_t i;

	(void)state;
	for (o = ACME_ACCOUNT; o <= ACME_CHALLENGE; o++)
		for (from = 0; from < ACME_STATE_COUNT; from++)
			for (to = 0; to < ACME_STATE_COUNT; to++)
				n += acme_state_may((enum acme_object)o,
				    (enum acme_state)from, (enum acme_state)to);
	assert_int_equal(n, sizeof(allowed) / sizeof(allowed[0]));
	for (i = 0; i < n; i++) {
		enum acme_object obj =
		    (enum acme_object)(allowed[i][0][0] - '0');
		enum acme_state f, t;

		assert_int_equal(acme_state_parse(obj, allowed[i][1], &f), 0);
		assert_int_equal(acme_state_parse(obj, allowed[i][2], &t), 0);
		assert_true(acme_state_may(obj, f, t));
	}
	assert_int_equal(
	    acme_state_parse(ACME_ACCOUNT, "ready", &(enum acme_state){ 0 }),
	    ERR_SYS_CORRUPT);
}

static void
test_limit(void **state)
{
	static const uint8_t key[16] = { 1 };
	struct acme_limit *l;
	const struct acme_limit_state was = { 1000000, 3, 0 };
	int64_t now = INT64_C(1000000) * 60000;
	int i, wait;

	(void)state;
	/* as it was before a restart */
	assert_int_equal(acme_limit_new(3, 60000, 2, key, &l), 0);
	acme_limit_restore(l, "a", &was);
	assert_int_equal(acme_limit_check(l, "a", now, &wait), ERR_PEER_RATE);
	assert_int_equal(acme_limit_check(l, "a", now + 90000, &wait), 0);
	acme_limit_free(l);
	assert_int_equal(acme_limit_new(3, 60000, 2, key, &l), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(acme_limit_check(l, "a", now, &wait), 0);
		acme_limit_charge(l, "a", now);
	}
	assert_int_equal(acme_limit_check(l, "a", now, &wait), ERR_PEER_RATE);
	assert_true(wait > 0 && wait <= 61);
	assert_int_equal(acme_limit_check(l, "b", now, &wait), 0);
	/* The older window counts by its share. */
	assert_int_equal(
	    acme_limit_check(l, "a", now + 60000, &wait), ERR_PEER_RATE);
	assert_int_equal(acme_limit_check(l, "a", now + 90000, &wait), 0);
	assert_int_equal(acme_limit_check(l, "a", now + 120000, &wait), 0);
	/* Two keys at most: the one unused for longest is forgotten. */
	acme_limit_charge(l, "a", now + 120000);
	for (i = 0; i < 3; i++)
		acme_limit_charge(l, "b", now + 120000);
	acme_limit_charge(l, "c", now + 120000);
	assert_int_equal(
	    acme_limit_check(l, "b", now + 120000, &wait), ERR_PEER_RATE);
	acme_limit_free(l);
	assert_int_equal(acme_limit_new(0, 60000, 2, key, &l), 0);
	for (i = 0; i < 100; i++)
		acme_limit_charge(l, "a", now);
	assert_int_equal(acme_limit_check(l, "a", now, &wait), 0);
	acme_limit_free(l);
}

static const struct {
	const char *record[2];
	bool wildcard, ok;
} caa_rows[] = {
	{ { "0issue ca.example", NULL }, false, true },
	{ { "0issue CA.Example.", NULL }, false, true },
	{ { "0issue  ca.example ; x=y ", NULL }, false, true },
	{ { "0issue other.example", NULL }, false, false },
	{ { "0issue other.example", "0issue ca.example" }, false, true },
	{ { "0issue ;", NULL }, false, false },
	{ { "0issue ", NULL }, false, false },
	{ { "0issue %%%%", NULL }, false, false },
	{ { "0iodef mailto:x@y", NULL }, false, true },
	{ { "0issuewild ca.example", NULL }, false, true },
	{ { "0issuewild ;", "0issue ca.example" }, false, true },
	{ { "0issuewild ;", "0issue ca.example" }, true, false },
	{ { "0issue ;", "0issuewild ca.example" }, true, true },
	{ { "0issue ca.example", NULL }, true, true },
	/* critical: known is fine, unknown forbids */
	{ { "1issue ca.example", NULL }, false, true },
	{ { "1tbs Unknown", "0issue ca.example" }, false, false },
	{ { "0tbs Unknown", "0issue ca.example" }, false, true },
	/* RFC 8657 */
	{ { "0issue ca.example; accounturi=https://a/1", NULL }, false, true },
	{ { "0issue ca.example; accounturi=https://a/2", NULL }, false, false },
	{ { "0issue ca.example; accounturi=https://a/1; "
	    "accounturi=https://a/1",
	      NULL },
	    false, false },
	{ { "0issue ca.example; validationmethods=dns-01,http-01", NULL },
	    false, true },
	{ { "0issue ca.example; validationmethods=dns-01", NULL }, false,
	    false },
	{ { "0issue ca.example; junk", NULL }, false, false },
};

/* One or two records, "<flag><tag> <value>", and what they allow. */
static void
test_caa(void **state)
{
	static const char *const ids[] = { "ca.example" };
	struct acme_caa_query q = { false, ids, 1, "https://a/1", "http-01" };
	uint8_t raw[2][256];
	struct acme_caa_rdata set[2];
	char why[128];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < sizeof(caa_rows) / sizeof(caa_rows[0]); i++) {
		for (n = 0; n < 2 && caa_rows[i].record[n] != NULL; n++) {
			const char *tag = caa_rows[i].record[n] + 1;
			size_t tag_len = strcspn(tag, " ");
			const char *value = tag + tag_len + 1;

			raw[n][0] = tag[-1] == '1' ? 128 : 0;
			raw[n][1] = (uint8_t)tag_len;
			memcpy(raw[n] + 2, tag, tag_len);
			memcpy(raw[n] + 2 + tag_len, value, strlen(value));
			set[n].data = raw[n];
			set[n].len = 2 + tag_len + strlen(value);
		}
		q.wildcard = caa_rows[i].wildcard;
		j = acme_caa_evaluate(set, n, &q, why, sizeof(why)) == 0;
		if ((bool)j != caa_rows[i].ok)
			fail_msg("row %zu: %s", i, caa_rows[i].record[0]);
	}
	/* Truncated, empty tag, zero octet in the value. */
	set[0].data = (const uint8_t *)"\0\5issu";
	set[0].len = 6;
	assert_int_equal(
	    acme_caa_evaluate(set, 1, &q, why, sizeof(why)), ERR_STATE_REFUSED);
	set[0].data = (const uint8_t *)"\0\0";
	set[0].len = 2;
	assert_int_equal(
	    acme_caa_evaluate(set, 1, &q, why, sizeof(why)), ERR_STATE_REFUSED);
	set[0].data = (const uint8_t *)"\0\5issueca.example\0x";
	set[0].len = 19;
	assert_int_equal(
	    acme_caa_evaluate(set, 1, &q, why, sizeof(why)), ERR_STATE_REFUSED);
	assert_string_equal(acme_caa_parent("a.b.c"), "b.c");
	assert_null(acme_caa_parent("c"));
}

static void
test_redirects(void **state)
{
	static const struct {
		const char *location, *to; /* NULL: refused */
	} rows[] = {
		{ "/x?y#z", "http a.test 5002 /x?y" },
		{ "http://b.test/p", "http b.test 5002 /p" },
		{ "HTTP://b.test/p", NULL },
		{ "http://B.Test:5002", "http b.test 5002 /" },
		{ "http://b.test?q", "http b.test 5002 /?q" },
		{ "http://b.test:80/", NULL },
		{ "https://b.test/p", "https b.test 443 /p" },
		{ "https://b.test:5002/p", NULL },
		{ "http://[::1]:5002/p", "http ::1 5002 /p" },
		{ "//c.test/", "http c.test 5002 /" },
		{ "http://u:p@b.test/", NULL },
		{ "http://b.test:5002:1/", NULL },
		{ "http://b.test:0/", NULL },
		{ "http:///p", NULL },
		{ "ftp://b.test/", NULL },
		{ "gopher:x", NULL },
		{ "relative", NULL },
		{ "", NULL },
		{ "http://b.te st/", NULL },
		{ "http://b.test/\r\nX: y", NULL },
		{ "http://b%2etest/", NULL },
	};
	static const uint16_t ports[2] = { 5002, 443 };
	struct acme_challenge_target from, to;
	struct acme_problem p;
	char text[700];
	size_t i;

	(void)state;
	assert_int_equal(acme_challenge_http("a.test", 5002, "tok", &from), 0);
	assert_string_equal(from.path, "/.well-known/acme-challenge/tok");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = acme_challenge_redirect(
		    &from, rows[i].location, ports, &to, &p);

		if ((rc == 0) != (rows[i].to != NULL))
			fail_msg("row %zu: %s", i, rows[i].location);
		if (rc != 0) {
			assert_int_equal(
			    p.type, ACME_PROBLEM_INCORRECT_RESPONSE);
			continue;
		}
		(void)snprintf(text, sizeof(text), "%s %s %u %.300s",
		    to.tls ? "https" : "http", to.host, (unsigned)to.port,
		    to.path);
		assert_string_equal(text, rows[i].to);
	}
}

static void
test_response(void **state)
{
	static const char token[] =
	    "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
	static const char print[] =
	    "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
	char auth[ACME_CHALLENGE_KEYAUTH_LEN + 1], body[700];
	struct acme_problem p;
	int rc;

	(void)state;
	/* The example of RFC 8555 section 8.3. */
	assert_int_equal(acme_challenge_keyauth(token, print, auth), 0);
	assert_string_equal(auth,
	    "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
	    ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI");
	(void)snprintf(body, sizeof(body), "%s \t\r\n", auth);
	rc = acme_challenge_response(200, body, strlen(body), auth, &p);
	assert_int_equal(rc, 0);
	rc = acme_challenge_response(404, body, strlen(body), auth, &p);
	assert_int_equal(rc, ERR_STATE_REFUSED);
	assert_int_equal(p.type, ACME_PROBLEM_INCORRECT_RESPONSE);
	rc = acme_challenge_response(200, body + 1, strlen(body) - 1, auth, &p);
	assert_int_equal(rc, ERR_STATE_REFUSED);
	assert_int_equal(p.type, ACME_PROBLEM_UNAUTHORIZED);
	rc = acme_challenge_response(200, "", 0, auth, &p);
	assert_int_equal(p.type, ACME_PROBLEM_UNAUTHORIZED);
	(void)snprintf(body, sizeof(body), "%s%0600d", auth, 0);
	rc = acme_challenge_response(200, body, strlen(body), auth, &p);
	assert_int_equal(rc, ERR_STATE_REFUSED);
	assert_int_equal(
	    acme_challenge_keyauth("short", print, auth), ERR_SYS_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nonce),
		cmocka_unit_test(test_nonce_window),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_caa),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
