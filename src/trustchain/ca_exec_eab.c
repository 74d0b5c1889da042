/* SPDX-License-Identifier: Apache-2.0 */
/* External account binding keys, and accounts that we end. */
#include "trustchain/ca_exec_internal.h"

#include "store/sql.h"
#include "trustchain/ca_batch_internal.h"

int
ca_exec_eab_bind(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	/* The key has done its work; secure_delete zeroes its octets. */
	rc = store_sql_run(x->q,
	    "UPDATE eab SET account=?, hmac_key=NULL WHERE kid=?"
	    " AND account IS NULL AND revoked_at=0 AND expires>?",
	    "ssi", op->b, op->a, op->i);
	return rc == 0 && store_sql_changes(x->q) == 0 ? ERR_STATE_CONFLICT
						       : rc;
}

int
ca_exec_eab_end(struct ca_exec *x, const char *kid, int64_t at)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE eab SET hmac_key=NULL,"
	    " revoked_at=iif(revoked_at=0, ?, revoked_at) WHERE kid=?",
	    "is", at, kid);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE acme_account SET status='revoked', rev=rev+1"
		    " WHERE status='valid' AND id="
		    "(SELECT account FROM eab WHERE kid=?)",
		    "s", kid);
	return rc;
}

int
ca_exec_eab_revoke(struct ca_exec *x, struct ca_op *op)
{
	return ca_exec_eab_end(x, op->a, op->i);
}

int
ca_exec_account_end(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	/* Counts as a change whatever the status is: it tells that it exists.
	 */
	rc = store_sql_run(x->q,
	    "UPDATE acme_account SET rev=rev+1,"
	    " status=iif(status='valid', 'revoked', status) WHERE id=?",
	    "s", op->a);
	return rc == 0 && store_sql_changes(x->q) == 0 ? ERR_STATE_NOT_FOUND
						       : rc;
}
