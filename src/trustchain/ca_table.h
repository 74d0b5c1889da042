/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_TABLE_H
#define TRUSTCHAIN_CA_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * How the structs of ca_row.h map to database columns: one description per
 * table, from which copying, binding, reading and the SQL text follow.
 */
struct arena;
struct store_stmt;

enum ca_column_type {
	CA_COLUMN_INT,	  /* int64_t */
	CA_COLUMN_LETTER, /* int64_t holding a letter, stored as text */
	CA_COLUMN_TEXT,	  /* const char *, NULL as NULL */
	CA_COLUMN_BLOB,	  /* struct ca_blob, empty as NULL */
};

struct ca_column {
	const char *name;
	enum ca_column_type type;
	size_t offset;
};

struct ca_table {
	const char *name;
	size_t row_size, n;
	const struct ca_column *columns;
};

enum ca_table_id {
	CA_TABLE_ISSUER,
	CA_TABLE_CERT,
	CA_TABLE_IDEM,
	CA_TABLE_TOKEN,
	CA_TABLE_EAB,
	CA_TABLE_LIMIT,
	CA_TABLE_BLOCK,
	CA_TABLE_OUTBOX,
	CA_TABLE_EMERGENCY,
	CA_TABLE_ACCOUNT,
	CA_TABLE_ORDER,
	CA_TABLE_AUTHZ,
	CA_TABLE_CHALLENGE,
};

enum { CA_TABLE_SQL_MAX = 1024 };

/**
 * ca_table_get(id):
 * Return the description of a table.
 */
const struct ca_table *ca_table_get(enum ca_table_id id);

/**
 * ca_table_copy(t, a, from, to):
 * Copy the row ${from} with its strings and blobs into ${a}; ${to} is the new
 * row.  ERR_SYS_LIMIT when the arena is full.
 */
MUST_CHECK int ca_table_copy(
    const struct ca_table *t, struct arena *a, const void *from, void *to);

/**
 * ca_table_bind(t, stmt, row):
 * Bind the columns to parameters 1..n.
 */
MUST_CHECK int ca_table_bind(
    const struct ca_table *t, struct store_stmt *stmt, const void *row);

/**
 * ca_table_read(t, stmt, a, row):
 * Read columns 0..n-1 of the current result into ${row}, copying into ${a}.
 */
MUST_CHECK int ca_table_read(const struct ca_table *t, struct store_stmt *stmt,
    struct arena *a, void *row);

/**
 * ca_table_select(t, tail, sql, cap):
 * Write "SELECT t.c1,... FROM table AS t ${tail}".
 */
MUST_CHECK int ca_table_select(
    const struct ca_table *t, const char *tail, char *sql, size_t cap);

/**
 * ca_table_insert(t, tail, sql, cap):
 * Write "INSERT INTO table(c1,...) VALUES(?1,...) ${tail}".
 */
MUST_CHECK int ca_table_insert(
    const struct ca_table *t, const char *tail, char *sql, size_t cap);

/**
 * ca_table_update(t, tail, sql, cap):
 * Write "UPDATE table SET c1=?1,... ${tail}".
 */
MUST_CHECK int ca_table_update(
    const struct ca_table *t, const char *tail, char *sql, size_t cap);

#endif
