/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_emergency_fixture.h"

#include "trustchain/ca_emergency_note.h"

/*
 * Statements of operators; their signatures are made by OpenSSL over the text
 * as the specification spells it, not by our writer.
 */
#define ID "0123456789abcdef0123456789abcdef"
#define TEXT                                                                   \
	"trustchain/emergency/v1\n" ID                                         \
	"\naction revoke-all\nscope issuer:ca-1\nreason 4\n"                   \
	"not-after 1795262400\n"
#define NOW_MS INT64_C(1795262300000)

static int
setup(void **state)
{
	(void)state;
	operators_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	operators_free();
	return 0;
}

static int
open_note(const char *note, size_t *ret_signers)
{
	struct ca_emergency_signers signers = { 0 };
	struct ca_emergency_note n;
	int rc;

	rc = ca_emergency_note_open(
	    note, strlen(note), &operators, &n, &signers);
	*ret_signers = signers.n;
	return rc;
}

static void
test_text(void **state)
{
	struct ca_emergency_note n;
	char again[CA_EMERGENCY_TEXT_MAX];

	(void)state;
	assert_int_equal(ca_emergency_note_parse(TEXT, strlen(TEXT), &n), 0);
	assert_string_equal(n.operation_id, ID);
	assert_int_equal(n.action, CA_EMERGENCY_REVOKE_ALL);
	assert_string_equal(n.scope, "issuer:ca-1");
	assert_int_equal(n.reason, 4);
	assert_int_equal(n.not_after_s, 1795262400);
	ca_emergency_note_encode(&n, again);
	assert_string_equal(again, TEXT);
}

/* One change each: none of them is a statement. */
static void
test_malformed(void **state)
{
	static const char *const change[][2] = {
		{ "emergency/v1", "emergency/v2" },
		{ "0123456789abcdef0123", "0123456789ABCDEF0123" },
		{ "abcdef\naction", "abcde\naction" },
		{ "abcdef\naction", "abcdef0\naction" },
		{ "action revoke-all", "action revoke" },
		{ "action revoke-all", "action  revoke-all" },
		{ "action revoke-all\n", "" },
		{ "scope issuer:ca-1", "scope some" },
		{ "scope issuer:ca-1", "scope issuer:" },
		{ "scope issuer:ca-1", "scope issuer:CA_1" },
		{ "scope issuer:ca-1", "scope issuer:abcdefghijklmnopq" },
		{ "reason 4", "reason 2" },
		{ "reason 4", "reason 04" },
		{ "reason 4", "reason -4" },
		{ "reason 4", "reason" },
		{ "1795262400\n", "1795262400" },
		{ "1795262400\n", "1795262400\nmore\n" },
		{ "1795262400\n", "99999999999999999999\n" },
	};
	struct ca_emergency_note n = { .reason = 77 };
	char text[512];
	const char *at;
	size_t i, before;

	(void)state;
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		at = strstr(TEXT, change[i][0]);
		assert_non_null(at);
		before = (size_t)(at - TEXT);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)before, TEXT,
		    change[i][1], at + strlen(change[i][0]));
		assert_int_equal(
		    ca_emergency_note_parse(text, strlen(text), &n),
		    ERR_PEER_MALFORMED);
	}
	assert_int_equal(n.reason, 77);
	for (i = 0; i < strlen(TEXT); i++)
		assert_int_equal(
		    ca_emergency_note_parse(TEXT, i, &n), ERR_PEER_MALFORMED);
}

/* Different keys count, not names, lines or strangers. */
static void
test_signers(void **state)
{
	char note[NOTE_CAP] = TEXT "\n";
	size_t n;

	(void)state;
	sign_note(note, TEXT, 0, operator_key[0]);
	assert_int_equal(open_note(note, &n), 0);
	assert_int_equal(n, 1);
	sign_note(note, TEXT, 0, operator_key[0]);
	assert_int_equal(open_note(note, &n), 0);
	assert_int_equal(n, 1);
	sign_note(note, TEXT, 1, operator_key[1]);
	assert_int_equal(open_note(note, &n), 0);
	assert_int_equal(n, 2);
	sign_note(note, TEXT, 2, operator_key[1]);
	assert_int_equal(open_note(note, &n), 0);
	assert_int_equal(n, 2);
	/* In Carol's name, by Bob's key. */
	sign_note(note, TEXT, 3, operator_key[1]);
	assert_int_equal(open_note(note, &n), ERR_PEER_SIGNATURE);
}

static void
test_other_text(void **state)
{
	char note[NOTE_CAP] = TEXT "\n", *at;
	size_t n;

	(void)state;
	sign_note(note, TEXT, 0, operator_key[0]);
	sign_note(note, TEXT, 1, operator_key[1]);
	at = strstr(note, "reason 4");
	at[7] = '1';
	assert_int_equal(open_note(note, &n), ERR_PEER_SIGNATURE);
	at[7] = '4';
	assert_int_equal(open_note(note, &n), 0);
	memset(note, 'x', sizeof(note));
	assert_int_equal(ca_emergency_note_open(note, sizeof(note) + 1,
			     &operators, &(struct ca_emergency_note){ 0 },
			     &(struct ca_emergency_signers){ 0 }),
	    ERR_PEER_TOO_LARGE);
}

static void
test_judge(void **state)
{
	struct ca_emergency_signers two = { .n = 2 }, one = { .n = 1 };
	struct ca_emergency_note n;
	struct fault f;

	(void)state;
	assert_int_equal(ca_emergency_note_parse(TEXT, strlen(TEXT), &n), 0);
	assert_int_equal(ca_emergency_note_judge(&n, &two, NOW_MS, &f), 0);
	assert_int_equal(
	    ca_emergency_note_judge(&n, &one, NOW_MS, &f), ERR_STATE_REFUSED);
	assert_int_equal(
	    ca_emergency_note_judge(&n, &two, NOW_MS + 100999, &f), 0);
	assert_int_equal(ca_emergency_note_judge(&n, &two, NOW_MS + 101000, &f),
	    ERR_STATE_EXPIRED);
	n.not_after_s = NOW_MS / 1000 + CA_EMERGENCY_TTL_S_MAX;
	assert_int_equal(ca_emergency_note_judge(&n, &two, NOW_MS, &f), 0);
	n.not_after_s++;
	assert_int_equal(
	    ca_emergency_note_judge(&n, &two, NOW_MS, &f), ERR_STATE_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_other_text),
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
