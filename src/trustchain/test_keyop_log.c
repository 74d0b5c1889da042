/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A main process in a stranger's hands, talking to a real key process over
 * its socketpair: what it may not get, it does not get, also from the next
 * key process.  Here: the keys of a log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/sth.h"
#include "pki/ct.h"
#include "trustchain/ct_list.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_rig.h"

#define ORIGIN "ct.test/2026w48"

static struct {
	struct crypto_pkey *log, *note, *list, *audit, *seal, *leaf;
} w;

static struct crypto_pkey *
make(enum crypto_key_type type)
{
	struct crypto_pkey *k;

	assert_int_equal(crypto_pkey_generate(type, &k), 0);
	return k;
}

static int
setup(void **state)
{
	(void)state;
	w.log = make(CRYPTO_KEY_P256);
	w.leaf = make(CRYPTO_KEY_P256);
	w.note = make(CRYPTO_KEY_ED25519);
	w.list = make(CRYPTO_KEY_ED25519);
	w.audit = make(CRYPTO_KEY_ED25519);
	w.seal = make(CRYPTO_KEY_X25519);
	return 0;
}

static int
teardown(void **state)
{
	struct crypto_pkey *all[] = { w.log, w.note, w.list, w.audit, w.seal,
		w.leaf };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		crypto_pkey_free(all[i]);
	return 0;
}

/* A key process of a log with one shard, above ${published} (or NULL). */
static void
start_ct(struct rig *r, const char *published)
{
	uint8_t pair = 0;

	rig_begin(r);
	rig_slot(r, 0, KEYOP_KIND_LOG, 0, w.log);
	rig_data(r, 0, KEYOP_TAG_ORIGIN, ORIGIN, strlen(ORIGIN));
	if (published != NULL)
		rig_data(
		    r, 0, KEYOP_TAG_CHECKPOINT, published, strlen(published));
	rig_slot(r, 1, KEYOP_KIND_NOTE_CHECKPOINT, 0, w.note);
	rig_data(r, 1, KEYOP_TAG_ORIGIN, ORIGIN, strlen(ORIGIN));
	rig_data(r, 1, KEYOP_TAG_PAIR, &pair, 1);
}

/* The slots of a log server besides its shards. */
static void
start_others(struct rig *r)
{
	rig_begin(r);
	rig_slot(r, KEYOP_SLOT_LIST, KEYOP_KIND_NOTE_LIST, 0, w.list);
	rig_data(r, KEYOP_SLOT_LIST, KEYOP_TAG_ORIGIN, "ct.test/log-list", 16);
	rig_slot(r, KEYOP_SLOT_AUDIT, KEYOP_KIND_NOTE_AUDIT, 0, w.audit);
	rig_data(r, KEYOP_SLOT_AUDIT, KEYOP_TAG_ORIGIN, "audit.test", 10);
	rig_slot(r, KEYOP_SLOT_SEAL, KEYOP_KIND_SEAL, 0, w.seal);
}

static struct merkle_head
head(uint64_t size, uint8_t root)
{
	struct merkle_head h = { .size = size };

	memset(h.root.b, root, sizeof(h.root.b));
	return h;
}

static int
ask_sth(struct rig *r, uint64_t size, uint8_t root, int64_t time_ms)
{
	struct merkle_head h = head(size, root);
	uint8_t input[MERKLE_STH_INPUT_LEN];

	merkle_sth_input((uint64_t)time_ms, size, h.root.b, input);
	return rig_call(r, KEYOP_STH, 0, input, sizeof(input));
}

static int
ask_note(struct rig *r, uint8_t slot, const char *origin,
    const struct merkle_head *h)
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX];

	assert_int_equal(merkle_checkpoint_encode(origin, h, text), 0);
	return rig_call(r, KEYOP_NOTE, slot, text, strlen(text));
}

