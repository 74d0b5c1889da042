/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_table.h"

#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/str.h"
#include "store/stmt.h"
#include "trustchain/ca_row_status.h"

#define INT(s, m)                                                              \
	{                                                                      \
#m, CA_COLUMN_INT, offsetof(struct s, m)                       \
	}
#define LETTER(s, m)                                                           \
	{                                                                      \
#m, CA_COLUMN_LETTER, offsetof(struct s, m)                    \
	}
#define TEXT(s, m)                                                             \
	{                                                                      \
#m, CA_COLUMN_TEXT, offsetof(struct s, m)                      \
	}
#define BLOB(s, m)                                                             \
	{                                                                      \
#m, CA_COLUMN_BLOB, offsetof(struct s, m)                      \
	}

static const struct ca_column issuer_columns[] = {
	TEXT(ca_issuer, id),
	BLOB(ca_issuer, cert),
	TEXT(ca_issuer, state),
	INT(ca_issuer, epoch),
	INT(ca_issuer, last_crl_number),
	INT(ca_issuer, last_crl_at),
};

static const struct ca_column cert_columns[] = {
	INT(ca_cert, id),
	TEXT(ca_cert, issuer),
	BLOB(ca_cert, serial),
	INT(ca_cert, epoch),
	LETTER(ca_cert, state),
	TEXT(ca_cert, profile),
	INT(ca_cert, not_before),
	INT(ca_cert, not_after),
	INT(ca_cert, created),
	INT(ca_cert, shard),
	BLOB(ca_cert, spki),
	BLOB(ca_cert, fp),
	BLOB(ca_cert, precert),
	BLOB(ca_cert, final),
	BLOB(ca_cert, scts),
	TEXT(ca_cert, sct_json),
	TEXT(ca_cert, owner),
	TEXT(ca_cert, order_id),
	INT(ca_cert, revoked_at),
	INT(ca_cert, reason),
};

static const struct ca_column idem_columns[] = {
	TEXT(ca_idem, token),
	TEXT(ca_idem, key),
	BLOB(ca_idem, body_hash),
	INT(ca_idem, cert_id),
	INT(ca_idem, expires),
};

static const struct ca_column token_columns[] = {
	TEXT(ca_token, id),
	BLOB(ca_token, hash),
	TEXT(ca_token, roles),
	TEXT(ca_token, name_scopes),
	TEXT(ca_token, profiles),
	INT(ca_token, rate_per_min),
	INT(ca_token, created),
	INT(ca_token, expires),
	INT(ca_token, revoked_at),
};

static const struct ca_column eab_columns[] = {
	TEXT(ca_eab, kid),
	BLOB(ca_eab, hmac_key),
	TEXT(ca_eab, name_scopes),
	TEXT(ca_eab, profiles),
	INT(ca_eab, preauthorized),
	INT(ca_eab, created),
	INT(ca_eab, expires),
	TEXT(ca_eab, account),
	INT(ca_eab, revoked_at),
};

static const struct ca_column limit_columns[] = {
	INT(ca_limit, kind),
	TEXT(ca_limit, key),
	INT(ca_limit, window),
	INT(ca_limit, now),
	INT(ca_limit, before),
	INT(ca_limit, until),
};

static const struct ca_column block_columns[] = {
	TEXT(ca_block, kind),
	TEXT(ca_block, value),
	INT(ca_block, at),
	TEXT(ca_block, by),
};

static const struct ca_column outbox_columns[] = {
	INT(ca_outbox, seq),
	INT(ca_outbox, at),
	TEXT(ca_outbox, event),
	TEXT(ca_outbox, fields),
};

static const struct ca_column emergency_columns[] = {
	TEXT(ca_emergency, operation_id),
	TEXT(ca_emergency, note),
	TEXT(ca_emergency, resume_note),
	BLOB(ca_emergency, token_hash),
	TEXT(ca_emergency, scope),
	INT(ca_emergency, reason),
	TEXT(ca_emergency, state),
	INT(ca_emergency, revoked),
	TEXT(ca_emergency, counts),
	INT(ca_emergency, armed_at),
	INT(ca_emergency, not_after),
	INT(ca_emergency, started_at),
	INT(ca_emergency, done_at),
};

static const struct ca_column account_columns[] = {
	TEXT(ca_acme_account, id),
	INT(ca_acme_account, rev),
	TEXT(ca_acme_account, status),
	TEXT(ca_acme_account, thumbprint),
	TEXT(ca_acme_account, jwk),
	TEXT(ca_acme_account, contact),
	TEXT(ca_acme_account, eab_kid),
	INT(ca_acme_account, created),
};

