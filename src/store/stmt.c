/* SPDX-License-Identifier: Apache-2.0 */
#include "store/stmt.h"

#include <sqlite3.h>

#include "store/sqlite.h"

/* struct store_stmt is SQLite's own; its header stays in this folder. */
static sqlite3_stmt *
raw(struct store_stmt *stmt)
{
	return (sqlite3_stmt *)(void *)stmt;
}

int
store_stmt_bind_int(struct store_stmt *stmt, int at, int64_t value)
{
	return store_sqlite_rc(sqlite3_bind_int64(raw(stmt), at, value));
}

int
store_stmt_bind_text(struct store_stmt *stmt, int at, const char *text)
{
	return store_sqlite_rc(
	    sqlite3_bind_text(raw(stmt), at, text, -1, SQLITE_TRANSIENT));
}

int
store_stmt_bind_blob(
    struct store_stmt *stmt, int at, const void *data, size_t len)
{
	if (len == 0)
		return store_stmt_bind_null(stmt, at);
	return store_sqlite_rc(
	    sqlite3_bind_blob64(raw(stmt), at, data, len, SQLITE_TRANSIENT));
}

int
store_stmt_bind_null(struct store_stmt *stmt, int at)
{
	return store_sqlite_rc(sqlite3_bind_null(raw(stmt), at));
}

int
store_stmt_step(struct store_stmt *stmt)
{
	return store_sqlite_step(raw(stmt));
}

void
store_stmt_reset(struct store_stmt *stmt)
{
	sqlite3_reset(raw(stmt));
}

int64_t
store_stmt_int(struct store_stmt *stmt, int column)
{
	return sqlite3_column_int64(raw(stmt), column);
}

const char *
store_stmt_text(struct store_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(raw(stmt), column);
}

const uint8_t *
store_stmt_blob(struct store_stmt *stmt, int column, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(raw(stmt), column);

	*ret_len = (size_t)sqlite3_column_bytes(raw(stmt), column);
	return data;
}
