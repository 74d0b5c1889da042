/* SPDX-License-Identifier: Apache-2.0 */
/* What allocates, with its n-th allocation failing for each n. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/alloc_test.h"
#include "merkle/cosig.h"
#include "merkle/evidence_file.h"
#include "merkle/note.h"
#include "merkle/vkey.h"
#include "merkle/witness.h"

static struct merkle_vkey key;
static struct merkle_evidence evidence = { MERKLE_EVIDENCE_FORK, "a\n", "b\n",
	2, 2, { 3, { { { 0 } } } } };
static char *file_text, *note_text;

static int
do_witness(void)
{
	static const uint8_t siphash_key[16] = { 1 };
	struct merkle_witness *w = NULL;
	int rc = merkle_witness_new(4, siphash_key, &w);

	if (rc == 0)
		rc = merkle_witness_add(w, "one", &key, 1, NULL);
	if (rc == 0)
		rc = merkle_witness_add(w, "two", &key, 1, NULL);
	merkle_witness_free(w);
	return rc;
}

static int
do_evidence(void)
{
	struct merkle_evidence_file *file = NULL;
	struct merkle_evidence e;
	char *text;
	int rc;

	text = merkle_evidence_file_encode(&evidence, "o", "d", "t");
	if (text == NULL)
		return ERR_SYS_NOMEM;
	assert_string_equal(text, file_text);
	free(text);
	rc =
	    merkle_evidence_file_parse(file_text, strlen(file_text), &file, &e);
	if (rc == 0)
		assert_int_equal(e.proof.count, 3);
	merkle_evidence_file_free(file);
	return rc;
}

/* Ed25519 and ML-DSA-44: without memory nothing verifies. */
static int
do_cosignature(void)
{
	struct merkle_note note;
	uint64_t time_s = 0;
	int rc;

	rc = merkle_note_parse(note_text, strlen(note_text), &note);
	if (rc == 0)
		rc = merkle_cosig_verify(&note, &key, &time_s);
	assert_true((rc == 0) == (time_s != 0));
	return rc;
}

static void
test_all(void **state)
{
	json_t *all = json_load_file(
	    "tests/vectors/transparency-dev-formats/cosig.json", 0, NULL);
	const json_t *list = json_object_get(all, "Notes"), *v;
	const char *s;
	size_t i;

	(void)state;
	file_text = merkle_evidence_file_encode(&evidence, "o", "d", "t");
	assert_non_null(file_text);
	for (i = 0; i < 8; i += 4) {
		v = json_array_get(list, i);
		s = json_string_value(json_object_get(v, "Vkey"));
		assert_int_equal(merkle_vkey_parse(s, strlen(s), &key), 0);
		note_text =
		    strdup(json_string_value(json_object_get(v, "Note")));
		/* OpenSSL's own beginning is not what is tested. */
		assert_int_equal(do_cosignature(), 0);
		assert_true(alloc_test_each(do_cosignature) >= 0);
		free(note_text);
	}
	key.type = MERKLE_SIG_ED25519;
	assert_true(alloc_test_each(do_witness) >= (ALLOC_TEST ? 4 : 0));
	assert_true(alloc_test_each(do_evidence) >= (ALLOC_TEST ? 10 : 0));
	free(file_text);
	json_decref(all);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests_name("merkle/alloc", tests, NULL, NULL);
}