static const struct ca_column order_columns[] = {
	TEXT(ca_acme_order, id),
	INT(ca_acme_order, rev),
	TEXT(ca_acme_order, account),
	TEXT(ca_acme_order, status),
	INT(ca_acme_order, created),
	INT(ca_acme_order, expires),
	TEXT(ca_acme_order, identifiers),
	TEXT(ca_acme_order, authzs),
	TEXT(ca_acme_order, profile),
	TEXT(ca_acme_order, replaces),
	TEXT(ca_acme_order, error),
	TEXT(ca_acme_order, cert_id),
	BLOB(ca_acme_order, csr),
	INT(ca_acme_order, cert),
};

static const struct ca_column authz_columns[] = {
	TEXT(ca_acme_authz, id),
	INT(ca_acme_authz, rev),
	TEXT(ca_acme_authz, account),
	TEXT(ca_acme_authz, status),
	INT(ca_acme_authz, created),
	INT(ca_acme_authz, expires),
	TEXT(ca_acme_authz, type),
	TEXT(ca_acme_authz, value),
	INT(ca_acme_authz, wildcard),
	INT(ca_acme_authz, validated),
	INT(ca_acme_authz, caa_checked),
};

static const struct ca_column challenge_columns[] = {
	TEXT(ca_acme_challenge, id),
	INT(ca_acme_challenge, rev),
	TEXT(ca_acme_challenge, authz),
	TEXT(ca_acme_challenge, type),
	TEXT(ca_acme_challenge, status),
	TEXT(ca_acme_challenge, token),
	INT(ca_acme_challenge, validated),
	TEXT(ca_acme_challenge, error),
};

#define TABLE(name, row, columns)                                              \
	{                                                                      \
		name, sizeof(struct row),                                      \
		    sizeof(columns) / sizeof((columns)[0]), columns            \
	}

static const struct ca_table tables[] = {
	[CA_TABLE_ISSUER] = TABLE("issuer", ca_issuer, issuer_columns),
	[CA_TABLE_CERT] = TABLE("cert", ca_cert, cert_columns),
	[CA_TABLE_IDEM] = TABLE("idem", ca_idem, idem_columns),
	[CA_TABLE_TOKEN] = TABLE("token", ca_token, token_columns),
	[CA_TABLE_EAB] = TABLE("eab", ca_eab, eab_columns),
	[CA_TABLE_LIMIT] = TABLE("acme_limit", ca_limit, limit_columns),
	[CA_TABLE_BLOCK] = TABLE("block", ca_block, block_columns),
	[CA_TABLE_EMERGENCY] =
	    TABLE("emergency", ca_emergency, emergency_columns),
	[CA_TABLE_OUTBOX] = TABLE("outbox", ca_outbox, outbox_columns),
	[CA_TABLE_ACCOUNT] =
	    TABLE("acme_account", ca_acme_account, account_columns),
	[CA_TABLE_ORDER] = TABLE("acme_order", ca_acme_order, order_columns),
	[CA_TABLE_AUTHZ] = TABLE("acme_authz", ca_acme_authz, authz_columns),
	[CA_TABLE_CHALLENGE] =
	    TABLE("acme_challenge", ca_acme_challenge, challenge_columns),
};

const struct ca_table *
ca_table_get(enum ca_table_id id)
{
	TROTH_ASSERT((size_t)id < sizeof(tables) / sizeof(tables[0]));
	return &tables[id];
}

static const void *
field(const struct ca_column *c, const void *row)
{
	return (const char *)row + c->offset;
}

/* Replace the text or blob at ${p} by a copy in ${a}. */
static int
copy_field(struct arena *a, enum ca_column_type type, void *p)
{
	struct ca_blob *b = p;
	const char **s = p;

	if (type == CA_COLUMN_TEXT && *s != NULL) {
		*s = base_arena_dup(a, *s, strlen(*s));
		return *s == NULL ? ERR_SYS_LIMIT : 0;
	}
	if (type == CA_COLUMN_BLOB && b->len > 0) {
		b->data = base_arena_dup(a, b->data, b->len);
		return b->data == NULL ? ERR_SYS_LIMIT : 0;
	}
	return 0;
}

