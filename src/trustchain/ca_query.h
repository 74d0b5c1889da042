/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_QUERY_H
#define TRUSTCHAIN_CA_QUERY_H

#include <stddef.h>

#include "base/err.h"
#include "trustchain/ca_table.h"

struct arena;
struct store_sql;
struct store_stmt;

/* Rows never read by one query: more is a bug of the caller's limit. */
enum { CA_QUERY_ROWS_MAX = 4096 };

/* Which rows: "SELECT columns FROM table AS t" and what follows. */
struct ca_query {
	struct store_sql *sql;
	enum ca_table_id table;
	const char *tail;
	struct arena *arena; /* for what is read */
};

/**
 * ca_query_one(q, row, fmt, ...):
 * Read the first row into ${row}; parameters as store_sql_run.
 * ERR_STATE_NOT_FOUND if there is none; ${row} is then untouched.
 */
MUST_CHECK int ca_query_one(
    const struct ca_query *q, void *row, const char *fmt, ...);

/**
 * ca_query_all(q, ret_rows, ret_n, fmt, ...):
 * Read all rows into an array in the arena.
 */
MUST_CHECK int ca_query_all(const struct ca_query *q, void **ret_rows,
    size_t *ret_n, const char *fmt, ...);

/**
 * ca_query_rows(q, stmt, ret_rows, ret_n):
 * As ca_query_all for a statement that is prepared and bound already.
 */
MUST_CHECK int ca_query_rows(const struct ca_query *q, struct store_stmt *stmt,
    void **ret_rows, size_t *ret_n);

#endif
