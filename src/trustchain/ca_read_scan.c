/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_store_internal.h"

/*
 * All revocations of an issuer, for its CRLs.  Both queries are answered from
 * an index alone, in one read transaction: a certificate that is revoked
 * meanwhile is in the first or in the second, never in neither.
 */
enum { SWEEPS_MAX = 1024 };

struct sweep {
	int64_t epoch, at, reason;
};

struct sweeps {
	size_t n;
	int64_t epoch_max; /* what is newer is not swept; -1: nothing is */
	struct sweep v[SWEEPS_MAX];
};

static int
load_sweeps(struct store_sql *q, const char *issuer, struct sweeps *ret)
{
	struct store_stmt *stmt;
	struct sweep *w;
	int rc;

	ret->n = 0;
	ret->epoch_max = -1;
	rc = store_sql_find(q,
	    "SELECT epoch, at, reason FROM sweep WHERE issuer=?"
	    " ORDER BY at, epoch",
	    &stmt, "s", issuer);
	while (rc == 1) {
		if (ret->n == SWEEPS_MAX) {
			store_stmt_reset(stmt);
			return ERR_SYS_LIMIT;
		}
		w = &ret->v[ret->n++];
		w->epoch = store_stmt_int(stmt, 0);
		w->at = store_stmt_int(stmt, 1);
		w->reason = store_stmt_int(stmt, 2);
		if (w->epoch > ret->epoch_max)
			ret->epoch_max = w->epoch;
		rc = store_stmt_step(stmt);
	}
	return rc;
}

/* The earliest of a row's own revocation and the sweeps of its epoch. */
static void
apply(const struct sweeps *s, int64_t epoch, struct ca_revoked *row)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].epoch < epoch)
			continue;
		if (row->revoked_at == 0 || s->v[i].at < row->revoked_at) {
			row->revoked_at = s->v[i].at;
			row->reason = s->v[i].reason;
		}
		return; /* they are in the order of their dates */
	}
}

/* Columns: epoch, shard, serial, revoked_at, reason. */
static int
each(struct store_stmt *stmt, int rc, const struct sweeps *s,
    const struct ca_revoked_scan *scan)
{
	struct ca_revoked row = { .issuer = scan->issuer };

	while (rc == 1) {
		row.serial.data = store_stmt_blob(stmt, 2, &row.serial.len);
		row.revoked_at = store_stmt_int(stmt, 3);
		row.reason = store_stmt_int(stmt, 4);
		apply(s, store_stmt_int(stmt, 0), &row);
		rc = scan->fn(scan->ctx, store_stmt_int(stmt, 1), &row);
		if (rc != 0) {
			store_stmt_reset(stmt);
			return rc;
		}
		rc = store_stmt_step(stmt);
	}
	return rc;
}

static int
scan_all(
    struct store_sql *q, struct sweeps *s, const struct ca_revoked_scan *scan)
{
	struct store_stmt *stmt;
	int rc;

	if ((rc = load_sweeps(q, scan->issuer, s)) != 0)
		return rc;
	rc = store_sql_find(q,
	    "SELECT epoch, shard, serial, revoked_at, reason FROM cert"
	    " INDEXED BY cert_revoked WHERE issuer=? AND not_after>=?"
	    " AND revoked_at>0",
	    &stmt, "si", scan->issuer, scan->since);
	if ((rc = each(stmt, rc, s, scan)) != 0 || s->n == 0)
		return rc;
	rc = store_sql_find(q,
	    "SELECT epoch, shard, serial, revoked_at, reason FROM cert"
	    " INDEXED BY cert_live WHERE issuer=? AND not_after>=?"
	    " AND revoked_at=0 AND epoch<=?",
	    &stmt, "sii", scan->issuer, scan->since, s->epoch_max);
	return each(stmt, rc, s, scan);
}

int
ca_read_scan_revoked(struct store_sql *q, const struct ca_revoked_scan *scan)
{
	struct sweeps *s = malloc(sizeof(*s));
	int rc, rc2;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	if ((rc = store_sql_run(q, "BEGIN", "")) == 0) {
		rc = scan_all(q, s, scan);
		rc2 = store_sql_run(q, "COMMIT", "");
		rc = rc != 0 ? rc : rc2;
	}
	free(s);
	return rc;
}

int
ca_read_shard_used(struct store_sql *q, const char *issuer, int64_t shard,
    int64_t since, bool *ret)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(q,
	    "SELECT 1 FROM cert INDEXED BY cert_live WHERE issuer=?"
	    " AND not_after>=? AND shard=? LIMIT 1",
	    &stmt, "sii", issuer, since, shard);
	if (rc < 0)
		return rc;
	if (rc == 1)
		store_stmt_reset(stmt);
	*ret = rc == 1;
	return 0;
}
