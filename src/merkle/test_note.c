/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/notekey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merkle/tlogproof.h"

#define VECTORS "tests/vectors/sumdb-note/"

static char *
slurp(const char *path)
{
	char *s = calloc(1, 65536);
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_true(fread(s, 1, 65535, f) > 0);
	fclose(f);
	return s;
}

/* Verify every key of a .vkeys file on the note, then break each octet. */
static void
check_vector(const char *name, size_t keys_want)
{
	char path[256], *text, *keys, *line, *save = NULL;
	struct merkle_vkey key[2];
	struct merkle_note note;
	size_t keys_got = 0, i, k, len;
	char back[MERKLE_VKEY_TEXT_MAX];

	snprintf(path, sizeof(path), VECTORS "%s.note", name);
	text = slurp(path);
	len = strlen(text);
	snprintf(path, sizeof(path), VECTORS "%s.vkeys", name);
	keys = slurp(path);
	assert_int_equal(merkle_note_parse(text, len, &note), 0);
	for (line = strtok_r(keys, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		assert_int_equal(
		    merkle_vkey_parse(line, strlen(line), &key[keys_got]), 0);
		assert_int_equal(merkle_vkey_encode(&key[keys_got], back), 0);
		assert_string_equal(back, line);
		assert_int_equal(
		    merkle_notekey_verify(&note, &key[keys_got]), 0);
		keys_got++;
	}
	assert_int_equal(keys_got, keys_want);
	for (i = 0; i < len; i++) {
		text[i] ^= 1;
		for (k = 0; k < keys_got; k++)
			if (merkle_note_parse(text, len, &note) == 0 &&
			    i < note.text_len)
				assert_int_equal(
				    merkle_notekey_verify(&note, &key[k]),
				    ERR_PEER_SIGNATURE);
		text[i] ^= 1;
	}
	free(text);
	free(keys);
}

static void
test_vectors(void **state)
{
	(void)state;
	check_vector("two", 2);
	check_vector("c2sp", 1);
}

#define TEXT "If you think\nlines\n"
#define SIG                                                                    \
	"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAc"    \
	"ElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static int
parse(const char *s)
{
	struct merkle_note note;

	return merkle_note_parse(s, strlen(s), &note);
}

static void
test_syntax(void **state)
{
	/* The bad messages of sumdb/note's TestOpen, and a few more. */
	static const char *const bad[] = { "", "\n", TEXT, TEXT "\n",
		"\x01" TEXT "\n" SIG, "\xff" TEXT "\n" SIG, "\n\n", "\n" SIG,
		TEXT "\n"
		     "\xe2\x80\x94 Bad Name x08go/ZJkuA=\n",
		TEXT "\n" SIG "Unexpected line.\n", TEXT SIG,
		TEXT "\n- PeterNeumann x08go/ZJkuA=\n",
		TEXT "\n\xe2\x80\x94 Peter+Neumann x08go/ZJkuA=\n",
		TEXT "\n\xe2\x80\x94  x08go/ZJkuA=\n",
		TEXT "\n\xe2\x80\x94 Peter\n", TEXT "\n\xe2\x80\x94 Peter \n",
		TEXT "\n\xe2\x80\x94 Peter x08goA==\n",
		TEXT "\n\xe2\x80\x94 Peter x08go/ZJkuB\n",
		TEXT "\n\xe2\x80\x94 Pe\xc2\xa0ter x08go/ZJkuA=\n",
		"tab\there\n\n" SIG, "\xed\xa0\x80\n\n" SIG,
		"\xc0\xaf\n\n" SIG };
	char many[65536];
	struct merkle_note note;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i]), ERR_PEER_MALFORMED);
	/* Empty lines in the text: the last one splits. */
	assert_int_equal(merkle_note_parse(
			     "a\n\nb\n\n" SIG, strlen("a\n\nb\n\n" SIG), &note),
	    0);
	assert_int_equal(note.text_len, 5);
	assert_int_equal(note.sig[0].key_id, 0xc74f20a3);
	/* 16 signatures must be taken (signed-note); not without limit. */
	memcpy(many, TEXT "\n", sizeof(TEXT "\n"));
	for (i = 0; i < 16; i++)
		memcpy(many + strlen(many), SIG, sizeof(SIG));
	assert_int_equal(parse(many), 0);
	for (; i <= MERKLE_NOTE_SIGS_MAX; i++)
		memcpy(many + strlen(many), SIG, sizeof(SIG));
	assert_int_equal(parse(many), ERR_PEER_TOO_LARGE);
}

