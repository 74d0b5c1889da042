/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <stddef.h>

#include "base/err.h"

/*
 * SQLite databases whose writes and syncs go through a struct store_disk:
 * WAL mode, synchronous=FULL, foreign keys on.  The syncs are named
 * "sqlite.wal", "sqlite.db", "sqlite.journal" and "sqlite.dir".
 *
 * A connection belongs to one thread at a time.  Functions that touch the
 * database return 0 or
 *   ERR_SYS_NOSPACE ERR_SYS_IO  the disk failed: stop writing;
 *   ERR_SYS_CORRUPT             the file is damaged;
 *   ERR_STATE_EXISTS            a unique or primary key is taken;
 *   ERR_STATE_CONFLICT          another constraint refused;
 *   ERR_SYS_UNAVAILABLE         locked by another connection for too long;
 *   ERR_SYS_NOMEM, ERR_SYS_DATABASE.
 */
struct fault;
struct sqlite3;
struct sqlite3_stmt;
struct store_sqlite_vfs; /* store/sqlite_vfs.h */

/**
 * store_sqlite_open(vfs, path, fault, ret_db):
 * Open the database ${path}, creating it (mode 0600) if it does not exist.
 */
MUST_CHECK int store_sqlite_open(struct store_sqlite_vfs *vfs, const char *path,
    struct fault *fault, struct sqlite3 **ret_db);

/** store_sqlite_open_existing(vfs, path, fault, ret_db): to read only. */
MUST_CHECK int store_sqlite_open_existing(struct store_sqlite_vfs *vfs,
    const char *path, struct fault *fault, struct sqlite3 **ret_db);

/** store_sqlite_version(db, n, fault): ERR_SYS_VERSION unless the schema is the
 * one after ${n} steps of store_sqlite_migrate. */
MUST_CHECK int store_sqlite_version(
    struct sqlite3 *db, size_t n, struct fault *fault);

/**
 * store_sqlite_close(db):
 * Close the connection; its statements must be finalized.  NULL is allowed.
 */
void store_sqlite_close(struct sqlite3 *db);

/**
 * store_sqlite_check(db, fault):
 * Run PRAGMA quick_check; ERR_STATE_INTEGRITY if it finds anything.
 */
MUST_CHECK int store_sqlite_check(struct sqlite3 *db, struct fault *fault);

/**
 * store_sqlite_migrate(db, steps, n, fault):
 * Bring the schema to version ${n}: run ${steps}[v] .. ${steps}[n - 1] for a
 * database of version v, all in one transaction.  The version is kept in
 * table meta(key, value) under 'schema_version'.  ERR_SYS_VERSION if the
 * database is newer than ${n}; it is then untouched.
 */
MUST_CHECK int store_sqlite_migrate(struct sqlite3 *db,
    const char *const *steps, size_t n, struct fault *fault);

/**
 * store_sqlite_exec(db, sql):
 * Run statements that return no rows.
 */
MUST_CHECK int store_sqlite_exec(struct sqlite3 *db, const char *sql);

/**
 * store_sqlite_prepare(db, sql, ret_stmt):
 * Compile one statement that will be used many times.
 */
MUST_CHECK int store_sqlite_prepare(
    struct sqlite3 *db, const char *sql, struct sqlite3_stmt **ret_stmt);

/**
 * store_sqlite_step(stmt):
 * Return 1 with a row, 0 at the end (the statement is then reset), or an
 * error (also reset).
 */
MUST_CHECK int store_sqlite_step(struct sqlite3_stmt *stmt);

/**
 * store_sqlite_rc(code):
 * Return our code for SQLite's extended result code ${code}.
 */
int store_sqlite_rc(int code);

#endif
