/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_exec_internal.h"

/* Operations whose halt is in force. */
#define IN_FORCE "state IN ('running','done')"

/* Issuers that may issue: not swept by an operation in force, nor ever with
 * reason 1, and no operation over all of them is in force. */
#define FREE                                                                   \
	"NOT EXISTS(SELECT 1 FROM sweep AS w LEFT JOIN emergency AS e"         \
	" ON e.operation_id=w.operation_id WHERE w.issuer=issuer.id"           \
	" AND (w.reason=1 OR e." IN_FORCE ")) AND NOT EXISTS"                  \
	"(SELECT 1 FROM emergency WHERE scope='all' AND " IN_FORCE ")"

static int
or_stale(struct ca_exec *x, int rc)
{
	return rc == 0 && store_sql_changes(x->q) == 0 ? ERR_STATE_STALE : rc;
}

int
ca_exec_open(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(
	    x->q, "UPDATE issuer SET state=state WHERE id=?", "s", op->a);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		return ERR_STATE_NOT_FOUND;
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE issuer SET state='open' WHERE id=? AND " FREE, "s",
		    op->a);
	return rc == 0 && store_sql_changes(x->q) == 0 ? ERR_STATE_HALTED : rc;
}

int
ca_exec_hold(struct ca_exec *x, const char *issuer)
{
	return store_sql_run(x->q,
	    "UPDATE issuer SET state='halted' WHERE id=? AND EXISTS"
	    "(SELECT 1 FROM emergency WHERE scope='all' AND " IN_FORCE ")",
	    "s", issuer);
}

int
ca_exec_emergency_begin(struct ca_exec *x, struct ca_op *op)
{
	return or_stale(
	    x, store_sql_run(x->q,
		   "UPDATE emergency SET state='running', started_at=?"
		   " WHERE operation_id=? AND state='armed'",
		   "is", op->i, op->a));
}

int
ca_exec_emergency_count(struct ca_exec *x, struct ca_op *op)
{
	return or_stale(x, store_sql_run(x->q,
			       "UPDATE emergency SET revoked=?, counts=?"
			       " WHERE operation_id=?",
			       "iss", op->i, op->b, op->a));
}

int
ca_exec_emergency_done(struct ca_exec *x, struct ca_op *op)
{
	return store_sql_run(x->q,
	    "UPDATE emergency SET done_at=?,"
	    " state=iif(state='running', 'done', state)"
	    " WHERE operation_id=? AND done_at=0",
	    "is", op->i, op->a);
}

int
ca_exec_emergency_allow(struct ca_exec *x, struct ca_op *op)
{
	return or_stale(
	    x, store_sql_run(x->q,
		   "UPDATE emergency SET resume_note=? WHERE operation_id=?"
		   " AND " IN_FORCE,
		   "ss", op->b, op->a));
}

int
ca_exec_emergency_resume(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = or_stale(
	    x, store_sql_run(x->q,
		   "UPDATE emergency SET state='resumed' WHERE operation_id=?"
		   " AND resume_note IS NOT NULL AND " IN_FORCE,
		   "s", op->a));
	/* What it swept, and what came while all was halted. */
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE issuer SET state='open' WHERE (id IN"
		    " (SELECT issuer FROM sweep WHERE operation_id=?1) OR"
		    " EXISTS(SELECT 1 FROM emergency WHERE operation_id=?1"
		    " AND scope='all')) AND " FREE,
		    "s", op->a);
	return rc;
}
