/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * One compiled SQL statement.  Parameters count from 1, columns from 0.  Error
 * codes are those of store/sqlite.h.
 */
struct store_stmt;

/** store_stmt_bind_int(stmt, at, value): Bind an integer. */
MUST_CHECK int store_stmt_bind_int(
    struct store_stmt *stmt, int at, int64_t value);

/**
 * store_stmt_bind_text(stmt, at, text), store_stmt_bind_blob(stmt, at, data,
 * len): Bind a copy; a NULL text and an empty blob are NULL.
 */
MUST_CHECK int store_stmt_bind_text(
    struct store_stmt *stmt, int at, const char *text);
/** store_stmt_bind_blob: see store_stmt_bind_text. */
MUST_CHECK int store_stmt_bind_blob(
    struct store_stmt *stmt, int at, const void *data, size_t len);

/** store_stmt_bind_null(stmt, at): Bind NULL. */
MUST_CHECK int store_stmt_bind_null(struct store_stmt *stmt, int at);

/**
 * store_stmt_step(stmt):
 * Return 1 with a row, 0 at the end (the statement is then reset), or an
 * error (also reset).
 */
MUST_CHECK int store_stmt_step(struct store_stmt *stmt);

/** store_stmt_reset(stmt): Stop before the end; frees the read lock. */
void store_stmt_reset(struct store_stmt *stmt);

/** store_stmt_int(stmt, column): Return an integer, 0 for NULL. */
int64_t store_stmt_int(struct store_stmt *stmt, int column);

/**
 * store_stmt_text(stmt, column), store_stmt_blob(stmt, column, ret_len):
 * Return a text (NULL for NULL) or a blob, valid until the next step.
 */
const char *store_stmt_text(struct store_stmt *stmt, int column);
/** store_stmt_blob: see store_stmt_text. */
const uint8_t *store_stmt_blob(
    struct store_stmt *stmt, int column, size_t *ret_len);

#endif
