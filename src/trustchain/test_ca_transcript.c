/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transcript of a ceremony: whatever octet of it is changed, it is
 * noticed.  (tests/e2e/ceremony.sh has a second implementation verify one.)
 */
#include "trustchain/ca_transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "crypto/shamir.h"
#include "trustchain/ca_share.h"

static struct crypto_pkey *root;

static void
add(struct ca_transcript *t, const char *event)
{
	assert_int_equal(
	    ca_transcript_add(t, event, json_pack("{s:s}", "what", "x")), 0);
	assert_int_equal(ca_transcript_sign(t, root), 0);
}

static struct ca_transcript *
make(void)
{
	struct ca_transcript *t;

	assert_int_equal(ca_transcript_new(&t), 0);
	add(t, CA_TRANSCRIPT_ROOT);
	add(t, CA_TRANSCRIPT_SIGNED);
	add(t, CA_TRANSCRIPT_CRL);
	return t;
}

/* Parse and verify. */
static int
judge(const char *text, size_t len, struct fault *f)
{
	struct ca_transcript *t;
	int rc;

	if ((rc = ca_transcript_parse(text, len, &t, f)) != 0)
		return rc;
	rc = ca_transcript_verify(t, root, f);
	ca_transcript_free(t);
	return rc;
}

static void
test_every_octet(void **state)
{
	struct ca_transcript *t = make();
	struct pki_bytes text = ca_transcript_text(t);
	char *copy = malloc(text.len), name[16];
	struct fault f = { 0 };
	size_t line = 1;

	(void)state;
	assert_int_equal(ca_transcript_count(t), 6);
	assert_int_equal(judge((const char *)text.data, text.len, &f), 0);
	for (size_t i = 0; i < text.len; i++) {
		memcpy(copy, text.data, text.len);
		copy[i] ^= 1;
		f.msg[0] = '\0';
		assert_int_equal(
		    judge(copy, text.len, &f), ERR_STATE_INTEGRITY);
		/*
		 * The line is named; a lost newline joins two, and of the
		 * last line's link nobody can tell which end was changed.
		 */
		(void)snprintf(name, sizeof(name), "line %zu:", line);
		if (text.data[i] == '\n')
			line++;
		else if (line < 6 || strncmp(f.msg, "line 5:", 7) != 0)
			assert_memory_equal(f.msg, name, strlen(name));
	}
	for (size_t len = 0; len < text.len; len++)
		if (len == 0 || text.data[len - 1] != '\n')
			assert_int_equal(
			    judge((const char *)text.data, len, &f),
			    ERR_STATE_INTEGRITY);
	free(copy);
	ca_transcript_free(t);
}

/* Somebody else's key signs nothing of this. */
static void
test_other_key(void **state)
{
	struct ca_transcript *t = make();
	struct crypto_pkey *own = root, *other;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(crypto_pkey_generate(CRYPTO_KEY_P384, &other), 0);
	root = other;
	add(t, CA_TRANSCRIPT_SIGNED);
	root = own;
	assert_int_equal(
	    ca_transcript_verify(t, root, &f), ERR_STATE_INTEGRITY);
	assert_string_equal(
	    f.msg, "line 8: the root's signature does not verify");
	crypto_pkey_free(other);
	ca_transcript_free(t);
}

