/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "keys/bundle.h"
#include "keys/op.h"
#include "keys/slot_key.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/sth.h"
#include "trustchain/ct_list.h"
#include "trustchain/ct_params.h"
#include "trustchain/keyop_internal.h"
#include "wire/builder.h"
#include "wire/cursor.h"

/*
 * What log and note keys have signed last.  It starts as what is published,
 * verified under the slot's own key, and moves forward only.
 */
#define STATE_LEN (8 + 32 + 8)

/* Start of the TLS digitally-signed struct: SHA-256, ECDSA. */
static const uint8_t ecdsa_sha256[] = { 4, 3 };

/* Check the type 0x05 signature of a published checkpoint; return its time. */
static int
verify_sth(const struct crypto_pkey *key, const struct merkle_note *note,
    const struct merkle_checkpoint *cp, uint64_t *ret_time)
{
	uint8_t id[32], input[MERKLE_STH_INPUT_LEN];
	const struct merkle_note_sig *line;
	struct merkle_vkey vkey;
	struct merkle_sth sth;
	struct crypto_signed s = { .alg = CRYPTO_SIG_ECDSA_SHA256 };
	struct cursor c;
	const uint8_t *alg;
	int rc;

	rc = crypto_pkey_spki_sha256(key, id);
	if (rc == 0)
		rc =
		    merkle_vkey_init(&vkey, cp->origin, MERKLE_SIG_RFC6962, id);
	if (rc != 0)
		return rc;
	line = merkle_notekey_find(note, &vkey);
	if (line == NULL)
		return ERR_STATE_NOT_FOUND;
	rc = merkle_sth_decode(line, &sth);
	if (rc != 0)
		return rc;
	wire_cursor_init(&c, sth.sig, sth.sig_len);
	alg = wire_cursor_bytes(&c, sizeof(ecdsa_sha256));
	s.sig_len = wire_cursor_u16(&c);
	s.sig = wire_cursor_bytes(&c, s.sig_len);
	rc = wire_cursor_done(&c);
	if (rc != 0 || memcmp(alg, ecdsa_sha256, sizeof(ecdsa_sha256)) != 0)
		return ERR_PEER_MALFORMED;
	merkle_sth_input(
	    sth.timestamp_ms, cp->head.size, cp->head.root.b, input);
	s.msg = input;
	s.msg_len = sizeof(input);
	rc = crypto_pkey_verify(key, &s);
	if (rc == 0)
		*ret_time = sth.timestamp_ms;
	return rc;
}

/* The same by the log key that is in the other process. */
static int
verify_other(const struct keyop_head *head, const struct merkle_note *note,
    const struct merkle_checkpoint *cp, uint64_t *ret_time)
{
	struct crypto_pkey *key;
	int rc;

	rc = crypto_pkey_from_spki(head->log_spki, head->log_spki_len, &key);
	if (rc != 0)
		return rc;
	rc = verify_sth(key, note, cp, ret_time);
	crypto_pkey_free(key);
	return rc;
}

int
keyop_head_follow(const struct keyop_head *head, const struct merkle_note *note,
    const struct merkle_checkpoint *cp, uint64_t *ret_time_ms)
{
	uint64_t time_ms;
	int rc;

	if ((rc = verify_other(head, note, cp, &time_ms)) != 0)
		return rc;
	if (cp->head.size < head->size || time_ms < head->time_ms ||
	    (cp->head.size == head->size && head->time_ms != 0 &&
		memcmp(cp->head.root.b, head->root, sizeof(head->root)) != 0))
		return ERR_STATE_REFUSED;
	*ret_time_ms = time_ms;
	return 0;
}

/* Check the slot's Ed25519 signature, made under ${name}. */
static int
verify_note(const struct keys_slot *slot, const struct merkle_note *note,
    const char *name)
{
	struct merkle_vkey vkey;
	uint8_t public[32];
	size_t len;
	int rc;

	rc = crypto_pkey_raw_public(slot->key, public, sizeof(public), &len);
	if (rc == 0)
		rc = merkle_vkey_init(&vkey, name, MERKLE_SIG_ED25519, public);
	if (rc == 0)
		rc = merkle_notekey_verify(note, &vkey);
	return rc;
}

static int
take_checkpoint(const struct keys_slot *slot, struct keyop_head *head,
    const struct keys_bundle_item *item)
{
	struct merkle_checkpoint cp;
	struct merkle_note note;
	int rc;

	rc = merkle_note_parse((const char *)item->data, item->len, &note);
	if (rc == 0)
		rc = merkle_checkpoint_parse(note.text, note.text_len, &cp);
	if (rc == 0 && strcmp(cp.origin, head->origin) != 0)
		rc = ERR_PEER_MISMATCH;
	if (rc == 0 && slot->kind == KEYOP_KIND_LOG)
		rc = verify_sth(slot->key, &note, &cp, &head->time_ms);
	else if (rc == 0 && slot->kind == KEYOP_KIND_NOTE_CHECKPOINT)
		rc = verify_other(head, &note, &cp, &head->time_ms);
	else if (rc == 0)
		rc = verify_note(slot, &note, head->origin);
	if (rc != 0)
		return rc;
	head->size = cp.head.size;
	memcpy(head->root, cp.head.root.b, sizeof(head->root));
	return 0;
}

