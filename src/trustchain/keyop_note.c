/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "keys/op.h"
#include "keys/slot.h"
#include "merkle/checkpoint.h"
#include "merkle/note.h"
#include "trustchain/ct_list.h"
#include "trustchain/keyop_internal.h"

/*
 * Operation NOTE (identity.md section 3): the text of a C2SP signed note.
 * What it may be is fixed by the kind of the slot.
 */

/* The text to be signed; with a log's signature behind it or not. */
struct text {
	const char *data;
	size_t len;
	bool has_note;
	struct merkle_note note;
};

static void
take_text(const struct keys_call *call, struct text *t)
{
	t->data = (const char *)call->payload;
	t->len = call->len;
	t->has_note = merkle_note_parse(t->data, t->len, &t->note) == 0;
	if (t->has_note) {
		t->data = t->note.text;
		t->len = t->note.text_len;
	}
}

/* Parse a checkpoint of the slot's origin, without extension lines. */
static int
parse(struct keys_call *call, const char *text, size_t len,
    struct merkle_checkpoint *ret)
{
	const struct keyop_head *head = call->slot->policy;
	int rc;

	if (len > MERKLE_CHECKPOINT_TEXT_MAX)
		return ERR_PEER_TOO_LARGE;
	rc = merkle_checkpoint_parse(text, len, ret);
	if (rc != 0)
		return rc;
	if (strcmp(ret->origin, head->origin) != 0)
		return keyop_refuse(
		    call, "first line is not the slot's origin");
	if (ret->extension_len != 0)
		return keyop_refuse(call, "extension lines");
	return 0;
}

/* The log key is in this process: its head was signed here, as the last. */
static int
is_last(struct keys_call *call, const struct merkle_checkpoint *cp)
{
	const struct keyop_head *own = call->slot->policy, *last;
	const struct keys_slot *log = NULL;

	if (own->pair >= 0)
		log = keys_slot_get(call->process, (unsigned)own->pair);
	if (log == NULL || log->kind != KEYOP_KIND_LOG)
		return ERR_SYS_KEY;
	last = log->policy;
	if (cp->head.size != last->size ||
	    memcmp(cp->head.root.b, last->root, 32) != 0 || last->time_ms == 0)
		return keyop_refuse(call, "not the last tree head signed");
	return 0;
}

/* The log key is on a token, in the other process: its signature tells. */
static int
is_next(struct keys_call *call, const struct text *t,
    const struct merkle_checkpoint *cp, uint64_t *ret_time_ms)
{
	int rc = ERR_STATE_NOT_FOUND;

	if (t->has_note)
		rc = keyop_head_follow(
		    call->slot->policy, &t->note, cp, ret_time_ms);
	if (rc == 0 || base_err_class(rc) == ERR_CLASS_SYS)
		return rc;
	return keyop_refuse(
	    call, "not a later tree head of the log: %s", base_err_text(rc));
}

int
keyop_note_checkpoint(struct keys_call *call)
{
	struct keyop_head *own = call->slot->policy;
	struct merkle_checkpoint cp;
	uint64_t time_ms = 0;
	struct text t;
	int rc;

	take_text(call, &t);
	if ((rc = parse(call, t.data, t.len, &cp)) != 0)
		return rc;
	rc = own->log_spki_len > 0 ? is_next(call, &t, &cp, &time_ms)
				   : is_last(call, &cp);
	if (rc == 0)
		rc = keyop_sign(call, (const uint8_t *)t.data, t.len);
	if (rc == 0) {
		own->size = cp.head.size;
		own->time_ms = time_ms;
		memcpy(own->root, cp.head.root.b, sizeof(own->root));
	}
	return rc;
}

int
keyop_note_audit(struct keys_call *call)
{
	struct keyop_head *head = call->slot->policy;
	struct merkle_checkpoint cp;
	int rc;

	rc = parse(call, (const char *)call->payload, call->len, &cp);
	if (rc != 0)
		return rc;
	if (cp.head.size < head->size)
		return keyop_refuse(call, "audit log shrinks");
	if (cp.head.size == head->size && head->size != 0 &&
	    memcmp(cp.head.root.b, head->root, sizeof(head->root)) != 0)
		return keyop_refuse(call, "another root at the same size");
	rc = keyop_sign(call, call->payload, call->len);
	if (rc == 0) {
		head->size = cp.head.size;
		memcpy(head->root, cp.head.root.b, sizeof(head->root));
	}
	return rc;
}

int
keyop_note_list(struct keys_call *call)
{
	struct keyop_head *head = call->slot->policy;
	uint64_t serial;
	uint8_t hash[32];
	int rc;

	rc = ct_list_note_serial(
	    (const char *)call->payload, call->len, &serial, hash);
	if (rc != 0)
		return rc;
	if (serial <= head->size)
		return keyop_refuse(call, "serial %llu is not above %llu",
		    (unsigned long long)serial, (unsigned long long)head->size);
	rc = keyop_sign(call, call->payload, call->len);
	/* No root: a successor that is loaded with the published list knows its
	 * serial only, and equal ones must not look like two lists. */
	if (rc == 0)
		head->size = serial;
	return rc;
}
