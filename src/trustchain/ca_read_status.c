/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_name.h"
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

#define REVOKED                                                                \
	"SELECT issuer, serial, revoked_at, reason FROM cert WHERE"            \
	" revoked_at>0 AND not_after>=?1 AND "
#define AT_MOST " ORDER BY id LIMIT 4096"
enum { REVOKED_MAX = 4096 };

static int
take_revoked(struct store_stmt *stmt, struct arena *a, struct ca_revoked *ret)
{
	const char *issuer = store_stmt_text(stmt, 0);
	size_t len;
	const uint8_t *serial = store_stmt_blob(stmt, 1, &len);

	ret->issuer = base_arena_dup(a, issuer, strlen(issuer));
	ret->serial.data = base_arena_dup(a, serial, len);
	ret->serial.len = len;
	ret->revoked_at = store_stmt_int(stmt, 2);
	ret->reason = store_stmt_int(stmt, 3);
	return ret->issuer == NULL || ret->serial.data == NULL ? ERR_SYS_LIMIT
							       : 0;
}

static int
find_revoked(struct ca_store *s, const struct ca_revoke_match *m,
    struct arena *a, struct store_stmt **ret_stmt)
{
	struct ca_blob key;
	char kind[2] = "";
	int rc;

	if (m->name == NULL)
		return store_sql_find(ca_store_reader(s),
		    REVOKED "order_id IS NOT NULL AND order_id IN (SELECT o.id"
			    " FROM acme_account AS a JOIN acme_order AS o ON"
			    " o.account=a.id WHERE a.eab_kid=?2)" AT_MOST,
		    ret_stmt, "is", m->now, m->eab_kid);
	kind[0] = (char)m->name->kind;
	if ((rc = ca_name_key(m->name, a, &key)) != 0)
		return rc;
	return store_sql_find(ca_store_reader(s),
	    REVOKED "id IN (SELECT cert_id FROM name WHERE kind=?2 AND"
		    " value=?3)" AT_MOST,
	    ret_stmt, "isb", m->now, kind, key.data, key.len);
}

int
ca_read_list_revoked(struct ca_store *s, const struct ca_revoke_match *m,
    struct arena *a, struct ca_revoked **ret, size_t *ret_n)
{
	struct ca_revoked *rows;
	struct store_stmt *stmt;
	size_t n = 0;
	int rc;

	if ((rows = base_arena_alloc(a, REVOKED_MAX * sizeof(*rows))) == NULL)
		return ERR_SYS_LIMIT;
	rc = find_revoked(s, m, a, &stmt);
	while (rc == 1 && n < REVOKED_MAX) {
		if ((rc = take_revoked(stmt, a, &rows[n])) != 0)
			store_stmt_reset(stmt);
		else {
			n++;
			rc = store_stmt_step(stmt);
		}
	}
	if (rc < 0)
		return rc;
	if (rc == 1)
		store_stmt_reset(stmt);
	*ret = rows;
	*ret_n = n;
	return 0;
}
