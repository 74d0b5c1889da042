/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_table.h"

struct ca_batch *
ca_batch_new(void)
{
	struct ca_batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	if ((b->arena = base_arena_new(CA_BATCH_BYTES_MAX)) == NULL) {
		free(b);
		return NULL;
	}
	b->last = &b->first;
	return b;
}

void
ca_batch_free(struct ca_batch *b)
{
	if (b == NULL)
		return;
	base_arena_free(b->arena);
	free(b);
}

struct ca_op *
ca_batch_op(struct ca_batch *b, enum ca_op_kind kind)
{
	struct ca_op *op;

	if (b->rc != 0)
		return NULL;
	if ((op = base_arena_alloc(b->arena, sizeof(*op))) == NULL) {
		b->rc = ERR_SYS_LIMIT;
		return NULL;
	}
	op->kind = kind;
	*b->last = op;
	b->last = &op->next;
	return op;
}

struct ca_op *
ca_batch_row(
    struct ca_batch *b, enum ca_op_kind kind, int table, const void *row)
{
	const struct ca_table *t = ca_table_get((enum ca_table_id)table);
	struct ca_op *op = ca_batch_op(b, kind);

	if (op == NULL)
		return NULL;
	if ((op->row = base_arena_alloc(b->arena, t->row_size)) == NULL)
		b->rc = ERR_SYS_LIMIT;
	else
		b->rc = ca_table_copy(t, b->arena, row, op->row);
	return b->rc == 0 ? op : NULL;
}

const char *
ca_batch_text(struct ca_batch *b, const char *s)
{
	if (s == NULL)
		return NULL;
	if ((s = base_arena_dup(b->arena, s, strlen(s))) == NULL)
		b->rc = ERR_SYS_LIMIT;
	return s;
}

struct ca_blob
ca_batch_blob(struct ca_batch *b, struct ca_blob blob)
{
	blob.data = base_arena_dup(b->arena, blob.data, blob.len);
	if (blob.data == NULL)
		b->rc = ERR_SYS_LIMIT;
	return blob;
}

void
ca_batch_put_issuer(struct ca_batch *b, const struct ca_issuer *row)
{
	ca_batch_row(b, CA_OP_PUT_ISSUER, CA_TABLE_ISSUER, row);
}

void
ca_batch_issuer_state(struct ca_batch *b, const char *id, const char *state)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_ISSUER_STATE);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, id);
	op->b = ca_batch_text(b, state);
}

void
ca_batch_put_precert(struct ca_batch *b, const struct ca_cert *row,
    const struct ca_name *names, size_t n)
{
	struct ca_op *op = ca_batch_row(b, CA_OP_PUT_CERT, CA_TABLE_CERT, row);
	struct ca_name *copy;
	size_t i;

	if (op == NULL || n == 0)
		return;
	if ((copy = base_arena_alloc(b->arena, n * sizeof(*copy))) == NULL) {
		b->rc = ERR_SYS_LIMIT;
		return;
	}
	for (i = 0; i < n; i++) {
		copy[i].kind = names[i].kind;
		copy[i].value = ca_batch_blob(b, names[i].value);
	}
	op->names = copy;
	op->n_names = n;
}

void
ca_batch_finalize(struct ca_batch *b, const struct ca_cert *row)
{
	ca_batch_row(b, CA_OP_FINALIZE, CA_TABLE_CERT, row);
}

void
ca_batch_abandon(struct ca_batch *b, const char *issuer, struct ca_blob serial,
    int64_t at, const char *error)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_ABANDON);

	if (op == NULL)
		return;
	b->revokes = true;
	op->a = ca_batch_text(b, issuer);
	op->b = ca_batch_text(b, error);
	op->serial = ca_batch_blob(b, serial);
	op->i = at;
}

void
ca_batch_put_idem(struct ca_batch *b, const struct ca_idem *row)
{
	ca_batch_row(b, CA_OP_PUT_IDEM, CA_TABLE_IDEM, row);
}

void
ca_batch_outbox(
    struct ca_batch *b, int64_t at, const char *event, const char *fields)
{
	struct ca_outbox row = { 0, at, event, fields };

	if (fields == NULL && b->rc == 0)
		b->rc = ERR_SYS_NOMEM;
	ca_batch_row(b, CA_OP_OUTBOX, CA_TABLE_OUTBOX, &row);
}

void
ca_batch_outbox_done(struct ca_batch *b, int64_t seq)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_OUTBOX_DONE);

	if (op != NULL)
		op->i = seq;
}

void
ca_batch_put_token(struct ca_batch *b, const struct ca_token *row)
{
	ca_batch_row(b, CA_OP_PUT_TOKEN, CA_TABLE_TOKEN, row);
}

void
ca_batch_revoke_token(struct ca_batch *b, const char *id, int64_t at)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_REVOKE_TOKEN);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, id);
	op->i = at;
}

void
ca_batch_put_block(struct ca_batch *b, const struct ca_block *row)
{
	ca_batch_row(b, CA_OP_PUT_BLOCK, CA_TABLE_BLOCK, row);
}

void
ca_batch_drop_block(struct ca_batch *b, const char *kind, const char *value)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_DROP_BLOCK);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, kind);
	op->b = ca_batch_text(b, value);
}

void
ca_batch_gc(struct ca_batch *b, int64_t now, int64_t *ret_removed)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_GC);

	if (op == NULL)
		return;
	op->i = now;
	op->row = ret_removed;
}

void
ca_batch_drop_cert(struct ca_batch *b, int64_t id)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_DROP_CERT);

	if (op != NULL)
		op->i = id;
}

void
ca_batch_drop_der(struct ca_batch *b, int64_t id)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_DROP_DER);

	if (op != NULL)
		op->i = id;
}