/* Refusals that hold in any key process that knows head (100, root 7). */
static void
assert_no_rollback(struct rig *r)
{
	struct merkle_head h;

	assert_int_equal(ask_sth(r, 99, 7, RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_sth(r, 100, 8, RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_sth(r, 100, 7, RIG_NOW - 1), ERR_STATE_REFUSED);
	assert_int_equal(ask_sth(r, 101, 9, RIG_NOW + 5001), ERR_STATE_REFUSED);
	h = head(99, 7);
	assert_int_equal(ask_note(r, 1, ORIGIN, &h), ERR_STATE_REFUSED);
	h = head(100, 8);
	assert_int_equal(ask_note(r, 1, ORIGIN, &h), ERR_STATE_REFUSED);
	h = head(101, 7);
	assert_int_equal(ask_note(r, 1, ORIGIN, &h), ERR_STATE_REFUSED);
	h = head(100, 7);
	assert_int_equal(ask_note(r, 1, "other.test/x", &h), ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(r), 8);
}

/* Make the published checkpoint out of the process's own two signatures. */
static void
publish(struct rig *r, char *out, size_t cap)
{
	struct merkle_head h = head(100, 7);
	char text[MERKLE_CHECKPOINT_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t id[32], body[MERKLE_STH_BODY_MAX];
	struct merkle_sth sth = { .timestamp_ms = (uint64_t)RIG_NOW };
	struct merkle_vkey vkey;
	size_t len;

	assert_int_equal(ask_sth(r, 100, 7, RIG_NOW), 0);
	sth.sig[0] = 4;
	sth.sig[1] = 3;
	sth.sig[3] = (uint8_t)r->answer_len;
	memcpy(sth.sig + 4, r->answer, r->answer_len);
	sth.sig_len = r->answer_len + 4;
	assert_int_equal(crypto_pkey_spki_sha256(w.log, id), 0);
	assert_int_equal(
	    merkle_vkey_init(&vkey, ORIGIN, MERKLE_SIG_RFC6962, id), 0);
	assert_int_equal(merkle_sth_body(&sth, body, &len), 0);
	assert_int_equal(
	    merkle_notekey_line(vkey.name, vkey.id, body, len, line), 0);
	assert_int_equal(merkle_checkpoint_encode(ORIGIN, &h, text), 0);
	assert_true(snprintf(out, cap, "%s\n%s", text, line) < (int)cap);
	assert_int_equal(ask_note(r, 1, ORIGIN, &h), 0);
	assert_int_equal(r->answer_len, 64);
}

static void
test_heads(void **state)
{
	char published[4096];
	struct rig r;

	(void)state;
	start_ct(&r, NULL);
	rig_start(&r);
	publish(&r, published, sizeof(published));
	assert_no_rollback(&r);
	rig_replace(&r);
	/* The successor takes over what its predecessor signed last. */
	assert_no_rollback(&r);
	assert_int_equal(ask_sth(&r, 100, 7, RIG_NOW), 0);
	assert_int_equal(ask_sth(&r, 101, 9, RIG_NOW + 1), 0);
	rig_close(&r, 0);
	/* After a restart of the daemon the published checkpoint holds. */
	start_ct(&r, published);
	rig_start(&r);
	assert_no_rollback(&r);
	assert_int_equal(ask_sth(&r, 100, 7, RIG_NOW), 0);
	rig_close(&r, 0);
	/* One that the key has not signed is not taken. */
	published[strlen(ORIGIN) + 1] = '9';
	start_ct(&r, published);
	rig_start_fails(&r, 5);
}

/* A note key whose log key is in the other process, on a token. */
static void
start_note(struct rig *r, const char *published)
{
	struct buf spki;

	base_buf_init(&spki, 256);
	assert_int_equal(crypto_pkey_spki(w.log, &spki), 0);
	rig_begin(r);
	rig_slot(r, 1, KEYOP_KIND_NOTE_CHECKPOINT, 0, w.note);
	rig_data(r, 1, KEYOP_TAG_SPKI, spki.data, spki.len);
	rig_data(r, 1, KEYOP_TAG_ORIGIN, ORIGIN, strlen(ORIGIN));
	if (published != NULL)
		rig_data(
		    r, 1, KEYOP_TAG_CHECKPOINT, published, strlen(published));
	base_buf_free(&spki);
}

/* A head with the signature of ${key}, as main asks for the other one. */
static void
log_note(const struct crypto_pkey *key, struct merkle_head h, int64_t time_ms,
    char *out, size_t cap)
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t input[MERKLE_STH_INPUT_LEN], id[32], body[MERKLE_STH_BODY_MAX];
	struct merkle_sth sth = { .timestamp_ms = (uint64_t)time_ms };
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct merkle_vkey vkey;
	size_t len;

	merkle_sth_input(sth.timestamp_ms, h.size, h.root.b, input);
	assert_int_equal(
	    crypto_pkey_sign(key, input, sizeof(input), sig, &len), 0);
	sth.sig[0] = 4;
	sth.sig[1] = 3;
	sth.sig[3] = (uint8_t)len;
	memcpy(sth.sig + 4, sig, len);
	sth.sig_len = len + 4;
	/* Under the log's name, whoever signs. */
	assert_int_equal(crypto_pkey_spki_sha256(w.log, id), 0);
	assert_int_equal(
	    merkle_vkey_init(&vkey, ORIGIN, MERKLE_SIG_RFC6962, id), 0);
	assert_int_equal(merkle_sth_body(&sth, body, &len), 0);
	assert_int_equal(
	    merkle_notekey_line(vkey.name, vkey.id, body, len, line), 0);
	assert_int_equal(merkle_checkpoint_encode(ORIGIN, &h, text), 0);
	assert_true(snprintf(out, cap, "%s\n%s", text, line) < (int)cap);
}

static int
ask_signed(struct rig *r, const struct crypto_pkey *key, struct merkle_head h,
    int64_t time_ms)
{
	char note[4096];

	log_note(key, h, time_ms, note, sizeof(note));
	return rig_call(r, KEYOP_NOTE, 1, note, strlen(note));
}

/* It signs what the log key signed, and nothing that falls behind. */
static void
test_notes_of_token(void **state)
{
	struct merkle_head h = head(100, 7);
	char text[MERKLE_CHECKPOINT_TEXT_MAX], published[4096];
	struct crypto_signed s = { .alg = CRYPTO_SIG_ED25519 };
	struct rig r;

	(void)state;
	start_note(&r, NULL);
	rig_start(&r);
	assert_int_equal(ask_note(&r, 1, ORIGIN, &h), ERR_STATE_REFUSED);
	assert_int_equal(ask_signed(&r, w.leaf, h, RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_signed(&r, w.log, h, RIG_NOW), 0);
	/* The text alone, not the other signature. */
	assert_int_equal(merkle_checkpoint_encode(ORIGIN, &h, text), 0);
	s.msg = (const uint8_t *)text;
	s.msg_len = strlen(text);
	s.sig = r.answer;
	s.sig_len = r.answer_len;
	assert_int_equal(crypto_pkey_verify(w.note, &s), 0);
	assert_int_equal(ask_signed(&r, w.log, h, RIG_NOW), 0);
	assert_int_equal(
	    ask_signed(&r, w.log, head(99, 7), RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(
	    ask_signed(&r, w.log, head(100, 8), RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_signed(&r, w.log, head(101, 9), RIG_NOW - 1),
	    ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(&r), 5);
	rig_replace(&r);
	assert_int_equal(
	    ask_signed(&r, w.log, head(99, 7), RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_signed(&r, w.log, head(101, 9), RIG_NOW), 0);
	rig_close(&r, 0);
	/* After a restart what is published holds, if the log signed it. */
	log_note(w.log, h, RIG_NOW, published, sizeof(published));
	start_note(&r, published);
	rig_start(&r);
	assert_int_equal(
	    ask_signed(&r, w.log, head(100, 8), RIG_NOW), ERR_STATE_REFUSED);
	assert_int_equal(ask_signed(&r, w.log, h, RIG_NOW), 0);
	rig_close(&r, 0);
	log_note(w.leaf, h, RIG_NOW, published, sizeof(published));
	start_note(&r, published);
	rig_start_fails(&r, 5);
}

static void
test_notes(void **state)
{
	static const char text[] =
	    "trustchain/log-list/v1\n8\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	struct merkle_head h = head(5, 1);
	struct rig r;

	(void)state;
	start_others(&r);
	rig_start(&r);
	assert_int_equal(
	    rig_call(&r, KEYOP_NOTE, KEYOP_SLOT_LIST, text, strlen(text)), 0);
	assert_int_equal(
	    rig_call(&r, KEYOP_NOTE, KEYOP_SLOT_LIST, text, strlen(text)),
	    ERR_STATE_REFUSED);
	assert_int_equal(
	    ask_note(&r, KEYOP_SLOT_LIST, ORIGIN, &h), ERR_PEER_MALFORMED);
	assert_int_equal(ask_note(&r, KEYOP_SLOT_AUDIT, "audit.test", &h), 0);
	h.size = 4;
	assert_int_equal(ask_note(&r, KEYOP_SLOT_AUDIT, "audit.test", &h),
	    ERR_STATE_REFUSED);
	h = head(5, 2);
	assert_int_equal(ask_note(&r, KEYOP_SLOT_AUDIT, "audit.test", &h),
	    ERR_STATE_REFUSED);
	h = head(6, 2);
	assert_int_equal(
	    ask_note(&r, KEYOP_SLOT_AUDIT, ORIGIN, &h), ERR_STATE_REFUSED);
	rig_close(&r, 0);
}

static void
test_sct(void **state)
{
	struct pki_ct_entry e = { .type = PKI_CT_X509,
		.cert = { (const uint8_t *)"cert", 4 } };
	uint8_t ext[PKI_CT_LEAF_INDEX_LEN], in[256];
	struct crypto_signed s = { .alg = CRYPTO_SIG_ECDSA_SHA256, .msg = in };
	size_t len;
	struct rig r;

	(void)state;
	start_ct(&r, NULL);
	rig_start(&r);
	pki_ct_leaf_index_encode(1, ext);
	assert_int_equal(
	    pki_ct_signed_input(&e, 1, (struct pki_bytes){ ext, sizeof(ext) },
		in, sizeof(in), &len),
	    0);
	assert_int_equal(rig_call(&r, KEYOP_SCT, 0, in, len), 0);
	s.msg_len = len;
	s.sig = r.answer;
	s.sig_len = r.answer_len;
	assert_int_equal(crypto_pkey_verify(w.log, &s), 0);
	assert_int_equal(
	    rig_call(&r, KEYOP_SCT, 0, in, len - 1), ERR_PEER_MALFORMED);
	in[1] = 1; /* a tree head is no certificate timestamp */
	assert_int_equal(
	    rig_call(&r, KEYOP_SCT, 0, in, len), ERR_PEER_MALFORMED);
	assert_int_equal(
	    pki_ct_signed_input(
		&e, 1, (struct pki_bytes){ ext, 0 }, in, sizeof(in), &len),
	    0);
	assert_int_equal(
	    rig_call(&r, KEYOP_SCT, 0, in, len), ERR_STATE_REFUSED);
	rig_close(&r, 0);
}

static void
test_seal(void **state)
{
	uint8_t sealed[KEYOP_SEAL_MAX];
	struct buf key;
	size_t len;
	struct rig r;

	(void)state;
	base_buf_init(&key, 8192);
	assert_int_equal(crypto_pkcs8_encode(w.leaf, &key), 0);
	start_others(&r);
	rig_start(&r);
	assert_int_equal(
	    rig_call(&r, KEYOP_SEAL, KEYOP_SLOT_SEAL, key.data, key.len), 0);
	len = r.answer_len;
	memcpy(sealed, r.answer, len);
	assert_null(memmem(sealed, len, key.data + 40, 16));
	assert_int_equal(
	    rig_call(&r, KEYOP_UNSEAL, KEYOP_SLOT_SEAL, sealed, len), 0);
	assert_int_equal(r.answer_len, key.len);
	assert_memory_equal(r.answer, key.data, key.len);
	sealed[len - 1] ^= 1;
	assert_int_equal(
	    rig_call(&r, KEYOP_UNSEAL, KEYOP_SLOT_SEAL, sealed, len),
	    ERR_PEER_MALFORMED);
	assert_int_equal(rig_call(&r, KEYOP_SEAL, KEYOP_SLOT_SEAL, "secret", 6),
	    ERR_PEER_MALFORMED);
	rig_close(&r, 0);
	base_buf_free(&key);
}

/* Sign a list and pack it as main publishes it. */
static void
publish_list(struct rig *r, uint64_t serial, struct buf *packed)
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	struct ct_list *list = calloc(1, sizeof(*list));
	struct buf json, note;
	struct merkle_vkey vkey;
	uint8_t pub[32];
	size_t n;

	base_buf_init(&json, CT_LIST_JSON_MAX);
	base_buf_init(&note, CT_LIST_NOTE_MAX);
	assert_non_null(list);
	assert_int_equal(ct_list_encode(list, &json), 0);
	free(list);
	assert_int_equal(ct_list_note(serial, json.data, json.len, &note), 0);
	assert_int_equal(
	    rig_call(r, KEYOP_NOTE, KEYOP_SLOT_LIST, note.data, note.len), 0);
	assert_int_equal(
	    crypto_pkey_raw_public(w.list, pub, sizeof(pub), &n), 0);
	assert_int_equal(merkle_vkey_init(&vkey, "ct.test/log-list",
			     MERKLE_SIG_ED25519, pub),
	    0);
	assert_int_equal(merkle_notekey_line(vkey.name, vkey.id, r->answer,
			     r->answer_len, line),
	    0);
	assert_int_equal(base_buf_printf(&note, "\n%s", line), 0);
	assert_int_equal(
	    ct_list_pack(note.data, note.len, json.data, json.len, packed), 0);
	base_buf_free(&json);
	base_buf_free(&note);
}

/* A successor knows the published list, and what its predecessor signed. */
static void
test_list_replaced(void **state)
{
	static const char zeros[] =
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct rig r, next;
	struct buf packed;
	char text[128];

	(void)state;
	start_others(&r);
	rig_start(&r);
	base_buf_init(&packed, CT_LIST_JSON_MAX);
	publish_list(&r, 8, &packed);
	start_others(&next);
	rig_data(&next, KEYOP_SLOT_LIST, KEYOP_TAG_OWN_LIST, packed.data,
	    packed.len);
	assert_int_equal(keys_bundle_end(&next.bundle), 0);
	base_buf_free(&r.bundle);
	r.bundle = next.bundle;
	rig_replace(&r);
	for (int serial = 7; serial <= 9; serial++) {
		(void)snprintf(text, sizeof(text),
		    "trustchain/log-list/v1\n%d\n%s\n", serial, zeros);
		assert_int_equal(rig_call(&r, KEYOP_NOTE, KEYOP_SLOT_LIST, text,
				     strlen(text)),
		    serial > 8 ? 0 : ERR_STATE_REFUSED);
	}
	base_buf_free(&packed);
	rig_close(&r, 0);
}

static void
test_origin(void **state)
{
	struct rig r;

	(void)state;
	start_ct(&r, NULL);
	rig_start(&r);
	assert_int_equal(rig_call(&r, KEYOP_ORIGIN, 0, NULL, 0), 0);
	assert_int_equal(r.answer_len, strlen(ORIGIN));
	assert_memory_equal(r.answer, ORIGIN, r.answer_len);
	assert_int_equal(
	    rig_call(&r, KEYOP_ORIGIN, 0, "x", 1), ERR_PEER_MALFORMED);
	assert_int_equal(
	    rig_call(&r, KEYOP_ORIGIN, 1, NULL, 0), ERR_STATE_REFUSED);
	rig_close(&r, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_notes_of_token),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_sct),
		cmocka_unit_test(test_list_replaced),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