static void
test_rules(void **state)
{
	struct ca_transcript *t;
	struct pki_bytes text;
	struct fault f = { 0 };

	(void)state;
	/* The last line is signed. */
	assert_int_equal(ca_transcript_new(&t), 0);
	add(t, CA_TRANSCRIPT_ROOT);
	assert_int_equal(
	    ca_transcript_add(t, CA_TRANSCRIPT_SIGNED, json_object()), 0);
	text = ca_transcript_text(t);
	assert_int_equal(
	    judge((const char *)text.data, text.len, &f), ERR_STATE_INTEGRITY);
	assert_string_equal(
	    f.msg, "line 4: missing: the last line is not signed");
	ca_transcript_free(t);
	/* A second root, and an event of another kind. */
	assert_int_equal(ca_transcript_new(&t), 0);
	add(t, CA_TRANSCRIPT_ROOT);
	add(t, CA_TRANSCRIPT_ROOT);
	text = ca_transcript_text(t);
	assert_int_equal(
	    judge((const char *)text.data, text.len, &f), ERR_STATE_INTEGRITY);
	ca_transcript_free(t);
	assert_int_equal(ca_transcript_new(&t), 0);
	add(t, CA_TRANSCRIPT_ROOT);
	add(t, "cert.issued");
	text = ca_transcript_text(t);
	assert_int_equal(
	    judge((const char *)text.data, text.len, &f), ERR_STATE_INTEGRITY);
	assert_string_equal(f.msg, "line 3: an event that is not known");
	ca_transcript_free(t);
}

/* Shares as they are written: groups, letters of either size, a prefix. */
static void
test_share(void **state)
{
	static const uint8_t secret[32] = "the passphrase of a root's key.";
	struct crypto_shamir_share s[5], back;
	char text[CA_SHARE_TEXT_LEN + 1], line[128];
	size_t n;

	(void)state;
	assert_int_equal(
	    crypto_shamir_split(secret, 3, 5, crypto_rng_system(), s), 0);
	ca_share_format(&s[4], text);
	assert_int_equal(strlen(text), CA_SHARE_TEXT_LEN);
	n = (size_t)snprintf(line, sizeof(line), "share 5/5:  %s \r", text);
	assert_int_equal(ca_share_parse(line, n, &back), 0);
	assert_memory_equal(&back, &s[4], sizeof(back));
	for (n = 0; text[n] != '\0'; n++)
		if (text[n] >= 'A')
			text[n] = (char)(text[n] + 'a' - 'A');
	assert_int_equal(ca_share_parse(text, n, &back), 0);
	assert_int_equal(
	    ca_share_parse(text, n - 1, &back), ERR_PEER_TRUNCATED);
	assert_int_equal(ca_share_parse("", 0, &back), ERR_PEER_TRUNCATED);
	text[8] = text[8] == 'b' ? 'c' : 'b';
	assert_int_equal(ca_share_parse(text, n, &back), ERR_PEER_MISMATCH);
	text[8] = '1';
	assert_int_equal(ca_share_parse(text, n, &back), ERR_PEER_MALFORMED);
	n = (size_t)snprintf(line, sizeof(line), "%sA", text);
	assert_int_equal(ca_share_parse(line, n, &back), ERR_PEER_TOO_LARGE);
}

static const char *whole;
static size_t whole_len;

/* One run of all that allocates; with a failing allocation it says so. */
static int
run_all(void)
{
	struct ca_transcript *t = NULL;
	struct fault f = { 0 };
	int rc;

	rc = ca_transcript_parse(whole, whole_len, &t, &f);
	if (rc == 0)
		rc = ca_transcript_verify(t, root, &f);
	if (rc == 0)
		rc = ca_transcript_add(
		    t, CA_TRANSCRIPT_SIGNED, json_pack("{s:s}", "what", "y"));
	if (rc == 0)
		rc = ca_transcript_sign(t, root);
	ca_transcript_free(t);
	return rc;
}

static void
test_allocations(void **state)
{
	struct ca_transcript *t = make();
	struct pki_bytes text = ca_transcript_text(t);

	(void)state;
	whole = (const char *)text.data;
	whole_len = text.len;
	if (ALLOC_TEST)
		assert_true(alloc_test_each(run_all) > 20);
	else
		assert_int_equal(run_all(), 0);
	ca_transcript_free(t);
}

static int
setup(void **state)
{
	(void)state;
	return crypto_pkey_generate(CRYPTO_KEY_P384, &root);
}

static int
teardown(void **state)
{
	(void)state;
	crypto_pkey_free(root);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_octet),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_allocations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
