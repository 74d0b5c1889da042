/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keys/op.h"
#include "keys/slot.h"
#include "merkle/checkpoint.h"
#include "trustchain/ct_list.h"
#include "trustchain/keyop_internal.h"

/*
 * Operation NOTE (identity.md section 3): the text of a C2SP signed note.
 * What it may be is fixed by the kind of the slot.
 */

/* Parse a checkpoint of the slot's origin, without extension lines. */
static int
parse(struct keys_call *call, struct merkle_checkpoint *ret)
{
	const struct keyop_head *head = call->slot->policy;
	int rc;

	if (call->len > MERKLE_CHECKPOINT_TEXT_MAX)
		return ERR_PEER_TOO_LARGE;
	rc = merkle_checkpoint_parse(
	    (const char *)call->payload, call->len, ret);
	if (rc != 0)
		return rc;
	if (strcmp(ret->origin, head->origin) != 0)
		return keyop_refuse(
		    call, "first line is not the slot's origin");
	if (ret->extension_len != 0)
		return keyop_refuse(call, "extension lines");
	return 0;
}

int
keyop_note_checkpoint(struct keys_call *call)
{
	struct keyop_head *own = call->slot->policy;
	const struct keyop_head *signed_head;
	const struct keys_slot *log = NULL;
	struct merkle_checkpoint cp;
	int rc;

	rc = parse(call, &cp);
	if (rc != 0)
		return rc;
	if (own->pair >= 0)
		log = keys_slot_get(call->process, (unsigned)own->pair);
	if (log == NULL || log->kind != KEYOP_KIND_LOG)
		return ERR_SYS_KEY;
	signed_head = log->policy;
	if (cp.head.size != signed_head->size ||
	    memcmp(cp.head.root.b, signed_head->root, 32) != 0 ||
	    signed_head->time_ms == 0)
		return keyop_refuse(call, "not the last tree head signed");
	rc = keyop_sign(call, call->payload, call->len);
	if (rc == 0) {
		own->size = cp.head.size;
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

	rc = parse(call, &cp);
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
