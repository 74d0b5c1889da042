/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "keys/bundle.h"
#include "keys/op.h"
#include "merkle/checkpoint.h"
#include "merkle/cosigned.h"
#include "merkle/note.h"
#include "merkle/tree.h"
#include "trustchain/keyop_internal.h"
#include "wire/builder.h"
#include "wire/cursor.h"

/*
 * Operations COSIG and COSIG44 (identity.md section 3): what a witness signs.
 * For each origin the size never decreases and one size has one root, counted
 * from the heads that main stands by at the start of the key process, and
 * from those that its predecessor signed.
 */
#define LOGS_MAX 10000
#define RECORD_LEN (32 + 8 + 32)
#define PART_RECORDS 800 /* fit into one packet */

struct log {
	uint8_t id[32]; /* SHA-256 of the origin; the list is in their order */
	struct merkle_head head;
};

struct keyop_witness {
	char name[MERKLE_COSIGNED_NAME_MAX];
	size_t n, cap;
	struct log *log;
	size_t saved; /* records handed over */
};

/* Where ${id} is or belongs. */
static size_t
position(const struct keyop_witness *w, const uint8_t id[32])
{
	size_t low = 0, high = w->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (memcmp(w->log[middle].id, id, 32) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct log *
find(const struct keyop_witness *w, const uint8_t id[32])
{
	size_t at = position(w, id);

	return at < w->n && memcmp(w->log[at].id, id, 32) == 0 ? &w->log[at]
							       : NULL;
}

static int
insert(struct keyop_witness *w, const uint8_t id[32], struct log **ret)
{
	size_t at = position(w, id), cap = w->cap == 0 ? 16 : 2 * w->cap;
	struct log *more;

	if (w->n == LOGS_MAX)
		return ERR_STATE_FULL;
	if (w->n == w->cap) {
		if ((more = realloc(w->log, cap * sizeof(*more))) == NULL)
			return ERR_SYS_NOMEM;
		w->log = more;
		w->cap = cap;
	}
	memmove(&w->log[at + 1], &w->log[at], (w->n - at) * sizeof(*w->log));
	memset(&w->log[at], 0, sizeof(*w->log));
	memcpy(w->log[at].id, id, 32);
	w->n++;
	*ret = &w->log[at];
	return 0;
}

/* Raise what is known of an origin; two roots for one size are a fork. */
static int
raise_head(struct keyop_witness *w, const uint8_t id[32],
    const struct merkle_head *head)
{
	struct log *log = find(w, id);
	int rc;

	if (log == NULL) {
		if ((rc = insert(w, id, &log)) != 0)
			return rc;
	} else if (head->size == log->head.size &&
		   !merkle_tree_equal(&head->root, &log->head.root)) {
		return ERR_STATE_INTEGRITY;
	} else if (head->size < log->head.size) {
		return 0;
	}
	log->head = *head;
	return 0;
}

static int
take_name(struct keyop_witness *w, const struct keys_bundle_item *item)
{
	if (item->len == 0 || item->len >= sizeof(w->name))
		return ERR_PEER_NAME;
	memcpy(w->name, item->data, item->len);
	return 0;
}

/* A head that main stands by: it may be signed again, and nothing before. */
static int
take_stood_by(struct keyop_witness *w, const struct keys_bundle_item *item)
{
	struct merkle_checkpoint cp;
	struct merkle_note note;
	uint8_t id[32];
	int rc;

	rc = merkle_note_parse((const char *)item->data, item->len, &note);
	if (rc == 0)
		rc = merkle_checkpoint_parse(note.text, note.text_len, &cp);
	if (rc != 0)
		return rc;
	crypto_sha2_256(cp.origin, strlen(cp.origin), id);
	return raise_head(w, id, &cp.head);
}

int
keyop_witness_data(struct keys_slot *slot, const struct keys_bundle_item *item,
    struct fault *f)
{
	int rc = ERR_STATE_CONFIG;

	if (slot->policy == NULL &&
	    (slot->policy = calloc(1, sizeof(struct keyop_witness))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "no memory");
	if (item->tag == KEYOP_TAG_NAME)
		rc = take_name(slot->policy, item);
	else if (item->tag == KEYOP_TAG_STOOD_BY)
		rc = take_stood_by(slot->policy, item);
	if (rc == 0)
		return 0;
	return base_fault_set(f,
	    base_err_class(rc) == ERR_CLASS_PEER ? ERR_STATE_INTEGRITY : rc,
	    "%s: a stored head is damaged (%s)", slot->name, base_err_text(rc));
}

void
keyop_witness_fini(struct keys_slot *slot)
{
	struct keyop_witness *w = slot->policy;

	if (w != NULL)
		free(w->log);
	free(w);
}

int
keyop_witness_save(struct keys_slot *slot, struct buf *out)
{
	struct keyop_witness *w = slot->policy;
	uint8_t record[RECORD_LEN];
	struct builder b;
	size_t end = w->saved + PART_RECORDS;
	int rc = 0;

	if (end > w->n)
		end = w->n;
	for (; w->saved < end && rc == 0; w->saved++) {
		const struct log *log = &w->log[w->saved];

		wire_builder_init(&b, record, sizeof(record));
		wire_builder_bytes(&b, log->id, sizeof(log->id));
		wire_builder_u64(&b, log->head.size);
		wire_builder_bytes(&b, log->head.root.b, MERKLE_HASH_LEN);
		rc = base_buf_append(out, record, b.len);
	}
	return rc == 0 && w->saved < w->n ? ERR_STATE_PENDING : rc;
}

int
keyop_witness_load(struct keys_slot *slot, const uint8_t *state, size_t len)
{
	struct merkle_head head;
	struct cursor c;
	uint8_t id[32];
	int rc = 0;

	wire_cursor_init(&c, state, len);
	while (rc == 0 && wire_cursor_left(&c) > 0) {
		wire_cursor_copy(&c, id, sizeof(id));
		head.size = wire_cursor_u64(&c);
		wire_cursor_copy(&c, head.root.b, MERKLE_HASH_LEN);
		rc = c.rc == 0 ? raise_head(slot->policy, id, &head) : c.rc;
	}
	return rc;
}

/* What both operations check before they sign; see the table of section 3. */
static int
cosign(struct keys_call *call, enum merkle_sig_type type)
{
	struct keyop_witness *w = call->slot->policy;
	struct merkle_cosigned m;
	const struct log *log;
	uint8_t id[32];
	int rc;

	rc = merkle_cosigned_parse(type, call->payload, call->len, &m);
	if (rc != 0)
		return rc;
	if (type == MERKLE_SIG_COSIGNATURE44 &&
	    strcmp(m.cosigner, w->name) != 0)
		return keyop_refuse(call, "not in this witness's name");
	if (m.start != 0)
		return keyop_refuse(call, "not a head but a subtree");
	if (m.timestamp_s > (uint64_t)(call->now_ms + KEYOP_SKEW_MS) / 1000)
		return keyop_refuse(call, "time is in the future");
	crypto_sha2_256(m.origin, strlen(m.origin), id);
	log = find(w, id);
	if (log != NULL && m.head.size < log->head.size)
		return keyop_refuse(call, "tree size %llu below %llu",
		    (unsigned long long)m.head.size,
		    (unsigned long long)log->head.size);
	if (log != NULL && m.head.size == log->head.size &&
	    !merkle_tree_equal(&m.head.root, &log->head.root))
		return keyop_refuse(call, "another root at tree size %llu",
		    (unsigned long long)m.head.size);
	/* Known first, so that no signature of it is ever forgotten. */
	rc = raise_head(w, id, &m.head);
	if (rc == ERR_STATE_FULL)
		return keyop_refuse(call, "more than %d logs", LOGS_MAX);
	return rc == 0 ? keyop_sign(call, call->payload, call->len) : rc;
}

int
keyop_witness_cosig(struct keys_call *call)
{
	return cosign(call, MERKLE_SIG_COSIGNATURE);
}

int
keyop_witness_cosig44(struct keys_call *call)
{
	return cosign(call, MERKLE_SIG_COSIGNATURE44);
}
