/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/fault.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/sqlite.h"
#include "store/sqlite_vfs.h"

static char dir[64];
static char path[128];

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
	/* The power is simulated; memory is as good as a disk, and faster. */
	snprintf(dir, sizeof(dir), "%s/troth-sqlite-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.db", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* Everything a daemon has open. */
struct world {
	struct store_disk *disk;
	struct store_sqlite_vfs *vfs;
	struct sqlite3 *db;
};

static const char *const schema[] = {
	"CREATE TABLE a(id INTEGER PRIMARY KEY, v TEXT) STRICT;"
	"CREATE TABLE b(id INTEGER PRIMARY KEY) STRICT",
};

static int
world_open(struct world *w)
{
	struct fault fault;
	int rc;

	rc = store_sqlite_open(w->vfs, path, &fault, &w->db);
	if (rc == 0)
		rc = store_sqlite_check(w->db, &fault);
	if (rc == 0)
		rc = store_sqlite_migrate(w->db, schema, 1, &fault);
	return rc;
}

static void
world_close(struct world *w)
{
	store_sqlite_close(w->db);
	w->db = NULL;
}

static void
world_new(struct world *w)
{
	memset(w, 0, sizeof(*w));
	assert_int_equal(store_disk_new(&w->disk), 0);
	assert_int_equal(store_disk_fault_track(w->disk), 0);
	assert_int_equal(store_sqlite_vfs_new(w->disk, &w->vfs), 0);
}

static void
world_free(struct world *w)
{
	world_close(w);
	store_sqlite_vfs_free(w->vfs);
	store_disk_free(w->disk);
}

static int
count(struct sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int n = -1;

	if (store_sqlite_prepare(db, sql, &stmt) != 0)
		return -1;
	if (store_sqlite_step(stmt) == 1)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/*
 * The rollback journal is used only while a database is created, where
 * nothing can be lost; so its sync is tried on a database that stays in that
 * mode.  It guards against pages that the kernel wrote early, so the cut
 * keeps some.
 */
static int
journal_cut(uint64_t cut, const char *skip, uint64_t seed)
{
	int acked = 0, bad, i, n, rc;
	struct fault fault;
	struct world w;
	char sql[80];

	setup(NULL);
	world_new(&w);
	assert_int_equal(store_sqlite_open(w.vfs, path, &fault, &w.db), 0);
	assert_int_equal(store_sqlite_exec(w.db,
			     "PRAGMA journal_mode=DELETE;"
			     "PRAGMA synchronous=EXTRA;"
			     "CREATE TABLE c(id INTEGER PRIMARY KEY, v, fill);"
			     "INSERT INTO c VALUES(1,0,zeroblob(3000)),"
			     "(3,0,zeroblob(3000))"),
	    0);
	store_disk_fault_skip(w.disk, skip);
	store_disk_fault_stop(w.disk, store_disk_fault_ops(w.disk) + cut);
	for (i = 1, rc = 0; rc == 0 && i <= 3; i++) {
		snprintf(sql, sizeof(sql), "UPDATE c SET v=%d", i);
		if ((rc = store_sqlite_exec(w.db, sql)) == 0)
			acked = i;
	}
	world_close(&w);
	assert_int_equal(store_disk_fault_cut_some(w.disk, seed), 0);
	store_disk_fault_skip(w.disk, NULL);
	bad = store_sqlite_open(w.vfs, path, &fault, &w.db) != 0 ||
	      store_sqlite_check(w.db, &fault) != 0;
	if (!bad) {
		n = count(w.db, "SELECT v FROM c WHERE id=1");
		bad = (n != acked && n != acked + 1) ||
		      n != count(w.db, "SELECT v FROM c WHERE id=3");
	}
	world_free(&w);
	teardown(NULL);
	if (bad)
		return 1;
	return rc == 0 ? -1 : 0;
}

static int
journal_violations(const char *skip)
{
	uint64_t cut, seed;
	int bad = 0, r;

	for (seed = 0; seed < 8; seed++) {
		for (cut = 1, r = 0; r != -1 && cut < 60; cut++)
			bad += (r = journal_cut(cut, skip, seed)) == 1;
		assert_true(cut > 10);
	}
	return bad;
}

static void
test_journal_cut(void **state)
{
	(void)state;
	assert_int_equal(journal_violations(NULL), 0);
	assert_true(journal_violations("sqlite.journal") > 0);
	assert_true(journal_violations("sqlite.dir") > 0);
}

/* A newer schema is refused untouched; a failing step leaves nothing. */
static void
test_migrate(void **state)
{
	const char *const two[] = { schema[0], "CREATE TABLE c(x)" };
	const char *const bad[] = { schema[0], two[1],
		"CREATE TABLE d(x); nonsense" };
	struct fault fault;
	struct world w;

	(void)state;
	world_new(&w);
	assert_int_equal(world_open(&w), 0);
	assert_int_equal(store_sqlite_migrate(w.db, two, 2, &fault), 0);
	assert_int_equal(store_sqlite_migrate(w.db, two, 2, &fault), 0);
	assert_int_equal(
	    store_sqlite_migrate(w.db, schema, 1, &fault), ERR_SYS_VERSION);
	assert_int_not_equal(store_sqlite_migrate(w.db, bad, 3, &fault), 0);
	assert_int_equal(count(w.db, "SELECT count(*) FROM sqlite_master"
				     " WHERE name IN ('c','d')"),
	    1);
	assert_int_equal(count(w.db, "SELECT value FROM meta"), 2);
	world_free(&w);
}

/* A page overwritten behind SQLite's back does not pass the check. */
static void
test_check_finds_damage(void **state)
{
	struct fault fault;
	struct world w;
	FILE *f;

	(void)state;
	world_new(&w);
	assert_int_equal(world_open(&w), 0);
	assert_int_equal(store_sqlite_exec(w.db, "INSERT INTO b VALUES(1)"), 0);
	world_close(&w);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, 4096, SEEK_SET), 0);
	assert_int_equal(
	    fwrite("\377\377\377\377\377\377\377\377", 1, 8, f), 8);
	fclose(f);
	assert_int_equal(store_sqlite_open(w.vfs, path, &fault, &w.db), 0);
	assert_int_equal(store_sqlite_check(w.db, &fault), ERR_STATE_INTEGRITY);
	world_free(&w);
}

