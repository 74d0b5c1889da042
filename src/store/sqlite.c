/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "base/fault.h"
#include "base/str.h"
#include "store/sqlite_vfs.h"

/* Five seconds in all. */
enum { BUSY_STEP_US = 500, BUSY_TRIES_MAX = 10000 };

int
store_sqlite_rc(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return ERR_SYS_NOMEM;
	case SQLITE_FULL:
		return ERR_SYS_NOSPACE;
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_NOMEM ? ERR_SYS_NOMEM : ERR_SYS_IO;
	case SQLITE_CANTOPEN:
		return ERR_SYS_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_SYS_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_SYS_UNAVAILABLE;
	case SQLITE_READONLY:
		return ERR_STATE_READ_ONLY;
	case SQLITE_CONSTRAINT:
		if (code == SQLITE_CONSTRAINT_UNIQUE ||
		    code == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    code == SQLITE_CONSTRAINT_ROWID)
			return ERR_STATE_EXISTS;
		return ERR_STATE_CONFLICT;
	default:
		return ERR_SYS_DATABASE;
	}
}

/* What every connection is set to before its first use. */
static const char pragmas[] = "PRAGMA journal_mode=WAL;"
			      "PRAGMA synchronous=FULL;"
			      "PRAGMA foreign_keys=ON;"
			      "PRAGMA temp_store=MEMORY;"
			      "PRAGMA mmap_size=0;"
			      "PRAGMA trusted_schema=OFF;"
			      "PRAGMA cell_size_check=ON";

/*
 * Another connection has the lock, for as long as a checkpoint needs to start
 * the WAL over.  SQLite's own handler would sleep ever longer, and beyond that.
 */
static int
on_busy(void *ctx, int tries)
{
	const struct timespec t = { 0, BUSY_STEP_US * 1000L };

	(void)ctx;
	if (tries >= BUSY_TRIES_MAX)
		return 0;
	(void)nanosleep(&t, NULL);
	return 1;
}

static int
open_with(struct store_sqlite_vfs *vfs, const char *path, int flags,
    struct fault *fault, struct sqlite3 **ret_db)
{
	sqlite3 *db = NULL;
	int code, rc;

	code = sqlite3_open_v2(path, &db,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
		SQLITE_OPEN_EXRESCODE,
	    store_sqlite_vfs_name(vfs));
	if (code == SQLITE_OK) {
		sqlite3_busy_handler(db, on_busy, NULL);
		code = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
	}
	if (code != SQLITE_OK) {
		rc = base_fault_set(fault, store_sqlite_rc(code), "%s: %s",
		    path, db != NULL ? sqlite3_errmsg(db) : "out of memory");
		sqlite3_close(db);
		return rc;
	}
	*ret_db = db;
	return 0;
}

int
store_sqlite_open(struct store_sqlite_vfs *vfs, const char *path,
    struct fault *fault, struct sqlite3 **ret_db)
{
	return open_with(vfs, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	    fault, ret_db);
}

int
store_sqlite_open_existing(struct store_sqlite_vfs *vfs, const char *path,
    struct fault *fault, struct sqlite3 **ret_db)
{
	return open_with(vfs, path, SQLITE_OPEN_READONLY, fault, ret_db);
}

void
store_sqlite_close(struct sqlite3 *db)
{
	sqlite3_close_v2(db);
}

int
store_sqlite_exec(struct sqlite3 *db, const char *sql)
{
	return store_sqlite_rc(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int
store_sqlite_prepare(
    struct sqlite3 *db, const char *sql, struct sqlite3_stmt **ret_stmt)
{
	sqlite3_stmt *stmt;
	int code;

	code = sqlite3_prepare_v3(
	    db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (code != SQLITE_OK)
		return store_sqlite_rc(code);
	*ret_stmt = stmt;
	return 0;
}

int
store_sqlite_step(struct sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(stmt);
	return store_sqlite_rc(code);
}

int
store_sqlite_check(struct sqlite3 *db, struct fault *fault)
{
	const char *text;
	sqlite3_stmt *stmt;
	int rc;

	if ((rc = store_sqlite_prepare(db, "PRAGMA quick_check(1)", &stmt)) !=
	    0)
		return base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	rc = store_sqlite_step(stmt);
	if (rc == 1) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		rc = 0;
		if (text == NULL || strcmp(text, "ok") != 0)
			rc = base_fault_set(fault, ERR_STATE_INTEGRITY,
			    "quick_check: %s", text != NULL ? text : "?");
	} else if (rc == 0 || rc == ERR_SYS_CORRUPT) {
		rc = base_fault_set(fault, ERR_STATE_INTEGRITY,
		    "quick_check: %s", sqlite3_errmsg(db));
	} else {
		base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int
read_version(struct sqlite3 *db, uint64_t *ret_version)
{
	const char *text;
	sqlite3_stmt *stmt;
	int rc;

	rc = store_sqlite_prepare(
	    db, "SELECT value FROM meta WHERE key='schema_version'", &stmt);
	if (rc != 0)
		return rc;
	*ret_version = 0;
	if ((rc = store_sqlite_step(stmt)) == 1) {
		text = (const char *)sqlite3_column_text(stmt, 0);
		rc = text == NULL
			 ? ERR_SYS_NOMEM
			 : base_str_u64(text, strlen(text), ret_version);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* The version stored in the database, 0 if it has none yet. */
static int
schema_version(struct sqlite3 *db, uint64_t *ret_version)
{
	int rc = store_sqlite_exec(db,
	    "CREATE TABLE IF NOT EXISTS meta"
	    "(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT");

	return rc == 0 ? read_version(db, ret_version) : rc;
}

int
store_sqlite_version(struct sqlite3 *db, size_t n, struct fault *fault)
{
	uint64_t version;
	int rc;

	if ((rc = read_version(db, &version)) != 0)
		return base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	if (version != n)
		return base_fault_set(fault, ERR_SYS_VERSION,
		    "database has schema %llu, this program reads %zu",
		    (unsigned long long)version, n);
	return 0;
}

static int
migrate_in_transaction(
    struct sqlite3 *db, const char *const *steps, size_t n, struct fault *fault)
{
	uint64_t version;
	char sql[160];
	int rc;

	if ((rc = schema_version(db, &version)) != 0)
		return base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	if (version > n)
		return base_fault_set(fault, ERR_SYS_VERSION,
		    "database has schema %llu, this program knows %zu",
		    (unsigned long long)version, n);
	if (version == n)
		return 0;
	for (; rc == 0 && version < n; version++)
		rc = store_sqlite_exec(db, steps[version]);
	if (rc == 0)
		rc = base_str_format(sql, sizeof(sql),
		    "INSERT OR REPLACE INTO meta "
		    "VALUES('schema_version','%zu')",
		    n);
	if (rc == 0)
		rc = store_sqlite_exec(db, sql);
	if (rc != 0)
		base_fault_set(fault, rc, "schema %llu: %s",
		    (unsigned long long)version, sqlite3_errmsg(db));
	return rc;
}

int
store_sqlite_migrate(
    struct sqlite3 *db, const char *const *steps, size_t n, struct fault *fault)
{
	int rc;

	if ((rc = store_sqlite_exec(db, "BEGIN IMMEDIATE")) != 0)
		return base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	rc = migrate_in_transaction(db, steps, n, fault);
	if (rc == 0 && (rc = store_sqlite_exec(db, "COMMIT")) != 0)
		base_fault_set(fault, rc, "%s", sqlite3_errmsg(db));
	if (rc != 0 && !sqlite3_get_autocommit(db))
		(void)!store_sqlite_exec(db, "ROLLBACK");
	return rc;
}
