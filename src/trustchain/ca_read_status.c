/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_store_internal.h"

/* The earlier of ${at}, ${reason} (0: none) and the sweeps of an epoch. */
static int
sweep_before(struct store_sql *q, const char *issuer, int64_t epoch,
    int64_t *at, int64_t *reason)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(q,
	    "SELECT at, reason FROM sweep WHERE issuer=? AND epoch>=?"
	    " ORDER BY at, epoch LIMIT 1",
	    &stmt, "si", issuer, epoch);
	if (rc != 1)
		return rc;
	if (*at == 0 || store_stmt_int(stmt, 0) < *at) {
		*at = store_stmt_int(stmt, 0);
		*reason = store_stmt_int(stmt, 1);
	}
	store_stmt_reset(stmt);
	return 0;
}

int
ca_read_swept(struct ca_store *s, struct ca_cert *rows, size_t n)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < n; i++)
		rc = sweep_before(ca_store_reader(s), rows[i].issuer,
		    rows[i].epoch, &rows[i].revoked_at, &rows[i].reason);
	return rc;
}

int
ca_read_get_status(struct ca_store *s, const char *issuer,
    struct ca_blob serial, struct ca_status *ret)
{
	struct ca_status status = { .kind = CA_STATUS_UNKNOWN };
	struct store_sql *q = ca_store_reader(s);
	struct store_stmt *stmt;
	int64_t epoch;
	int rc;

	rc = store_sql_find(q,
	    "SELECT epoch, not_after, revoked_at, reason FROM cert"
	    " WHERE serial=? AND issuer=?",
	    &stmt, "bs", serial.data, serial.len, issuer);
	if (rc < 0)
		return rc;
	if (rc == 1) {
		epoch = store_stmt_int(stmt, 0);
		status.not_after = store_stmt_int(stmt, 1);
		status.revoked_at = store_stmt_int(stmt, 2);
		status.reason = store_stmt_int(stmt, 3);
		store_stmt_reset(stmt);
		rc = sweep_before(
		    q, issuer, epoch, &status.revoked_at, &status.reason);
		if (rc != 0)
			return rc;
		status.kind =
		    status.revoked_at != 0 ? CA_STATUS_REVOKED : CA_STATUS_GOOD;
	}
	*ret = status;
	return 0;
}
