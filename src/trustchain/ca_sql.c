/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_sql.h"

#include <stdarg.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "store/sqlite.h"

/* More different statements than there are is a bug; lists vary by filter. */
enum { STMTS_MAX = 128 };

struct ca_sql {
	struct sqlite3 *db;
	size_t n;
	struct {
		uint64_t hash;
		struct sqlite3_stmt *stmt;
	} entries[STMTS_MAX];
};

struct ca_sql *
ca_sql_new(struct sqlite3 *db)
{
	struct ca_sql *q = calloc(1, sizeof(*q));

	if (q != NULL)
		q->db = db;
	return q;
}

static void
clear(struct ca_sql *q)
{
	while (q->n > 0)
		sqlite3_finalize(q->entries[--q->n].stmt);
}

void
ca_sql_free(struct ca_sql *q)
{
	if (q == NULL)
		return;
	clear(q);
	free(q);
}

struct sqlite3 *
ca_sql_db(struct ca_sql *q)
{
	return q->db;
}

/* FNV-1a; the texts are our own, so collisions are not an attack. */
static uint64_t
hash_text(const char *text)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3U;
	return h;
}

int
ca_sql_get(struct ca_sql *q, const char *text, struct sqlite3_stmt **ret_stmt)
{
	uint64_t hash = hash_text(text);
	struct sqlite3_stmt *stmt;
	size_t i;
	int rc;

	for (i = 0; i < q->n; i++)
		if (q->entries[i].hash == hash) {
			stmt = q->entries[i].stmt;
			sqlite3_reset(stmt);
			sqlite3_clear_bindings(stmt);
			*ret_stmt = stmt;
			return 0;
		}
	if (q->n == STMTS_MAX)
		clear(q);
	if ((rc = store_sqlite_prepare(q->db, text, &stmt)) != 0)
		return rc;
	q->entries[q->n].hash = hash;
	q->entries[q->n++].stmt = stmt;
	*ret_stmt = stmt;
	return 0;
}

static int
bind_all(struct sqlite3_stmt *stmt, const char *fmt, va_list ap)
{
	int at, code = SQLITE_OK;
	struct ca_blob b;

	for (at = 1; code == SQLITE_OK && *fmt != '\0'; fmt++, at++)
		switch (*fmt) {
		case 's':
			code = sqlite3_bind_text(stmt, at,
			    va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
			break;
		case 'i':
			code =
			    sqlite3_bind_int64(stmt, at, va_arg(ap, int64_t));
			break;
		default:
			b = va_arg(ap, struct ca_blob);
			code = b.len == 0
				   ? sqlite3_bind_null(stmt, at)
				   : sqlite3_bind_blob64(stmt, at, b.data,
					 b.len, SQLITE_TRANSIENT);
		}
	return store_sqlite_rc(code);
}

int
ca_sql_bind(struct ca_sql *q, const char *text, struct sqlite3_stmt **ret_stmt,
    const char *fmt, va_list ap)
{
	int rc = ca_sql_get(q, text, ret_stmt);

	return rc != 0 ? rc : bind_all(*ret_stmt, fmt, ap);
}

int
ca_sql_run(struct ca_sql *q, const char *text, const char *fmt, ...)
{
	struct sqlite3_stmt *stmt;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = ca_sql_bind(q, text, &stmt, fmt, ap);
	va_end(ap);
	while (rc == 0 && (rc = store_sqlite_step(stmt)) == 1)
		rc = 0;
	return rc;
}

int
ca_sql_find(struct ca_sql *q, const char *text, struct sqlite3_stmt **ret_stmt,
    const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = ca_sql_bind(q, text, ret_stmt, fmt, ap);
	va_end(ap);
	return rc != 0 ? rc : store_sqlite_step(*ret_stmt);
}
