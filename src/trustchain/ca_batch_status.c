/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_batch_status.h"

#include "base/arena.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_internal.h"

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
