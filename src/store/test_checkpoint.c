/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/fault.h"
#include "store/checkpoint.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/sqlite.h"
#include "store/sqlite_vfs.h"

static char dir[64];
static char path[128];
static struct store_disk *disk;
static struct store_sqlite_vfs *vfs;
static struct sqlite3 *db, *own;
static struct store_checkpoint *cp;
static _Atomic int failed;

static int
rm_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "%s/troth-checkpoint-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.db", dir);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(store_disk_fault_track(disk), 0);
	assert_int_equal(store_sqlite_vfs_new(disk, &vfs), 0);
	failed = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_sqlite_vfs_free(vfs);
	store_disk_free(disk);
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static void
on_failed(void *ctx, int rc)
{
	(void)ctx;
	failed = rc;
}

/* Both connections and a checkpoint thread in a hurry. */
static int
start_every(unsigned int every_ms)
{
	struct store_checkpoint_opts o = {
		.failed = on_failed, .every_ms = every_ms, .restart_pages = 8
	};
	struct fault f;
	int rc;

	rc = store_sqlite_open(vfs, path, &f, &db);
	if (rc == 0)
		rc = store_sqlite_exec(db,
		    "PRAGMA wal_autocheckpoint=0;"
		    "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
	if (rc == 0)
		rc = store_sqlite_open(vfs, path, &f, &own);
	o.db = own;
	return rc == 0 ? store_checkpoint_new(&o, &cp) : rc;
}

static int
start(void)
{
	return start_every(1);
}

static void
stop(void)
{
	store_checkpoint_free(cp);
	store_sqlite_close(own);
	store_sqlite_close(db);
	cp = NULL;
	own = db = NULL;
}

static int
count(void)
{
	sqlite3_stmt *stmt;
	int n = -1;

	if (store_sqlite_prepare(db, "SELECT count(*) FROM t", &stmt) != 0)
		return -1;
	if (store_sqlite_step(stmt) == 1)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static int
insert(int id)
{
	char sql[80];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO t VALUES(%d, hex(zeroblob(1000)))", id);
	return store_sqlite_exec(db, sql);
}

/* Under a steady load of commits the WAL stays small and is moved. */
static void
test_bounds_the_wal(void **state)
{
	char wal[160];
	struct stat st;
	off_t largest = 0;
	int i;

	(void)state;
	assert_int_equal(start(), 0);
	snprintf(wal, sizeof(wal), "%s-wal", path);
	for (i = 1; i <= 2000; i++) {
		assert_int_equal(insert(i), 0);
		if (i % 20 == 0)
			usleep(2000);
		assert_int_equal(stat(wal, &st), 0);
		if (st.st_size > largest)
			largest = st.st_size;
	}
	assert_int_equal(failed, 0);
	/* 2000 commits write some 20 MB of frames in all. */
	assert_true(largest < 6000000);
	assert_int_equal(count(), 2000);
	stop();
}

/* The power goes while the other thread is at work, wherever it is. */
static void
test_power_cut(void **state)
{
	int acked, i, n, rc;
	uint64_t cut;
	struct fault f;

	for (cut = 20; cut < 400; cut += 7) {
		setup(state);
		assert_int_equal(start(), 0);
		store_disk_fault_stop(disk, cut);
		for (i = 1, rc = 0, acked = 0; rc == 0 && i < 500; i++)
			if ((rc = insert(i)) == 0)
				acked = i;
		store_disk_fault_stop(disk, store_disk_fault_ops(disk) + 1);
		stop();
		assert_int_equal(store_disk_fault_cut_some(disk, cut), 0);
		assert_int_equal(start(), 0);
		assert_int_equal(store_sqlite_check(db, &f), 0);
		n = count();
		assert_true(n == acked || n == acked + 1);
		stop();
		teardown(state);
	}
}

/* A disk that fails under the checkpoint is reported. */
static void
test_reports_failure(void **state)
{
	int i;

	(void)state;
	assert_int_equal(start_every(300), 0);
	for (i = 1; i <= 20; i++)
		assert_int_equal(insert(i), 0);
	/* These are still to be moved when the disk goes. */
	store_disk_fault_stop(disk, store_disk_fault_ops(disk) + 1);
	for (i = 0; i < 3000 && failed == 0; i++)
		usleep(1000);
	assert_int_equal(failed, ERR_SYS_IO);
	assert_int_equal(count(), 20);
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_bounds_the_wal, setup, teardown),
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test_setup_teardown(
		    test_reports_failure, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
