/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/str.h"
#include "store/disk.h"
#include "store/sqlite.h"
#include "store/sqlite_vfs.h"

#define PATH_CAP 4096

/* All pages in one step: one read transaction, so one moment; in WAL mode it
 * holds up nobody. */
static int
copy(struct sqlite3 *from, struct sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

	if (b == NULL)
		return store_sqlite_rc(sqlite3_extended_errcode(to));
	(void)sqlite3_backup_step(b, -1);
	return store_sqlite_rc(sqlite3_backup_finish(b));
}

/* From one open database to the file ${tmp}, which is closed again. */
static int
copy_to(struct store_sqlite_vfs *vfs, struct sqlite3 *from, const char *tmp,
    struct fault *fault)
{
	struct sqlite3 *to;
	int rc = store_sqlite_open(vfs, tmp, fault, &to);

	if (rc != 0)
		return rc;
	if ((rc = copy(from, to)) != 0)
		base_fault_set(fault, rc, "%s: %s", tmp, sqlite3_errmsg(to));
	/* Moves what is in its WAL into the file and removes it. */
	else if ((rc = store_sqlite_exec(to, "PRAGMA journal_mode=DELETE")) !=
		 0)
		base_fault_set(fault, rc, "%s: %s", tmp, sqlite3_errmsg(to));
	else
		rc = store_sqlite_check(to, fault);
	store_sqlite_close(to);
	return rc;
}

static int
copy_from(struct store_disk *disk, const char *from, const char *tmp,
    struct fault *fault)
{
	struct store_sqlite_vfs *vfs;
	struct sqlite3 *db;
	int rc = store_sqlite_vfs_new(disk, &vfs);

	if (rc != 0)
		return base_fault_set(fault, rc, "cannot register with SQLite");
	rc = store_sqlite_open(vfs, from, fault, &db);
	if (rc == 0) {
		rc = copy_to(vfs, db, tmp, fault);
		store_sqlite_close(db);
	}
	store_sqlite_vfs_free(vfs);
	return rc;
}

/* What an attempt may have left. */
static void
clear(struct store_disk *disk, const char *tmp)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char path[PATH_CAP];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (base_str_format(path, sizeof(path), "%s%s", tmp, ends[i]) ==
			0 &&
		    access(path, F_OK) == 0 &&
		    store_disk_unlink(disk, path) != 0)
			return; /* it says so when it is written again */
}

int
store_backup_sqlite(struct store_disk *disk, const char *from, const char *to,
    struct fault *fault)
{
	char tmp[PATH_CAP];
	int rc;

	if (base_str_format(tmp, sizeof(tmp) - 16, "%s.tmp", to) != 0)
		return base_fault_set(
		    fault, ERR_STATE_USAGE, "the path is too long");
	if (access(to, F_OK) == 0)
		return base_fault_set(
		    fault, ERR_STATE_EXISTS, "%s is there already", to);
	if (access(from, F_OK) != 0)
		return base_fault_set(
		    fault, ERR_STATE_NOT_FOUND, "%s is not there", from);
	clear(disk, tmp);
	rc = copy_from(disk, from, tmp, fault);
	if (rc == 0 && (rc = store_disk_rename(disk, tmp, to)) != 0)
		base_fault_set(fault, rc, "%s: cannot be renamed", tmp);
	if (rc != 0) {
		clear(disk, tmp);
		return rc;
	}
	if ((rc = store_disk_sync_parent(disk, to, "backup.dir")) != 0) {
		clear(disk, to);
		base_fault_set(fault, rc, "%s: not durable", to);
	}
	return rc;
}
