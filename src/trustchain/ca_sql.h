/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SQL_H
#define TRUSTCHAIN_CA_SQL_H

#include <stdarg.h>
#include <stdint.h>

#include "base/err.h"
#include "trustchain/ca_row.h"

/*
 * One connection with its compiled statements, found by their text.  Used by
 * one thread at a time.
 */
struct ca_sql;
struct sqlite3;
struct sqlite3_stmt;

/**
 * ca_sql_new(db):
 * Return an empty cache over ${db}, or NULL when memory is short.
 */
struct ca_sql *ca_sql_new(struct sqlite3 *db);

/**
 * ca_sql_free(q):
 * Finalize all statements; the connection stays open.  NULL is allowed.
 */
void ca_sql_free(struct ca_sql *q);

/**
 * ca_sql_db(q):
 * Return the connection.
 */
struct sqlite3 *ca_sql_db(struct ca_sql *q);

/**
 * ca_sql_get(q, text, ret_stmt):
 * Return the statement for ${text}, reset and without bindings.
 */
MUST_CHECK int ca_sql_get(
    struct ca_sql *q, const char *text, struct sqlite3_stmt **ret_stmt);

/**
 * ca_sql_run(q, text, fmt, ...):
 * Run a statement that returns no rows, with its parameters from the
 * arguments: 's' const char *, 'i' int64_t, 'b' struct ca_blob.
 */
MUST_CHECK int ca_sql_run(
    struct ca_sql *q, const char *text, const char *fmt, ...);

/**
 * ca_sql_find(q, text, ret_stmt, fmt, ...):
 * Start a query with parameters as ca_sql_run; return 1 with the first row in
 * ${ret_stmt}, 0 without a row, or an error.
 */
MUST_CHECK int ca_sql_find(struct ca_sql *q, const char *text,
    struct sqlite3_stmt **ret_stmt, const char *fmt, ...);

/**
 * ca_sql_bind(q, text, ret_stmt, fmt, ap):
 * Return the statement for ${text} with its parameters bound, not started.
 */
MUST_CHECK int ca_sql_bind(struct ca_sql *q, const char *text,
    struct sqlite3_stmt **ret_stmt, const char *fmt, va_list ap);

#endif
