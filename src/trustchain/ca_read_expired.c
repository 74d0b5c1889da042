/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_store_internal.h"

/* The earliest sweep of a row's epoch. */
#define SWEEP(column)                                                          \
	"(SELECT " column " FROM sweep AS s WHERE s.issuer=c.issuer"           \
	" AND s.epoch>=c.epoch ORDER BY at, epoch LIMIT 1)"

static const char sql[] =
    "SELECT c.id, c.not_before, c.not_after,"
    " c.final IS NOT NULL OR c.precert IS NOT NULL, lower(hex(c.serial)),"
    " c.profile, c.owner, c.revoked_at, c.reason," SWEEP("at") "," SWEEP(
	"reason") " FROM cert AS c INDEXED BY cert_live"
		  " WHERE c.issuer=? AND c.not_after>=? AND c.not_after<?"
		  " AND c.state<>'P' AND (c.not_after>? OR c.id>?)"
		  " ORDER BY c.not_after, c.id LIMIT ?";

static void
take(struct store_stmt *stmt, const struct ca_expired_page *page)
{
	int64_t swept_at = store_stmt_int(stmt, 9);
	struct ca_expired row = { .id = store_stmt_int(stmt, 0),
		.not_before = store_stmt_int(stmt, 1),
		.not_after = store_stmt_int(stmt, 2),
		.has_der = store_stmt_int(stmt, 3) != 0,
		.issuer = page->issuer,
		.serial = store_stmt_text(stmt, 4),
		.profile = store_stmt_text(stmt, 5),
		.owner = store_stmt_text(stmt, 6),
		.revoked_at = store_stmt_int(stmt, 7),
		.reason = store_stmt_int(stmt, 8) };

	if (swept_at != 0 &&
	    (row.revoked_at == 0 || swept_at < row.revoked_at)) {
		row.revoked_at = swept_at;
		row.reason = store_stmt_int(stmt, 10);
	}
	page->fn(page->ctx, &row);
}

int
ca_read_list_expired(struct store_sql *q, const struct ca_expired_page *page)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(q, sql, &stmt, "siiiii", page->issuer, page->after,
	    page->before, page->after, page->after_id, page->limit);
	while (rc == 1) {
		take(stmt, page);
		rc = store_stmt_step(stmt);
	}
	return rc;
}
