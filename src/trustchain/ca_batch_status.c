/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_batch_status.h"

#include "base/arena.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_row_status.h"
#include "trustchain/ca_table.h"

void
ca_batch_revoke(struct ca_batch *b, const char *issuer, struct ca_blob serial,
    int64_t at, int64_t reason)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_REVOKE);

	if (op == NULL)
		return;
	b->revokes = true;
	op->a = ca_batch_text(b, issuer);
	op->serial = ca_batch_blob(b, serial);
	op->i = at;
	op->j = reason;
}

void
ca_batch_revoke_match(struct ca_batch *b, const struct ca_revoke_match *match,
    int64_t at, int64_t reason, const char *by)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_REVOKE_MATCH);
	struct ca_revoke_match *m;
	struct ca_name *name;

	if (op == NULL)
		return;
	b->revokes = true;
	m = base_arena_alloc(b->arena, sizeof(*m));
	name = base_arena_alloc(b->arena, sizeof(*name));
	if (m == NULL || name == NULL) {
		b->rc = ERR_SYS_LIMIT;
		return;
	}
	*m = *match;
	m->eab_kid = ca_batch_text(b, match->eab_kid);
	if (match->name != NULL) {
		name->kind = match->name->kind;
		name->value = ca_batch_blob(b, match->name->value);
		m->name = name;
	}
	op->row = m;
	op->a = ca_batch_text(b, by);
	op->i = at;
	op->j = reason;
}

void
ca_batch_sweep(struct ca_batch *b, const char *issuer, int64_t at,
    int64_t reason, const char *operation_id)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_SWEEP);

	if (op == NULL)
		return;
	b->revokes = true;
	op->a = ca_batch_text(b, issuer);
	op->b = ca_batch_text(b, operation_id);
	op->i = at;
	op->j = reason;
}

void
ca_batch_crl(struct ca_batch *b, const char *issuer, int64_t number, int64_t at)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_CRL);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, issuer);
	op->i = number;
	op->j = at;
}

/* A change that is about one operation or issuer. */
static struct ca_op *
about(struct ca_batch *b, enum ca_op_kind kind, const char *id)
{
	struct ca_op *op = ca_batch_op(b, kind);

	if (op != NULL)
		op->a = ca_batch_text(b, id);
	return op;
}

void
ca_batch_open(struct ca_batch *b, const char *issuer)
{
	(void)about(b, CA_OP_OPEN, issuer);
}

void
ca_batch_emergency_arm(struct ca_batch *b, const struct ca_emergency *row)
{
	(void)ca_batch_row(b, CA_OP_EMERGENCY_ARM, CA_TABLE_EMERGENCY, row);
}

void
ca_batch_emergency_begin(struct ca_batch *b, const char *id, int64_t at)
{
	struct ca_op *op = about(b, CA_OP_EMERGENCY_BEGIN, id);

	if (op != NULL)
		op->i = at;
}

void
ca_batch_emergency_count(
    struct ca_batch *b, const char *id, int64_t revoked, const char *counts)
{
	struct ca_op *op = about(b, CA_OP_EMERGENCY_COUNT, id);

	if (op == NULL)
		return;
	op->i = revoked;
	op->b = ca_batch_text(b, counts);
}

void
ca_batch_emergency_done(struct ca_batch *b, const char *id, int64_t at)
{
	struct ca_op *op = about(b, CA_OP_EMERGENCY_DONE, id);

	if (op != NULL)
		op->i = at;
}

void
ca_batch_emergency_allow(struct ca_batch *b, const char *id, const char *note)
{
	struct ca_op *op = about(b, CA_OP_EMERGENCY_ALLOW, id);

	if (op != NULL)
		op->b = ca_batch_text(b, note);
}

void
ca_batch_emergency_resume(struct ca_batch *b, const char *id)
{
	(void)about(b, CA_OP_EMERGENCY_RESUME, id);
}
