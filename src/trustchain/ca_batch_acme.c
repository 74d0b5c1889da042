/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_batch_acme.h"

#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_table.h"

void
ca_batch_put_account(struct ca_batch *b, const struct ca_acme_account *row)
{
	ca_batch_row(b, CA_OP_PUT_ACCOUNT, CA_TABLE_ACCOUNT, row);
}

void
ca_batch_put_order(struct ca_batch *b, const struct ca_acme_order *row)
{
	ca_batch_row(b, CA_OP_PUT_ORDER, CA_TABLE_ORDER, row);
}

void
ca_batch_put_authz(struct ca_batch *b, const struct ca_acme_authz *row)
{
	ca_batch_row(b, CA_OP_PUT_AUTHZ, CA_TABLE_AUTHZ, row);
}

void
ca_batch_put_challenge(struct ca_batch *b, const struct ca_acme_challenge *row)
{
	ca_batch_row(b, CA_OP_PUT_CHALLENGE, CA_TABLE_CHALLENGE, row);
}

void
ca_batch_put_eab(struct ca_batch *b, const struct ca_eab *row)
{
	ca_batch_row(b, CA_OP_PUT_EAB, CA_TABLE_EAB, row);
}

void
ca_batch_bind_eab(
    struct ca_batch *b, const char *kid, const char *account, int64_t now)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_BIND_EAB);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, kid);
	op->b = ca_batch_text(b, account);
	op->i = now;
}

void
ca_batch_revoke_eab(struct ca_batch *b, const char *kid, int64_t at)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_REVOKE_EAB);

	if (op == NULL)
		return;
	op->a = ca_batch_text(b, kid);
	op->i = at;
}

void
ca_batch_end_account(struct ca_batch *b, const char *id)
{
	struct ca_op *op = ca_batch_op(b, CA_OP_END_ACCOUNT);

	if (op != NULL)
		op->a = ca_batch_text(b, id);
}

void
ca_batch_charge(struct ca_batch *b, const struct ca_limit *row)
{
	ca_batch_row(b, CA_OP_CHARGE, CA_TABLE_LIMIT, row);
}
