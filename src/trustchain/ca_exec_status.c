/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_exec_internal.h"

int
ca_exec_revoke(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE cert SET reason=iif(revoked_at=0, ?, reason),"
	    " revoked_at=iif(revoked_at=0, ?, revoked_at)"
	    " WHERE issuer=? AND serial=?",
	    "iisb", op->j, op->i, op->a, op->serial.data, op->serial.len);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		rc = ERR_STATE_NOT_FOUND;
	return rc;
}

int
ca_exec_sweep(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "INSERT INTO sweep(issuer, epoch, at, reason, operation_id)"
	    " SELECT id, epoch, ?, ?, ? FROM issuer WHERE id=?",
	    "iiss", op->i, op->j, op->b, op->a);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE issuer SET epoch=epoch+1, state='halted'"
		    " WHERE id=?",
		    "s", op->a);
	return rc;
}
