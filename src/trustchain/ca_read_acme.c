/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_internal.h"

#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_query.h"

static struct ca_query
query(struct ca_store *s, enum ca_table_id table, const char *tail,
    struct arena *a)
{
	struct ca_query q = { ca_store_reader(s), table, tail, a };

	return q;
}

int
ca_read_get_account(struct ca_store *s, const char *id, struct arena *a,
    struct ca_acme_account *ret)
{
	struct ca_query q = query(s, CA_TABLE_ACCOUNT, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_get_account_key(struct ca_store *s, const char *thumbprint,
    struct arena *a, struct ca_acme_account *ret)
{
	struct ca_query q =
	    query(s, CA_TABLE_ACCOUNT, "WHERE t.thumbprint=?", a);

	return ca_query_one(&q, ret, "s", thumbprint);
}

int
ca_read_list_accounts(struct ca_store *s, const char *after, struct arena *a,
    struct ca_acme_account **ret, size_t *ret_n)
{
	struct ca_query q = query(s, CA_TABLE_ACCOUNT,
	    "WHERE t.id>ifnull(?,'') ORDER BY t.id LIMIT 500", a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "s", after)) == 0)
		*ret = rows;
	return rc;
}

int
ca_read_get_eab(
    struct ca_store *s, const char *kid, struct arena *a, struct ca_eab *ret)
{
	struct ca_query q = query(s, CA_TABLE_EAB, "WHERE t.kid=?", a);

	return ca_query_one(&q, ret, "s", kid);
}

int
ca_read_list_eabs(struct ca_store *s, const char *after, struct arena *a,
    struct ca_eab **ret, size_t *ret_n)
{
	struct ca_query q = query(s, CA_TABLE_EAB,
	    "WHERE t.kid>ifnull(?,'') ORDER BY t.kid LIMIT 500", a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "s", after)) == 0)
		*ret = rows;
	return rc;
}

int
ca_read_list_limits(struct ca_store *s, const struct ca_limit *after,
    int64_t now, struct arena *a, struct ca_limit **ret, size_t *ret_n)
{
	struct ca_query q = query(s, CA_TABLE_LIMIT,
	    "WHERE (t.kind, t.key) > (?, ?) AND t.until>?"
	    " ORDER BY t.kind, t.key LIMIT 500",
	    a);
	void *rows;
	int rc;

	rc = ca_query_all(&q, &rows, ret_n, "isi",
	    after == NULL ? INT64_C(-1) : after->kind,
	    after == NULL ? "" : after->key, now);
	if (rc == 0)
		*ret = rows;
	return rc;
}

int
ca_read_get_order(struct ca_store *s, const char *id, struct arena *a,
    struct ca_acme_order *ret)
{
	struct ca_query q = query(s, CA_TABLE_ORDER, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_get_order_cert(struct ca_store *s, const char *cert_id, struct arena *a,
    struct ca_acme_order *ret)
{
	struct ca_query q = query(s, CA_TABLE_ORDER, "WHERE t.cert_id=?", a);

	return ca_query_one(&q, ret, "s", cert_id);
}

int
ca_read_get_order_replaces(struct ca_store *s, const char *certid,
    struct arena *a, struct ca_acme_order *ret)
{
	struct ca_query q = query(
	    s, CA_TABLE_ORDER, "WHERE t.replaces=? AND t.status<>'invalid'", a);

	return ca_query_one(&q, ret, "s", certid);
}

int
ca_read_list_orders(struct ca_store *s, const struct ca_order_page *page,
    struct arena *a, struct ca_acme_order **ret, size_t *ret_n)
{
	struct ca_query q = query(s, CA_TABLE_ORDER,
	    "WHERE t.account=?1 AND (?2 IS NULL OR (t.created, t.id) <"
	    " (SELECT created, id FROM acme_order WHERE id=?2))"
	    " ORDER BY t.created DESC, t.id DESC LIMIT ?3",
	    a);
	int64_t limit = 500;
	void *rows;
	int rc;

	if (page->limit >= 1 && page->limit <= 500)
		limit = (int64_t)page->limit;
	rc = ca_query_all(
	    &q, &rows, ret_n, "ssi", page->account, page->cursor, limit);
	if (rc == 0)
		*ret = rows;
	return rc;
}

int
ca_read_orders_of_authz(struct ca_store *s, const char *authz, struct arena *a,
    struct ca_acme_order **ret, size_t *ret_n)
{
	struct ca_query q = query(s, CA_TABLE_ORDER,
	    "JOIN acme_order_authz AS l ON l.order_id=t.id"
	    " WHERE l.authz=? AND t.status='pending'"
	    " ORDER BY t.id LIMIT 500",
	    a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "s", authz)) == 0)
		*ret = rows;
	return rc;
}

int
ca_read_get_authz(struct ca_store *s, const char *id, struct arena *a,
    struct ca_acme_authz *ret)
{
	struct ca_query q = query(s, CA_TABLE_AUTHZ, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_find_authz(struct ca_store *s, const struct ca_authz_key *key,
    struct arena *a, struct ca_acme_authz *ret)
{
	struct ca_query q = query(s, CA_TABLE_AUTHZ,
	    "WHERE t.account=? AND t.status=? AND t.type=? AND t.value=?"
	    " AND t.expires>? AND t.wildcard=?"
	    " ORDER BY t.expires DESC LIMIT 1",
	    a);

	return ca_query_one(&q, ret, "ssssii", key->account, key->status,
	    key->type, key->value, key->now, key->wildcard);
}

int
ca_read_count_pending(
    struct ca_store *s, const char *account, int64_t now, int64_t *ret)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(ca_store_reader(s),
	    "SELECT count(*) FROM acme_authz WHERE account=?"
	    " AND status='pending' AND expires>?",
	    &stmt, "si", account, now);
	if (rc < 0)
		return rc;
	*ret = rc == 1 ? store_stmt_int(stmt, 0) : 0;
	store_stmt_reset(stmt);
	return 0;
}

int
ca_read_get_challenge(struct ca_store *s, const char *id, struct arena *a,
    struct ca_acme_challenge *ret)
{
	struct ca_query q = query(s, CA_TABLE_CHALLENGE, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_list_challenges(struct ca_store *s, const char *authz, struct arena *a,
    struct ca_acme_challenge **ret, size_t *ret_n)
{
	struct ca_query q = query(
	    s, CA_TABLE_CHALLENGE, "WHERE t.authz=? ORDER BY t.type, t.id", a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "s", authz)) == 0)
		*ret = rows;
	return rc;
}
