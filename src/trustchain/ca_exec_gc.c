/* SPDX-License-Identifier: Apache-2.0 */
/* Removal of what has expired; the counters of limits. */
#include "trustchain/ca_exec_internal.h"

#include "store/sql.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_row.h"

/* Rows removed at once, per table. */
#define ROWS_MAX "1000"

int
ca_exec_charge(struct ca_exec *x, struct ca_op *op)
{
	const struct ca_limit *row = op->row;

	return store_sql_run(x->q,
	    "INSERT INTO acme_limit(kind, key, window, now, before, until)"
	    " VALUES(?, ?, ?, 1, 0, ?)"
	    " ON CONFLICT(kind, key) DO UPDATE SET"
	    " before=CASE excluded.window-window WHEN 0 THEN before"
	    " WHEN 1 THEN now ELSE 0 END,"
	    " now=CASE excluded.window-window WHEN 0 THEN now+1 ELSE 1 END,"
	    " window=excluded.window, until=excluded.until",
	    "isii", row->kind, row->key, row->window, row->until);
}

int
ca_exec_gc(struct ca_exec *x, struct ca_op *op)
{
	static const struct {
		const char *sql;
		int64_t age_ms;
	} steps[] = {
		{ "DELETE FROM idem WHERE (token, key) IN (SELECT token, key"
		  " FROM idem WHERE expires<=? LIMIT " ROWS_MAX ")",
		    0 },
		{ "UPDATE eab SET hmac_key=NULL WHERE hmac_key IS NOT NULL"
		  " AND expires<=?",
		    0 },
		{ "DELETE FROM acme_limit WHERE (kind, key) IN (SELECT kind,"
		  " key FROM acme_limit WHERE until<=? LIMIT " ROWS_MAX ")",
		    0 },
		{ "DELETE FROM acme_order WHERE id IN (SELECT id FROM"
		  " acme_order WHERE expires<? AND status<>'valid'"
		  " AND status<>'processing' LIMIT " ROWS_MAX ")",
		    INT64_C(86400000) },
		/* One that an order still names stays, for its page. */
		{ "DELETE FROM acme_authz WHERE id IN (SELECT id FROM"
		  " acme_authz AS z WHERE expires<? AND NOT EXISTS"
		  " (SELECT 1 FROM acme_order_authz WHERE authz=z.id)"
		  " LIMIT " ROWS_MAX ")",
		    INT64_C(86400000) },
	};
	int64_t *removed = op->row;
	size_t i;
	int rc = 0;

	*removed = 0;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && rc == 0; i++) {
		rc = store_sql_run(
		    x->q, steps[i].sql, "i", op->i - steps[i].age_ms);
		if (rc == 0)
			*removed += store_sql_changes(x->q);
	}
	return rc;
}
