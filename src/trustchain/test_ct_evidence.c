/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of our own types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/file.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_evidence_test.h"

#define CORPUS "tests/corpus/trustchain_ct_evidence/"

static struct merkle_vkey key;
static struct ct_evidence_keys keys = { .vkey = &key,
	.vkeys = 1,
	.spki = evidence_test_spki,
	.spki_len = sizeof(evidence_test_spki) };

static const struct {
	const char *name, *type;
	int rc;
} files[] = {
	{ "broken_promise.json", "broken_promise", 0 },
	{ "broken_promise_late.json", "broken_promise", 0 },
	{ "unauthorised_issuance.json", "unauthorised_issuance",
	    ERR_STATE_PENDING },
};

static int
setup(void **state)
{
	(void)state;
	return merkle_vkey_parse(
	    evidence_test_vkey, sizeof(evidence_test_vkey) - 1, &key);
}

static char *
load(const char *name)
{
	char path[256];
	uint8_t *data;
	size_t len;

	snprintf(path, sizeof(path), "%s%s", CORPUS, name);
	assert_int_equal(store_file_load(path, 65536, &data, &len), 0);
	return (char *)data;
}

static int
judge(const char *text, char *type)
{
	return ct_evidence_verify(text, strlen(text), &keys, type);
}

static void
test_files(void **state)
{
	char type[CT_EVIDENCE_TYPE_MAX], *text;
	uint8_t other[sizeof(evidence_test_spki)];

	(void)state;
	memcpy(other, evidence_test_spki, sizeof(other));
	other[sizeof(other) - 1] ^= 1;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		text = load(files[i].name);
		assert_int_equal(judge(text, type), files[i].rc);
		assert_string_equal(type, files[i].type);
		/* Without the log's keys, or with another one. */
		keys.spki = NULL;
		assert_int_equal(judge(text, type), ERR_PEER_SIGNATURE);
		keys.spki = other;
		assert_true(
		    base_err_class(judge(text, type)) == ERR_CLASS_PEER);
		keys.spki = evidence_test_spki;
		keys.vkeys = 0;
		assert_int_equal(judge(text, type), ERR_PEER_SIGNATURE);
		keys.vkeys = 1;
		free(text);
	}
}

/* Every digit of a file's base64 counts; what is for people does not. */
static void
test_changed(void **state)
{
	char type[CT_EVIDENCE_TYPE_MAX], *text = load(files[0].name), *at, was;
	char *proof = strstr(text, "\"proof\":"), *end = strchr(proof, ']');
	unsigned tried = 0;

	(void)state;
	for (at = proof + 10; at < end; at += 3) {
		was = *at;
		*at = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(judge(text, type), 0);
		*at = was;
		tried++;
	}
	assert_true(tried > 20);
	at = strstr(text, "\"a\":\"") + 5;
	for (end = strchr(at, '"'); at < end; at += 7) {
		was = *at;
		*at = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(judge(text, type), 0);
		*at = was;
	}
	assert_int_equal(judge(text, type), 0);
	free(text);
}

/* What is written can be read back; an unreadable leaf is not written. */
static void
test_encode(void **state)
{
	static const uint8_t leaf[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0,
		0, 1, 'x', 0, 8, 0, 0, 5, 0, 0, 0, 0, 7 };
	struct merkle_proof proof = { .count = 1 };
	struct ct_evidence_leaf e = { NULL, leaf, sizeof(leaf), "head\n",
		&proof };
	char type[CT_EVIDENCE_TYPE_MAX], *text;

	(void)state;
	text = ct_evidence_encode(&e, "o", "d", "t");
	assert_non_null(text);
	assert_true(base_err_class(judge(text, type)) == ERR_CLASS_PEER);
	assert_string_equal(type, "unauthorised_issuance");
	free(text);
	e.leaf_len--;
	assert_null(ct_evidence_encode(&e, "o", "d", "t"));
	e.leaf_len++;
	assert_null(ct_evidence_encode(&e, "o", "\xff", "t"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
