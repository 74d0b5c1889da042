/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_query.h"
#include "trustchain/ca_store_internal.h"

enum { PROFILES_MAX = 256, SWEPT_MAX = 256 };

static int
take(struct store_stmt *stmt, const char *issuer, struct arena *a,
    struct ca_tally *ret)
{
	const char *profile = store_stmt_text(stmt, 0);

	if (profile == NULL)
		profile = "";
	ret->issuer = base_arena_dup(a, issuer, strlen(issuer));
	ret->profile = base_arena_dup(a, profile, strlen(profile));
	ret->n = store_stmt_int(stmt, 1);
	return ret->issuer == NULL || ret->profile == NULL ? ERR_SYS_LIMIT : 0;
}

int
ca_read_tally(struct store_sql *q, const struct ca_tally_scope *scope,
    struct arena *a, struct ca_tally **ret, size_t *ret_n)
{
	struct ca_tally *rows;
	struct store_stmt *stmt;
	size_t n = 0;
	int rc;

	rows = base_arena_alloc(a, PROFILES_MAX * sizeof(*rows));
	if (rows == NULL)
		return ERR_SYS_LIMIT;
	rc = store_sql_find(q,
	    "SELECT profile, count(*) FROM cert INDEXED BY cert_live"
	    " WHERE issuer=? AND not_after>? AND state<>'A'"
	    " AND revoked_at=0 AND epoch>? AND epoch<=? GROUP BY profile",
	    &stmt, "siii", scope->issuer, scope->now, scope->above,
	    scope->epoch);
	while (rc == 1 && n < PROFILES_MAX) {
		if ((rc = take(stmt, scope->issuer, a, &rows[n])) != 0) {
			store_stmt_reset(stmt);
			return rc;
		}
		n++;
		rc = store_stmt_step(stmt);
	}
	if (rc < 0)
		return rc;
	if (rc == 1)
		store_stmt_reset(stmt);
	*ret = rows;
	*ret_n = n;
	return 0;
}

int
ca_read_swept_epoch(struct ca_store *s, const char *issuer, int64_t *ret)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(ca_store_reader(s),
	    "SELECT coalesce(max(epoch), -1) FROM sweep WHERE issuer=?", &stmt,
	    "s", issuer);
	if (rc < 0)
		return rc;
	*ret = rc == 1 ? store_stmt_int(stmt, 0) : -1;
	store_stmt_reset(stmt);
	return 0;
}

int
ca_read_sweep_scopes(struct ca_store *s, const char *operation_id,
    struct arena *a, struct ca_tally_scope **ret, size_t *ret_n)
{
	struct ca_tally_scope *rows;
	struct store_stmt *stmt;
	const char *issuer;
	size_t n = 0;
	int rc;

	rows = base_arena_alloc(a, SWEPT_MAX * sizeof(*rows));
	if (rows == NULL)
		return ERR_SYS_LIMIT;
	rc = store_sql_find(ca_store_reader(s),
	    "SELECT w.issuer, w.epoch, w.at, (SELECT coalesce(max(epoch), -1)"
	    " FROM sweep WHERE issuer=w.issuer AND epoch<w.epoch)"
	    " FROM sweep AS w WHERE w.operation_id=?",
	    &stmt, "s", operation_id);
	while (rc == 1 && n < SWEPT_MAX) {
		issuer = store_stmt_text(stmt, 0);
		issuer = base_arena_dup(a, issuer, strlen(issuer));
		if (issuer == NULL) {
			store_stmt_reset(stmt);
			return ERR_SYS_LIMIT;
		}
		rows[n++] =
		    (struct ca_tally_scope){ issuer, store_stmt_int(stmt, 3),
			    store_stmt_int(stmt, 1), store_stmt_int(stmt, 2) };
		rc = store_stmt_step(stmt);
	}
	if (rc < 0)
		return rc;
	if (rc == 1)
		store_stmt_reset(stmt);
	*ret = rows;
	*ret_n = n;
	return 0;
}

int
ca_read_key_swept(struct ca_store *s, struct ca_blob spki, bool *ret)
{
	struct store_stmt *stmt;
	int rc;

	/* In this order it looks at no certificate as long as there is no
	 * such sweep. */
	rc = store_sql_find(ca_store_reader(s),
	    "SELECT 1 FROM sweep AS w CROSS JOIN cert AS c WHERE w.reason=1"
	    " AND c.spki=? AND c.issuer=w.issuer AND c.epoch<=w.epoch LIMIT 1",
	    &stmt, "b", spki.data, spki.len);
	if (rc < 0)
		return rc;
	if (rc == 1)
		store_stmt_reset(stmt);
	*ret = rc == 1;
	return 0;
}

int
ca_read_get_emergency(struct ca_store *s, const char *operation_id,
    struct arena *a, struct ca_emergency *ret)
{
	const struct ca_query q = { ca_store_reader(s), CA_TABLE_EMERGENCY,
		"WHERE t.operation_id=?", a };

	return ca_query_one(&q, ret, "s", operation_id);
}

int
ca_read_list_emergencies(struct ca_store *s, struct arena *a,
    struct ca_emergency **ret, size_t *ret_n)
{
	const struct ca_query q = { ca_store_reader(s), CA_TABLE_EMERGENCY,
		"ORDER BY t.armed_at DESC, t.operation_id LIMIT 100", a };
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "")) == 0)
		*ret = rows;
	return rc;
}
