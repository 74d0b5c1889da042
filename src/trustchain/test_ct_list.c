/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/ed25519.h"
#include "crypto/sha2.h"
#include "merkle/notekey.h"

static const uint8_t seed[32] = { 1, 2, 3 };
static char vkey_text[MERKLE_VKEY_TEXT_MAX];
static struct merkle_vkey vkey;

static int
setup(void **state)
{
	uint8_t pub[32];

	(void)state;
	if (crypto_ed25519_public(seed, pub) != 0 ||
	    merkle_vkey_init(&vkey, "ct.example", MERKLE_SIG_ED25519, pub) != 0)
		return -1;
	return merkle_vkey_encode(&vkey, vkey_text);
}

static struct ct_list *
sample(size_t n)
{
	struct ct_list *l = calloc(1, sizeof(*l));
	size_t i;

	assert_non_null(l);
	l->n = n;
	for (i = 0; i < n; i++) {
		struct ct_list_entry *e = &l->entry[i];

		(void)snprintf(e->name, sizeof(e->name), "2026w%zu", 40 + i);
		(void)snprintf(e->origin, sizeof(e->origin),
		    "ct.example/2026w%zu", 40 + i);
		(void)snprintf(e->url, sizeof(e->url),
		    "https://ct.example/2026w%zu", 40 + i);
		(void)snprintf(
		    e->note_vkey, sizeof(e->note_vkey), "%s", vkey_text);
		e->key_len = 91;
		memset(e->key, (int)i + 1, e->key_len);
		crypto_sha2_256(e->key, e->key_len, e->log_id);
		e->start_ms = 1795392000000 + (int64_t)i * 604800000;
		e->end_ms = e->start_ms + 604800000;
		e->state = i == 0 ? CT_LIST_OPEN : CT_LIST_PENDING;
	}
	return l;
}

/* The signed note of ${text}, made as the log server makes it. */
static void
sign_note(struct buf *text)
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t sig[64];

	assert_int_equal(
	    crypto_ed25519_sign(seed, text->data, text->len, sig), 0);
	assert_int_equal(
	    merkle_notekey_line(vkey.name, vkey.id, sig, 64, line), 0);
	assert_int_equal(base_buf_append(text, "\n", 1), 0);
	assert_int_equal(base_buf_append(text, line, strlen(line)), 0);
}

static void
pack(const struct ct_list *l, uint64_t serial, struct buf *out)
{
	struct buf json, note;

	base_buf_init(&json, CT_LIST_JSON_MAX);
	base_buf_init(&note, CT_LIST_NOTE_MAX);
	base_buf_init(out, 2 * CT_LIST_JSON_MAX);
	assert_int_equal(ct_list_encode(l, &json), 0);
	assert_int_equal(ct_list_note(serial, json.data, json.len, &note), 0);
	sign_note(&note);
	assert_int_equal(
	    ct_list_pack(note.data, note.len, json.data, json.len, out), 0);
	base_buf_free(&json);
	base_buf_free(&note);
}

static void
test_round(void **state)
{
	struct ct_list *l = sample(3), *back = calloc(1, sizeof(*back));
	struct buf b;

	(void)state;
	pack(l, 7, &b);
	assert_int_equal(ct_list_open(b.data, b.len, vkey_text, back), 0);
	assert_int_equal(back->serial, 7);
	back->serial = 0;
	assert_memory_equal(l, back, sizeof(*l));
	base_buf_free(&b);
	free(l);
	free(back);
}

/* No single changed octet gets through, and the result stays untouched. */
static void
test_flips(void **state)
{
	struct ct_list *l = sample(1), *back = calloc(1, sizeof(*back));
	struct buf b;
	size_t i;

	(void)state;
	pack(l, 7, &b);
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 1;
		if (ct_list_open(b.data, b.len, vkey_text, back) == 0)
			fail_msg("octet %zu of %zu", i, b.len);
		b.data[i] ^= 1;
	}
	for (i = 0; i < b.len; i++)
		assert_int_not_equal(
		    ct_list_open(b.data, i, vkey_text, back), 0);
	assert_int_equal(back->n, 0);
	base_buf_free(&b);
	free(l);
	free(back);
}

static void
test_refused(void **state)
{
	struct ct_list *l = sample(2), *back = calloc(1, sizeof(*back));
	static const struct {
		const char *json;
		int rc;
	} bad[] = {
		{ "{}", ERR_PEER_MALFORMED },
		{ "[]", ERR_PEER_MALFORMED },
		{ "{\"logs\":{}}", ERR_PEER_MALFORMED },
		{ "{\"logs\":[1]}", ERR_PEER_MALFORMED },
		{ "{\"logs\":[{}]}", ERR_PEER_MALFORMED },
		{ "{\"logs\":[],\"x\":1}", ERR_PEER_MALFORMED },
		{ "{\"logs\":[],\"logs\":[]}", ERR_PEER_DUPLICATE },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    ct_list_parse(bad[i].json, strlen(bad[i].json), back),
		    bad[i].rc);
	/* Another log's key under this id; the same log twice. */
	base_buf_init(&b, CT_LIST_JSON_MAX);
	l->entry[1].log_id[0] ^= 1;
	assert_int_equal(ct_list_encode(l, &b), 0);
	assert_int_equal(
	    ct_list_parse((char *)b.data, b.len, back), ERR_PEER_MISMATCH);
	base_buf_free(&b);
	l->entry[1] = l->entry[0];
	assert_int_equal(ct_list_encode(l, &b), 0);
	assert_int_equal(
	    ct_list_parse((char *)b.data, b.len, back), ERR_PEER_DUPLICATE);
	base_buf_free(&b);
	l->entry[1] = l->entry[0];
	l->n = 1;
	l->entry[0].end_ms = l->entry[0].start_ms;
	assert_int_equal(ct_list_encode(l, &b), 0);
	assert_int_equal(
	    ct_list_parse((char *)b.data, b.len, back), ERR_PEER_MALFORMED);
	base_buf_free(&b);
	free(l);
	free(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