int
ca_table_copy(
    const struct ca_table *t, struct arena *a, const void *from, void *to)
{
	const struct ca_column *c;
	int rc = 0;
	size_t i;

	memcpy(to, from, t->row_size);
	for (i = 0; rc == 0 && i < t->n; i++) {
		c = &t->columns[i];
		rc = copy_field(a, c->type, (char *)to + c->offset);
	}
	return rc;
}

static int
bind_field(
    struct store_stmt *stmt, int at, const struct ca_column *c, const void *row)
{
	const void *p = field(c, row);
	const struct ca_blob *b = p;
	char letter[2] = "";

	switch (c->type) {
	case CA_COLUMN_INT:
		return store_stmt_bind_int(stmt, at, *(const int64_t *)p);
	case CA_COLUMN_LETTER:
		letter[0] = (char)*(const int64_t *)p;
		return store_stmt_bind_text(stmt, at, letter);
	case CA_COLUMN_TEXT:
		return store_stmt_bind_text(stmt, at, *(const char *const *)p);
	case CA_COLUMN_BLOB:
		break;
	}
	return store_stmt_bind_blob(stmt, at, b->data, b->len);
}

int
ca_table_bind(
    const struct ca_table *t, struct store_stmt *stmt, const void *row)
{
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < t->n; i++)
		rc = bind_field(stmt, (int)i + 1, &t->columns[i], row);
	return rc;
}

static void
read_field(struct store_stmt *stmt, int at, enum ca_column_type type, void *p)
{
	struct ca_blob *b = p;
	const char *text;

	switch (type) {
	case CA_COLUMN_INT:
		*(int64_t *)p = store_stmt_int(stmt, at);
		break;
	case CA_COLUMN_LETTER:
		text = store_stmt_text(stmt, at);
		*(int64_t *)p = text == NULL ? 0 : text[0];
		break;
	case CA_COLUMN_TEXT:
		*(const char **)p = store_stmt_text(stmt, at);
		break;
	case CA_COLUMN_BLOB:
		b->data = store_stmt_blob(stmt, at, &b->len);
		break;
	}
}

int
ca_table_read(const struct ca_table *t, struct store_stmt *stmt,
    struct arena *a, void *row)
{
	const struct ca_column *c;
	size_t i;
	void *p;
	int rc;

	memset(row, 0, t->row_size);
	for (i = 0; i < t->n; i++) {
		c = &t->columns[i];
		p = (char *)row + c->offset;
		read_field(stmt, (int)i, c->type, p);
		if ((rc = copy_field(a, c->type, p)) != 0)
			return rc;
	}
	return 0;
}

/* Add to ${sql}; a text that does not fit makes it empty and stays so. */
static void
add(char *sql, size_t cap, size_t *len, const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	if (*len + la + lb >= cap) {
		*len = cap;
		return;
	}
	memcpy(sql + *len, a, la);
	memcpy(sql + *len + la, b, lb);
	*len += la + lb;
	sql[*len] = '\0';
}

static int
added(size_t len, size_t cap)
{
	return len < cap ? 0 : ERR_SYS_LIMIT;
}

int
ca_table_select(
    const struct ca_table *t, const char *tail, char *sql, size_t cap)
{
	size_t len = 0, i;

	for (i = 0; i < t->n; i++)
		add(sql, cap, &len, i == 0 ? "SELECT t." : ",t.",
		    t->columns[i].name);
	add(sql, cap, &len, " FROM ", t->name);
	add(sql, cap, &len, " AS t ", tail);
	return added(len, cap);
}

int
ca_table_insert(
    const struct ca_table *t, const char *tail, char *sql, size_t cap)
{
	size_t len = 0, i;

	add(sql, cap, &len, "INSERT INTO ", t->name);
	for (i = 0; i < t->n; i++)
		add(sql, cap, &len, i == 0 ? "(" : ",", t->columns[i].name);
	for (i = 0; i < t->n; i++)
		add(sql, cap, &len, i == 0 ? ") VALUES(" : ",", "?");
	add(sql, cap, &len, ") ", tail);
	return added(len, cap);
}

int
ca_table_update(
    const struct ca_table *t, const char *tail, char *sql, size_t cap)
{
	size_t len = 0, i;

	add(sql, cap, &len, "UPDATE ", t->name);
	for (i = 0; i < t->n; i++) {
		add(sql, cap, &len, i == 0 ? " SET " : ",", t->columns[i].name);
		add(sql, cap, &len, "=?", "");
	}
	add(sql, cap, &len, " ", tail);
	return added(len, cap);
}
