/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "merkle/notekey.h"
#include "merkle/sth.h"

/* The body of the example in tlog-checkpoint.md. */
#define EXAMPLE                                                                \
	"example.com/behind-the-sofa\n20852163\n"                              \
	"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static int
parse(const char *s, struct merkle_checkpoint *cp)
{
	return merkle_checkpoint_parse(s, strlen(s), cp);
}

static void
test_text(void **state)
{
	static const char *const bad[] = { "", "\n", "o\n", "o\n1\n",
		"\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"o\n18446744073709551616\n"
		"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
		"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
		EXAMPLE "\n", EXAMPLE "ext\n\next\n", EXAMPLE "ext" };
	char text[MERKLE_CHECKPOINT_TEXT_MAX];
	struct merkle_checkpoint cp;
	size_t i;

	(void)state;
	assert_int_equal(parse(EXAMPLE, &cp), 0);
	assert_string_equal(cp.origin, "example.com/behind-the-sofa");
	assert_int_equal(cp.head.size, 20852163);
	assert_null(cp.extension);
	assert_int_equal(
	    merkle_checkpoint_encode(cp.origin, &cp.head, text), 0);
	assert_string_equal(text, EXAMPLE);
	assert_int_equal(parse(EXAMPLE "one\ntwo\n", &cp), 0);
	assert_int_equal(cp.extension_len, 8);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], &cp), ERR_PEER_MALFORMED);
}

static void
test_sth(void **state)
{
	struct merkle_sth sth = { 1700000000123, { 4, 3, 0, 5, 1, 2, 3, 4, 5 },
		9 };
	char line[MERKLE_NOTEKEY_LINE_MAX], text[8192];
	uint8_t input[MERKLE_STH_INPUT_LEN], body[MERKLE_STH_BODY_MAX];
	struct merkle_checkpoint cp;
	struct merkle_note note;
	struct merkle_vkey key;
	struct merkle_sth back;
	uint8_t log_id[32];
	size_t len;

	(void)state;
	assert_int_equal(parse(EXAMPLE, &cp), 0);
	merkle_sth_input(sth.timestamp_ms, cp.head.size, cp.head.root.b, input);
	/* RFC 6962 section 3.5: v1, tree_hash, uint64, uint64, root. */
	assert_memory_equal(input,
	    "\x00\x01\x00\x00\x01\x8b\xcf\xe5\x68\x7b"
	    "\x00\x00\x00\x00\x01\x3e\x2d\xc3\x0a\xc5",
	    20);
	memset(log_id, 0x11, sizeof(log_id));
	assert_int_equal(
	    merkle_vkey_init(&key, cp.origin, MERKLE_SIG_RFC6962, log_id), 0);
	assert_int_equal(merkle_sth_body(&sth, body, &len), 0);
	assert_int_equal(len, 8 + 9);
	assert_memory_equal(body, input + 2, 8);
	for (; len > 8; len--) {
		assert_int_equal(
		    merkle_notekey_line(cp.origin, key.id, body, len, line), 0);
		snprintf(text, sizeof(text), EXAMPLE "\n%s", line);
		assert_int_equal(
		    merkle_note_parse(text, strlen(text), &note), 0);
		assert_ptr_equal(
		    merkle_notekey_find(&note, &key), &note.sig[0]);
		if (len == 8 + 9) {
			assert_int_equal(
			    merkle_sth_decode(&note.sig[0], &back), 0);
			assert_memory_equal(&back, &sth, sizeof(sth));
		} else {
			assert_int_equal(merkle_sth_decode(&note.sig[0], &back),
			    ERR_PEER_TRUNCATED);
		}
	}
	/* One octet too many. */
	body[17] = 6;
	assert_int_equal(
	    merkle_notekey_line(cp.origin, key.id, body, 18, line), 0);
	snprintf(text, sizeof(text), EXAMPLE "\n%s", line);
	assert_int_equal(merkle_note_parse(text, strlen(text), &note), 0);
	assert_int_equal(
	    merkle_sth_decode(&note.sig[0], &back), ERR_PEER_TRAILING);
}

static void
test_sth_input(void **state)
{
	uint8_t root[32], out[MERKLE_STH_INPUT_LEN];
	static const uint8_t head[] = { 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0,
		0, 0, 0, 0x12, 0x34 };

	(void)state;
	memset(root, 0xab, sizeof(root));
	merkle_sth_input(UINT64_C(0x010203040506), 0x1234, root, out);
	assert_memory_equal(out, head, sizeof(head));
	assert_memory_equal(out + 18, root, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_sth),
		cmocka_unit_test(test_sth_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