/* Run the sqlite3 program on our database; its output goes to ${out}. */
static int
sqlite_cli(const char *sql, char *out, size_t cap)
{
	char *argv[] = { (char *)"sqlite3", path, NULL, NULL },
	     *env[] = { NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], status = -1;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	argv[2] = (char *)(uintptr_t)sql;
	assert_int_equal(pipe(fds), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	assert_int_equal(
	    posix_spawn(&pid, "/usr/bin/sqlite3", &actions, NULL, argv, env),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while (
	    len < cap - 1 && (n = read(fds[0], out + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* The sqlite3 program agrees that this is a database with our rows. */
static void
test_sqlite_cli(void **state)
{
	char out[64], sql[64];
	struct world w;
	int i;

	(void)state;
	world_new(&w);
	assert_int_equal(world_open(&w), 0);
	for (i = 1; i <= 9; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO b VALUES(%d)", i);
		assert_int_equal(store_sqlite_exec(w.db, sql), 0);
	}
	/* While we have it open, with the WAL partly checkpointed. */
	assert_int_equal(sqlite_cli("PRAGMA integrity_check;"
				    "PRAGMA journal_mode;"
				    "SELECT count(*), sum(id) FROM b",
			     out, sizeof(out)),
	    0);
	assert_string_equal(out, "ok\nwal\n9|45\n");
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal_cut),
		cmocka_unit_test_setup_teardown(test_migrate, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_check_finds_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_sqlite_cli, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