/* The floor of the serial: the list that is published. */
static int
take_list(const struct keys_slot *slot, struct keyop_head *head,
    const struct keys_bundle_item *item)
{
	char text[MERKLE_VKEY_TEXT_MAX];
	struct merkle_vkey vkey;
	struct ct_list *list;
	uint8_t public[32];
	size_t len;
	int rc;

	rc = crypto_pkey_raw_public(slot->key, public, sizeof(public), &len);
	if (rc == 0)
		rc = merkle_vkey_init(
		    &vkey, head->origin, MERKLE_SIG_ED25519, public);
	if (rc == 0)
		rc = merkle_vkey_encode(&vkey, text);
	if (rc != 0)
		return rc;
	list = malloc(sizeof(*list));
	if (list == NULL)
		return ERR_SYS_NOMEM;
	rc = ct_list_open(item->data, item->len, text, list);
	if (rc == 0)
		head->size = list->serial;
	free(list);
	return rc;
}

static int
take_item(const struct keys_slot *slot, struct keyop_head *head,
    const struct keys_bundle_item *item)
{
	if (item->tag == KEYOP_TAG_ORIGIN) {
		if (item->len == 0 || item->len >= sizeof(head->origin))
			return ERR_PEER_NAME;
		memcpy(head->origin, item->data, item->len);
		return 0;
	}
	if (item->tag == KEYOP_TAG_PAIR && item->len == 1 &&
	    slot->kind == KEYOP_KIND_NOTE_CHECKPOINT) {
		head->pair = item->data[0];
		return 0;
	}
	if (item->tag == KEYOP_TAG_CHECKPOINT &&
	    (slot->kind == KEYOP_KIND_LOG ||
		(slot->kind == KEYOP_KIND_NOTE_CHECKPOINT &&
		    head->log_spki_len > 0) ||
		slot->kind == KEYOP_KIND_NOTE_AUDIT))
		return take_checkpoint(slot, head, item);
	if (item->tag == KEYOP_TAG_OWN_LIST &&
	    slot->kind == KEYOP_KIND_NOTE_LIST)
		return take_list(slot, head, item);
	return ERR_STATE_CONFIG;
}

/* Whose key it is that is on a token. */
static int
take_owner(struct keys_slot *slot, struct keyop_head *head,
    const struct keys_bundle_item *item)
{
	struct ct_params params;
	const uint8_t *spki = item->data;
	size_t len = item->len;
	int rc;

	if (item->tag == KEYOP_TAG_PARAMS) {
		rc = ct_params_parse(
		    (const char *)item->data, item->len, &params);
		if (rc != 0)
			return rc;
		spki = params.spki;
		len = params.spki_len;
	}
	if (slot->kind == KEYOP_KIND_LOG)
		return keys_slot_key_expect(slot, spki, len);
	if (slot->kind != KEYOP_KIND_NOTE_CHECKPOINT ||
	    len > sizeof(head->log_spki))
		return ERR_STATE_CONFIG;
	memcpy(head->log_spki, spki, len);
	head->log_spki_len = len;
	return 0;
}

int
keyop_head_data(struct keys_slot *slot, const struct keys_bundle_item *item,
    struct fault *f)
{
	bool owner =
	    item->tag == KEYOP_TAG_PARAMS || item->tag == KEYOP_TAG_SPKI;
	int rc;

	if (slot->policy == NULL) {
		struct keyop_head *head = calloc(1, sizeof(*head));

		if (head == NULL)
			return base_fault_set(f, ERR_SYS_NOMEM, "no memory");
		head->pair = -1;
		slot->policy = head;
	}
	if (slot->key == NULL && !owner)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "%s: no key", slot->name);
	rc = owner ? take_owner(slot, slot->policy, item)
		   : take_item(slot, slot->policy, item);
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(
		    f, rc, "%s: %s", slot->name, base_err_text(rc));
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%s: what is published is not what this key signed (%s)",
		    slot->name, base_err_text(rc));
	return 0;
}

int
keyop_head_save(struct keys_slot *slot, struct buf *out)
{
	const struct keyop_head *head = slot->policy;
	uint8_t state[STATE_LEN];
	struct builder b;

	wire_builder_init(&b, state, sizeof(state));
	wire_builder_u64(&b, head->size);
	wire_builder_bytes(&b, head->root, sizeof(head->root));
	wire_builder_u64(&b, head->time_ms);
	return base_buf_append(out, state, b.len);
}

int
keyop_head_load(struct keys_slot *slot, const uint8_t *state, size_t len)
{
	struct keyop_head *head = slot->policy, was;
	struct cursor c;
	int rc;

	wire_cursor_init(&c, state, len);
	was.size = wire_cursor_u64(&c);
	wire_cursor_copy(&c, was.root, sizeof(was.root));
	was.time_ms = wire_cursor_u64(&c);
	rc = wire_cursor_done(&c);
	if (rc != 0)
		return rc;
	if (was.size == head->size && was.size != 0 &&
	    memcmp(was.root, head->root, sizeof(was.root)) != 0)
		return ERR_STATE_INTEGRITY;
	if (was.size > head->size) {
		head->size = was.size;
		memcpy(head->root, was.root, sizeof(was.root));
	}
	if (was.time_ms > head->time_ms)
		head->time_ms = was.time_ms;
	return 0;
}
