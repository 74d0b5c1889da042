/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_internal.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_query.h"

static struct ca_query
query(struct ca_store *s, enum ca_table_id table, const char *tail,
    struct arena *a)
{
	struct ca_query q = { ca_store_reader(s), table, tail, a };

	return q;
}

/* The first column of the first row, 0 if there is none. */
static int
number(struct store_stmt *stmt, int rc, int64_t *ret)
{
	if (rc < 0)
		return rc;
	*ret = rc == 1 ? store_stmt_int(stmt, 0) : 0;
	store_stmt_reset(stmt);
	return 0;
}

int
ca_read_get_issuer(
    struct ca_store *s, const char *id, struct arena *a, struct ca_issuer *ret)
{
	struct ca_query q = query(s, CA_TABLE_ISSUER, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_get_cert(struct ca_store *s, const char *issuer, struct ca_blob serial,
    struct arena *a, struct ca_cert *ret)
{
	struct ca_query one =
	    query(s, CA_TABLE_CERT, "WHERE t.serial=? AND t.issuer=?", a);
	struct ca_query any = query(
	    s, CA_TABLE_CERT, "WHERE t.serial=? ORDER BY t.id LIMIT 1", a);

	int rc;

	if (issuer == NULL)
		rc = ca_query_one(&any, ret, "b", serial.data, serial.len);
	else
		rc = ca_query_one(
		    &one, ret, "bs", serial.data, serial.len, issuer);
	return rc == 0 ? ca_read_swept(s, ret, 1) : rc;
}

int
ca_read_get_cert_id(
    struct ca_store *s, int64_t id, struct arena *a, struct ca_cert *ret)
{
	struct ca_query q = query(s, CA_TABLE_CERT, "WHERE t.id=?", a);
	int rc;

	rc = ca_query_one(&q, ret, "i", id);
	return rc == 0 ? ca_read_swept(s, ret, 1) : rc;
}

int
ca_read_get_cert_fp(
    struct ca_store *s, struct ca_blob fp, struct arena *a, struct ca_cert *ret)
{
	struct ca_query q = query(s, CA_TABLE_CERT, "WHERE t.fp=?", a);
	int rc;

	rc = ca_query_one(&q, ret, "b", fp.data, fp.len);
	return rc == 0 ? ca_read_swept(s, ret, 1) : rc;
}

/* The text and the parameters of a list, built from its filter. */
struct where {
	char tail[640];
	size_t len;
	int n, rc;
	struct {
		char type;
		const char *s;
		int64_t i;
		struct ca_blob b;
	} values[16];
};

static void
where_text(struct where *w, const char *text)
{
	size_t len = strlen(text);

	if (w->len + len >= sizeof(w->tail)) {
		w->rc = ERR_SYS_LIMIT;
		return;
	}
	memcpy(w->tail + w->len, text, len + 1);
	w->len += len;
}

static void
where_int(struct where *w, const char *text, int64_t value)
{
	where_text(w, text);
	w->values[w->n].type = 'i';
	w->values[w->n++].i = value;
}

static void
where_str(struct where *w, const char *text, const char *value)
{
	if (value == NULL)
		return;
	where_text(w, text);
	w->values[w->n].type = 's';
	w->values[w->n++].s = value;
}

static void
where_blob(struct where *w, const char *text, struct ca_blob value)
{
	where_text(w, text);
	w->values[w->n].type = 'b';
	w->values[w->n++].b = value;
}

static void
where_name(struct where *w, const struct ca_name *name, struct arena *a)
{
	struct ca_blob key;

	if ((w->rc = ca_name_key(name, a, &key)) != 0)
		return;
	where_text(w, "JOIN name AS m ON m.cert_id=t.id AND m.kind=");
	where_text(w, name->kind == CA_NAME_DNS	 ? "'d'"
		      : name->kind == CA_NAME_IP ? "'i'"
						 : "'u'");
	where_blob(w, " AND m.value=? ", key);
}

static void
where_state(struct where *w, int64_t state)
{
	/* A literal, so that the partial index on 'P' is used. */
	if (state == CA_CERT_PRECERT)
		where_text(w, " AND t.state='P'");
	else if (state == CA_CERT_ISSUED)
		where_text(w, " AND t.state='I'");
	else if (state == CA_CERT_ABANDONED)
		where_text(w, " AND t.state='A'");
}

/* Whether a sweep covers the row. */
#define SWEPT                                                                  \
	" t.epoch<=coalesce((SELECT max(epoch) FROM sweep WHERE"               \
	" issuer=t.issuer), -1))"

static void
where_filter(struct where *w, const struct ca_cert_filter *f, struct arena *a)
{
	/* What is pending is looked for every five seconds, and is a handful:
	 * by id it would be a walk over the whole table. */
	if (f->state == CA_CERT_PRECERT)
		where_text(w, "INDEXED BY cert_pending ");
	if (f->name != NULL)
		where_name(w, f->name, a);
	where_int(w, "WHERE t.id>?", f->after_id);
	where_state(w, f->state);
	where_str(w, " AND t.issuer=?", f->issuer);
	where_str(w, " AND t.owner=?", f->owner);
	where_str(w, " AND t.order_id=?", f->order_id);
	if (f->spki.len > 0)
		where_blob(w, " AND t.spki=?", f->spki);
	if (f->created_before != 0)
		where_int(w, " AND t.created<?", f->created_before);
	if (f->not_after_from != 0)
		where_int(w, " AND t.not_after>=?", f->not_after_from);
	if (f->not_after_before != 0)
		where_int(w, " AND t.not_after<?", f->not_after_before);
	if (f->revoked != 0)
		where_text(w, f->revoked > 0
				  ? " AND (t.revoked_at>0 OR" SWEPT
				  : " AND NOT (t.revoked_at>0 OR" SWEPT);
	where_int(w, " ORDER BY t.id LIMIT ?",
	    f->limit >= 1 && f->limit <= 500 ? (int64_t)f->limit : 500);
}

static int
where_bind(const struct where *w, struct store_stmt *stmt)
{
	int rc = 0, i;

	for (i = 0; rc == 0 && i < w->n; i++)
		if (w->values[i].type == 'i')
			rc = store_stmt_bind_int(stmt, i + 1, w->values[i].i);
		else if (w->values[i].type == 's')
			rc = store_stmt_bind_text(stmt, i + 1, w->values[i].s);
		else
			rc = store_stmt_bind_blob(stmt, i + 1,
			    w->values[i].b.data, w->values[i].b.len);
	return rc;
}

int
ca_read_list_certs(struct ca_store *s, const struct ca_cert_filter *f,
    struct arena *a, struct ca_cert **ret, size_t *ret_n)
{
	char sql[CA_TABLE_SQL_MAX];
	struct store_stmt *stmt;
	struct ca_query q;
	struct where w;
	void *rows;
	int rc;

	memset(&w, 0, sizeof(w));
	where_filter(&w, f, a);
	if (w.rc != 0)
		return w.rc;
	q = query(s, CA_TABLE_CERT, w.tail, a);
	rc = ca_table_select(ca_table_get(q.table), w.tail, sql, sizeof(sql));
	if (rc == 0)
		rc = store_sql_get(q.sql, sql, &stmt);
	if (rc == 0)
		rc = where_bind(&w, stmt);
	if (rc == 0)
		rc = ca_query_rows(&q, stmt, &rows, ret_n);
	if (rc == 0)
		rc = ca_read_swept(s, rows, *ret_n);
	if (rc == 0)
		*ret = rows;
	return rc;
}

/* One row of the name table as a name. */
static int
read_name(struct store_stmt *stmt, struct arena *a, struct ca_name *ret)
{
	const char *kind = store_stmt_text(stmt, 0);
	struct ca_blob plain;
	int rc;

	ret->kind = kind == NULL ? 0 : kind[0];
	ret->value.data = store_stmt_blob(stmt, 1, &ret->value.len);
	if ((rc = ca_name_key(ret, a, &plain)) == 0)
		ret->value = plain;
	return rc;
}

int
ca_read_cert_names(struct ca_store *s, int64_t cert_id, struct arena *a,
    struct ca_name **ret, size_t *ret_n)
{
	struct store_stmt *stmt;
	struct ca_name *names;
	size_t i = 0, n;
	int64_t count;
	int rc;

	rc = store_sql_find(ca_store_reader(s),
	    "SELECT count(*) FROM name WHERE cert_id=?", &stmt, "i", cert_id);
	if ((rc = number(stmt, rc, &count)) != 0)
		return rc;
	n = (size_t)count;
	if ((names = base_arena_alloc(a, (n + 1) * sizeof(*names))) == NULL)
		return ERR_SYS_LIMIT;
	rc = store_sql_find(ca_store_reader(s),
	    "SELECT kind, value FROM name WHERE cert_id=?"
	    " ORDER BY kind, value",
	    &stmt, "i", cert_id);
	while (rc == 1 && i < n) {
		if ((rc = read_name(stmt, a, &names[i++])) == 0)
			rc = store_stmt_step(stmt);
	}
	if (rc < 0)
		return rc;
	store_stmt_reset(stmt);
	*ret = names;
	*ret_n = i;
	return 0;
}

int
ca_read_newest_not_before(struct ca_store *s, int64_t *ret)
{
	struct store_stmt *stmt;
	int rc;

	/* Ids grow with time; no index on not_before is needed for this. */
	rc = store_sql_find(ca_store_reader(s),
	    "SELECT max(not_before) FROM (SELECT not_before FROM cert"
	    " ORDER BY id DESC LIMIT 1000)",
	    &stmt, "");
	return number(stmt, rc, ret);
}

int
ca_read_count_live(struct store_sql *q, int64_t now, int64_t *ret)
{
	struct store_stmt *stmt;
	int rc;

	rc = store_sql_find(q,
	    "SELECT count(*) FROM issuer AS i CROSS JOIN cert AS c"
	    " WHERE c.issuer=i.id AND c.not_after>? AND c.state='I'"
	    " AND c.revoked_at=0 AND c.epoch>coalesce("
	    "(SELECT max(epoch) FROM sweep WHERE issuer=i.id), -1)",
	    &stmt, "i", now);
	return number(stmt, rc, ret);
}

int
ca_read_get_idem(struct ca_store *s, const char *token, const char *key,
    int64_t now, struct arena *a, struct ca_idem *ret)
{
	struct ca_query q = query(
	    s, CA_TABLE_IDEM, "WHERE t.token=? AND t.key=? AND t.expires>?", a);

	return ca_query_one(&q, ret, "ssi", token, key, now);
}

int
ca_read_outbox_drained(struct ca_store *s, int64_t *ret)
{
	struct store_stmt *stmt;
	int rc;

	/* AUTOINCREMENT keeps the highest number ever given out. */
	rc = store_sql_find(ca_store_reader(s),
	    "SELECT coalesce((SELECT min(seq)-1 FROM outbox),"
	    " (SELECT seq FROM sqlite_sequence WHERE name='outbox'), 0)",
	    &stmt, "");
	return number(stmt, rc, ret);
}

int
ca_read_list_outbox(struct ca_store *s, int64_t after_seq, size_t limit,
    struct arena *a, struct ca_outbox **ret, size_t *ret_n)
{
	struct ca_query q = query(
	    s, CA_TABLE_OUTBOX, "WHERE t.seq>? ORDER BY t.seq LIMIT ?", a);
	void *rows;
	int rc;

	rc = ca_query_all(&q, &rows, ret_n, "ii", after_seq, (int64_t)limit);
	if (rc == 0)
		*ret = rows;
	return rc;
}

int
ca_read_get_token(
    struct ca_store *s, const char *id, struct arena *a, struct ca_token *ret)
{
	struct ca_query q = query(s, CA_TABLE_TOKEN, "WHERE t.id=?", a);

	return ca_query_one(&q, ret, "s", id);
}

int
ca_read_get_token_hash(struct ca_store *s, struct ca_blob hash, struct arena *a,
    struct ca_token *ret)
{
	struct ca_query q = query(s, CA_TABLE_TOKEN, "WHERE t.hash=?", a);

	return ca_query_one(&q, ret, "b", hash.data, hash.len);
}

int
ca_read_list_tokens(
    struct ca_store *s, struct arena *a, struct ca_token **ret, size_t *ret_n)
{
	struct ca_query q =
	    query(s, CA_TABLE_TOKEN, "ORDER BY t.created, t.id", a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "")) == 0)
		*ret = rows;
	return rc;
}

int
ca_read_get_block(struct ca_store *s, const char *kind, const char *value,
    struct arena *a, struct ca_block *ret)
{
	struct ca_query q =
	    query(s, CA_TABLE_BLOCK, "WHERE t.kind=? AND t.value=?", a);

	return ca_query_one(&q, ret, "ss", kind, value);
}

int
ca_read_list_blocks(
    struct ca_store *s, struct arena *a, struct ca_block **ret, size_t *ret_n)
{
	struct ca_query q =
	    query(s, CA_TABLE_BLOCK, "ORDER BY t.kind, t.value", a);
	void *rows;
	int rc;

	if ((rc = ca_query_all(&q, &rows, ret_n, "")) == 0)
		*ret = rows;
	return rc;
}
