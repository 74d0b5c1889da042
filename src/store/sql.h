/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stdarg.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One connection with its compiled statements, found by their text.  Used by
 * one thread at a time.
 */
struct store_sql;
struct sqlite3;
struct store_stmt;

/**
 * store_sql_new(db):
 * Return an empty cache over ${db}, or NULL when memory is short.
 */
struct store_sql *store_sql_new(struct sqlite3 *db);

/**
 * store_sql_free(q):
 * Finalize all statements; the connection stays open.  NULL is allowed.
 */
void store_sql_free(struct store_sql *q);

/**
 * store_sql_changes(q), store_sql_last_id(q):
 * Return how many rows the last statement changed, and the id of the row that
 * was inserted last.
 */
int64_t store_sql_changes(struct store_sql *q);
/** store_sql_last_id: see store_sql_changes. */
int64_t store_sql_last_id(struct store_sql *q);

/**
 * store_sql_get(q, text, ret_stmt):
 * Return the statement for ${text}, reset and without bindings.
 */
MUST_CHECK int store_sql_get(
    struct store_sql *q, const char *text, struct store_stmt **ret_stmt);

/**
 * store_sql_run(q, text, fmt, ...):
 * Run a statement that returns no rows, with its parameters from the
 * arguments: 's' const char *, 'i' int64_t, 'b' const void * and
 * size_t.
 */
MUST_CHECK int store_sql_run(
    struct store_sql *q, const char *text, const char *fmt, ...);

/**
 * store_sql_find(q, text, ret_stmt, fmt, ...):
 * Start a query with parameters as store_sql_run; return 1 with the first row
 * in
 * ${ret_stmt}, 0 without a row, or an error.
 */
MUST_CHECK int store_sql_find(struct store_sql *q, const char *text,
    struct store_stmt **ret_stmt, const char *fmt, ...);

/**
 * store_sql_bind(q, text, ret_stmt, fmt, ap):
 * Return the statement for ${text} with its parameters bound, not started.
 */
MUST_CHECK int store_sql_bind(struct store_sql *q, const char *text,
    struct store_stmt **ret_stmt, const char *fmt, va_list ap);

#endif
