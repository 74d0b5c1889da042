/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#include <stdarg.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "store/sqlite.h"
#include "store/stmt.h"

/* More different statements than there are is a bug; lists vary by filter. */
enum { STMTS_MAX = 128 };

struct store_sql {
	struct sqlite3 *db;
	size_t n;
	struct {
		uint64_t hash;
		struct sqlite3_stmt *stmt;
	} entries[STMTS_MAX];
};

struct store_sql *
store_sql_new(struct sqlite3 *db)
{
	struct store_sql *q = calloc(1, sizeof(*q));

	if (q != NULL)
		q->db = db;
	return q;
}

static void
clear(struct store_sql *q)
{
	while (q->n > 0)
		sqlite3_finalize(q->entries[--q->n].stmt);
}

void
store_sql_free(struct store_sql *q)
{
	if (q == NULL)
		return;
	clear(q);
	free(q);
}

int64_t
store_sql_changes(struct store_sql *q)
{
	return sqlite3_changes64(q->db);
}

int64_t
store_sql_last_id(struct store_sql *q)
{
	return sqlite3_last_insert_rowid(q->db);
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

/* Compile ${text} and keep it. */
static int
compile(struct store_sql *q, const char *text, uint64_t hash,
    struct store_stmt **ret_stmt)
{
	struct sqlite3_stmt *stmt;
	int rc;

	if (q->n == STMTS_MAX)
		clear(q);
	if ((rc = store_sqlite_prepare(q->db, text, &stmt)) != 0)
		return rc;
	q->entries[q->n].hash = hash;
	q->entries[q->n++].stmt = stmt;
	*ret_stmt = (struct store_stmt *)(void *)stmt;
	return 0;
}

int
store_sql_get(
    struct store_sql *q, const char *text, struct store_stmt **ret_stmt)
{
	uint64_t hash = hash_text(text);
	size_t i;

	for (i = 0; i < q->n; i++)
		if (q->entries[i].hash == hash) {
			sqlite3_reset(q->entries[i].stmt);
			sqlite3_clear_bindings(q->entries[i].stmt);
			*ret_stmt =
			    (struct store_stmt *)(void *)q->entries[i].stmt;
			return 0;
		}
	return compile(q, text, hash, ret_stmt);
}

static int
bind_all(struct store_stmt *stmt, const char *fmt, va_list ap)
{
	const void *data;
	int at, rc = 0;

	for (at = 1; rc == 0 && *fmt != '\0'; fmt++, at++)
		switch (*fmt) {
		case 's':
			rc = store_stmt_bind_text(
			    stmt, at, va_arg(ap, const char *));
			break;
		case 'i':
			rc = store_stmt_bind_int(stmt, at, va_arg(ap, int64_t));
			break;
		default:
			data = va_arg(ap, const void *);
			rc = store_stmt_bind_blob(
			    stmt, at, data, va_arg(ap, size_t));
		}
	return rc;
}

int
store_sql_bind(struct store_sql *q, const char *text,
    struct store_stmt **ret_stmt, const char *fmt, va_list ap)
{
	int rc = store_sql_get(q, text, ret_stmt);

	return rc != 0 ? rc : bind_all(*ret_stmt, fmt, ap);
}

int
store_sql_run(struct store_sql *q, const char *text, const char *fmt, ...)
{
	struct store_stmt *stmt;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = store_sql_bind(q, text, &stmt, fmt, ap);
	va_end(ap);
	while (rc == 0 && (rc = store_stmt_step(stmt)) == 1)
		rc = 0;
	return rc;
}

int
store_sql_find(struct store_sql *q, const char *text,
    struct store_stmt **ret_stmt, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = store_sql_bind(q, text, ret_stmt, fmt, ap);
	va_end(ap);
	return rc != 0 ? rc : store_stmt_step(*ret_stmt);
}