/* sumdb/note TestNewVerifier: no proper part of a vkey is one, no octet may
 * change. */
static void
test_vkey_manglings(void **state)
{
	char k[] = "PeterNeumann+c74f20a3+"
		   "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char *const bad[] = {
		"PeterNeumann+cc469956+"
		"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
		"PeterNeumann+173116ae+"
		"ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+C74F20A3+"
		"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	};
	struct merkle_vkey key;
	size_t i, j, len = strlen(k);

	(void)state;
	assert_int_equal(merkle_vkey_parse(k, len, &key), 0);
	for (i = 0; i <= len; i++)
		for (j = i + 1; j <= len; j++)
			if (i != 0 || j != len)
				assert_int_not_equal(
				    merkle_vkey_parse(k + i, j - i, &key), 0);
	for (i = 0; i < len; i++) {
		k[i]++;
		assert_int_not_equal(merkle_vkey_parse(k, len, &key), 0);
		k[i]--;
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(
		    merkle_vkey_parse(bad[i], strlen(bad[i]), &key), 0);
}

static void
test_line(void **state)
{
	char line[MERKLE_NOTEKEY_LINE_MAX], text[MERKLE_NOTEKEY_LINE_MAX + 16];
	uint8_t sig[1000] = { 1, 2, 3 }, back[1000];
	struct merkle_note note;
	size_t n;

	(void)state;
	assert_int_equal(
	    merkle_notekey_line("a.example/b", 0xdeadbeef, sig, 71, line), 0);
	snprintf(text, sizeof(text), "x\n\n%s", line);
	assert_int_equal(merkle_note_parse(text, strlen(text), &note), 0);
	assert_int_equal(note.sig[0].key_id, 0xdeadbeef);
	assert_int_equal(
	    merkle_note_sig_decode(&note.sig[0], back, sizeof(back), &n), 0);
	assert_int_equal(n, 71);
	assert_memory_equal(back, sig, 71);
	assert_int_equal(merkle_note_sig_decode(&note.sig[0], back, 70, &n),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(merkle_notekey_line("a.example/b", 1, sig, 3100, line),
	    ERR_SYS_LIMIT);
}

static void
test_tlogproof(void **state)
{
	struct merkle_tlogproof p, q;
	char text[8192];
	size_t len;

	(void)state;
	memset(&p, 0, sizeof(p));
	p.index = 73894;
	p.proof.count = 3;
	memset(p.proof.hash, 0x5a, sizeof(p.proof.hash));
	p.checkpoint = TEXT "\n" SIG;
	p.checkpoint_len = strlen(p.checkpoint);
	assert_int_equal(
	    merkle_tlogproof_encode(&p, text, sizeof(text), &len), 0);
	assert_memory_equal(
	    text, "c2sp.org/tlog-proof@v1\nindex 73894\nWlpa", 39);
	assert_int_equal(merkle_tlogproof_parse(text, len, &q), 0);
	assert_int_equal(q.index, p.index);
	assert_int_equal(q.proof.count, 3);
	assert_int_equal(q.checkpoint_len, p.checkpoint_len);
	assert_memory_equal(q.checkpoint, p.checkpoint, p.checkpoint_len);
	assert_int_equal(
	    merkle_tlogproof_encode(&p, text, 100, &len), ERR_SYS_LIMIT);
#define PARSE(s) merkle_tlogproof_parse(s, strlen(s), &q)
	assert_int_equal(
	    PARSE("c2sp.org/tlog-proof@v1\nextra YWdl\nindex 0\n\nx\n"), 0);
	assert_int_equal(PARSE("c2sp.org/tlog-proof@v1\nindex 01\n\nx\n"),
	    ERR_PEER_MALFORMED);
	assert_int_equal(PARSE("c2sp.org/tlog-proof@v2\nindex 1\n\nx\n"),
	    ERR_PEER_MALFORMED);
	assert_int_equal(PARSE("c2sp.org/tlog-proof@v1\nindex 1\nWlpa\n\nx\n"),
	    ERR_PEER_MALFORMED);
	assert_int_equal(
	    PARSE("c2sp.org/tlog-proof@v1\nindex 1\n\n"), ERR_PEER_MALFORMED);
	assert_int_equal(
	    PARSE("c2sp.org/tlog-proof@v1\nextra Y\nindex 1\n\nx\n"),
	    ERR_PEER_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_vkey_manglings),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_tlogproof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
