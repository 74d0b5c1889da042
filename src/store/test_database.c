/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <linux/magic.h>
#include <pthread.h>
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
#include "loop/loop.h"
#include "store/backup.h"
#include "store/database.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/group.h"
#include "store/sql.h"
#include "store/stmt.h"

static char dir[64], path[96], copy[96];

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
	snprintf(dir, sizeof(dir), "%s/troth-database-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t.db", dir);
	snprintf(copy, sizeof(copy), "%s/copy.db", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* Two tables that always get a row together. */
static const char *const schema[] = {
	"CREATE TABLE a(id INTEGER PRIMARY KEY, v BLOB) STRICT;"
	"CREATE TABLE b(id INTEGER PRIMARY KEY) STRICT"
};

static int
open_database(struct store_disk *disk, struct loop *loop, struct fault *f,
    struct store_database **ret)
{
	const struct store_database_opts opts = { .disk = disk,
		.loop = loop,
		.path = path,
		.steps = schema,
		.n_steps = 1,
		.pragmas = "PRAGMA secure_delete=FAST",
		.batch_max = 16,
		.queue_max = 64 };

	memset(f, 0, sizeof(*f));
	return store_database_open(&opts, f, ret);
}

struct pair {
	struct store_group_job job;
	struct store_database *d;
	int64_t id;
	int done, rc;
	struct loop *stop;
};

static int
pair_run(struct store_group_job *job, struct sqlite3 *db)
{
	struct pair *p = (struct pair *)(void *)job;
	struct store_sql *q = store_database_writer(p->d);
	int rc = store_sql_run(
	    q, "INSERT INTO a VALUES(?1, zeroblob(300))", "i", p->id);

	(void)db;
	return rc != 0
		   ? rc
		   : store_sql_run(q, "INSERT INTO b VALUES(?1)", "i", p->id);
}

static void
pair_done(struct store_group_job *job, int rc)
{
	struct pair *p = (struct pair *)(void *)job;

	p->done++;
	p->rc = rc;
	if (p->stop != NULL)
		loop_stop(p->stop);
}

static void
pair_init(struct pair *p, struct store_database *d, int64_t id)
{
	memset(p, 0, sizeof(*p));
	p->job.run = pair_run;
	p->job.done = pair_done;
	p->d = d;
	p->id = id;
}

static int
insert(struct store_database *d, int64_t id)
{
	struct pair p;

	pair_init(&p, d, id);
	return store_group_wait(store_database_group(d), &p.job);
}

static int64_t
number(struct store_sql *q, const char *text)
{
	struct store_stmt *stmt;
	int64_t n;

	assert_int_equal(store_sql_find(q, text, &stmt, ""), 1);
	n = store_stmt_int(stmt, 0);
	store_stmt_reset(stmt);
	return n;
}

static void
one_writer_many_readers(void **state)
{
	struct store_sql *reader, *another;
	struct store_database *d;
	struct store_disk *disk;
	struct loop *loop;
	struct fault f;
	struct pair p;

	(void)state;
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(open_database(disk, loop, &f, &d), 0);
	assert_int_equal(store_database_reader(d, &f, &reader), 0);
	assert_int_equal(store_database_reader(d, &f, &another), 0);
	pair_init(&p, d, 1);
	p.stop = loop;
	assert_int_equal(
	    store_group_submit(store_database_group(d), &p.job), 0);
	assert_true(loop_run_for(loop, 5000));
	assert_int_equal(p.done, 1);
	assert_int_equal(p.rc, 0);
	assert_int_equal(insert(d, 2), 0);
	assert_int_equal(insert(d, 2), ERR_STATE_EXISTS);
	assert_int_equal(number(reader, "SELECT count(*) FROM b"), 2);
	assert_int_equal(number(another, "SELECT max(id) FROM a"), 2);
	assert_int_equal(number(reader, "PRAGMA secure_delete"), 2);
	assert_int_equal(
	    store_sql_run(reader, "DELETE FROM a", ""), ERR_STATE_READ_ONLY);
	store_database_close(d);
	/* It is still there, and 0600. */
	assert_int_equal(open_database(disk, NULL, &f, &d), 0);
	assert_int_equal(store_database_reader(d, &f, &reader), 0);
	assert_int_equal(number(reader, "SELECT count(*) FROM a"), 2);
	store_database_close(d);
	store_database_close(NULL);
	loop_free(loop);
	store_disk_free(disk);
}

static void
refuses_what_is_damaged_or_newer(void **state)
{
	static const char *const newer[] = { "SELECT 1", "SELECT 1" };
	struct store_database_opts opts = { .path = path,
		.steps = newer,
		.n_steps = 2,
		.batch_max = 1,
		.queue_max = 1 };
	struct store_database *d;
	struct store_disk *disk;
	struct fault f;
	FILE *file;

	(void)state;
	assert_int_equal(store_disk_new(&disk), 0);
	opts.disk = disk;
	assert_int_equal(store_database_open(&opts, &f, &d), 0);
	store_database_close(d);
	assert_int_equal(open_database(disk, NULL, &f, &d), ERR_SYS_VERSION);
	assert_true(f.msg[0] != '\0');
	assert_non_null(file = fopen(path, "r+b"));
	assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
	assert_int_equal(fwrite("\377\377\377\377\377\377", 1, 6, file), 6);
	fclose(file);
	assert_int_equal(
	    store_database_open(&opts, &f, &d), ERR_STATE_INTEGRITY);
	assert_true(f.msg[0] != '\0');
	store_disk_free(disk);
}

static void
knows_network_file_systems(void **state)
{
	(void)state;
	assert_true(store_database_on_network(NFS_SUPER_MAGIC));
	assert_true(store_database_on_network(CIFS_SUPER_MAGIC));
	assert_true(store_database_on_network(SMB2_SUPER_MAGIC));
	assert_true(store_database_on_network(CEPH_SUPER_MAGIC));
	assert_false(store_database_on_network(EXT4_SUPER_MAGIC));
	assert_false(store_database_on_network(XFS_SUPER_MAGIC));
	assert_false(store_database_on_network(BTRFS_SUPER_MAGIC));
	assert_false(store_database_on_network(TMPFS_MAGIC));
	assert_false(store_database_on_network(OVERLAYFS_SUPER_MAGIC));
}

/* Each operation of the first start fails in turn; afterwards it starts. */
static void
opening_survives_a_failing_disk(void **state)
{
	struct store_database *d;
	struct store_disk *disk;
	struct fault f;
	uint64_t op;
	int rc = -1;

	(void)state;
	for (op = 1; rc != 0; op++) {
		assert_true(op < 200);
		assert_int_equal(store_disk_new(&disk), 0);
		store_disk_fault_fail(disk, op, EIO);
		rc = open_database(disk, NULL, &f, &d);
		assert_true(rc == 0 || f.msg[0] != '\0');
		if (rc == 0)
			store_database_close(d);
		store_disk_free(disk);
		assert_int_equal(store_disk_new(&disk), 0);
		assert_int_equal(open_database(disk, NULL, &f, &d), 0);
		assert_int_equal(insert(d, (int64_t)op), 0);
		store_database_close(d);
		store_disk_free(disk);
		if (rc != 0) {
			teardown(NULL);
			setup(NULL);
		}
	}
	assert_true(op > 5);
}

/* What the copy holds, by SQLite without any of our layers: rows of a, less
 * those that are not in b as well; and that it is sound. */
static void
look_at_copy(int64_t *ret_rows)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	struct stat st;
	char wal[128];

	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", copy);
	assert_int_not_equal(access(wal, F_OK), 0);
	snprintf(wal, sizeof(wal), "%s.tmp", copy);
	assert_int_not_equal(access(wal, F_OK), 0);
	assert_int_equal(
	    sqlite3_open_v2(copy, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT (SELECT count(*) FROM a),"
			     " (SELECT count(*) FROM a, b USING(id)),"
			     " (SELECT count(*) FROM b),"
			     " (SELECT integrity_check"
			     "  FROM pragma_integrity_check)",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	*ret_rows = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_column_int64(stmt, 1), *ret_rows);
	assert_int_equal(sqlite3_column_int64(stmt, 2), *ret_rows);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 3), "ok");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

struct load {
	struct store_database *d;
	atomic_bool stop;
	atomic_long done;
};

static void *
load(void *ctx)
{
	struct load *l = ctx;

	while (!atomic_load(&l->stop) && insert(l->d, l->done + 1) == 0)
		atomic_fetch_add(&l->done, 1);
	return NULL;
}

/* While another thread writes: each copy is one moment of it. */
static void
backup_of_a_database_in_use(void **state)
{
	struct store_disk *disk;
	struct fault f = { 0 };
	struct load l = { 0 };
	int64_t rows, last = 0;
	pthread_t thread;
	long before;

	(void)state;
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(open_database(disk, NULL, &f, &l.d), 0);
	assert_int_equal(pthread_create(&thread, NULL, load, &l), 0);
	for (int i = 0; i < 10; i++) {
		while (l.done < (i + 1) * 50)
			usleep(1000);
		before = l.done;
		assert_int_equal(store_backup_sqlite(disk, path, copy, &f), 0);
		look_at_copy(&rows);
		/* What was committed before it began is in it. */
		assert_true(rows >= before && rows >= last);
		last = rows;
		assert_int_equal(store_backup_sqlite(disk, path, copy, &f),
		    ERR_STATE_EXISTS);
		assert_int_equal(unlink(copy), 0);
	}
	atomic_store(&l.stop, true);
	pthread_join(thread, NULL);
	store_database_close(l.d);
	snprintf(path, sizeof(path), "%s/none.db", dir);
	assert_int_equal(
	    store_backup_sqlite(disk, path, copy, &f), ERR_STATE_NOT_FOUND);
	assert_int_not_equal(access(path, F_OK), 0);
	store_disk_free(disk);
}

static void
fill(int rows)
{
	struct store_database *d;
	struct store_disk *disk;
	struct fault f;

	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(open_database(disk, NULL, &f, &d), 0);
	for (int i = 1; i <= rows; i++)
		assert_int_equal(insert(d, i), 0);
	store_database_close(d);
	store_disk_free(disk);
}

/* Each operation fails in turn: no copy, no remains, and the next works. */
static void
backup_on_a_failing_disk(void **state)
{
	struct store_disk *disk;
	struct fault f;
	char tmp[128];
	uint64_t op;
	int64_t rows;
	int rc = -1;

	(void)state;
	fill(20);
	snprintf(tmp, sizeof(tmp), "%s.tmp", copy);
	for (op = 1; rc != 0; op++) {
		assert_true(op < 500);
		assert_int_equal(store_disk_new(&disk), 0);
		store_disk_fault_fail(disk, op, op % 2 == 0 ? EIO : ENOSPC);
		memset(&f, 0, sizeof(f));
		rc = store_backup_sqlite(disk, path, copy, &f);
		store_disk_free(disk);
		if (rc == 0) {
			look_at_copy(&rows);
			assert_int_equal(rows, 20);
		} else {
			assert_true(f.msg[0] != '\0');
			assert_int_not_equal(access(copy, F_OK), 0);
		}
	}
	assert_true(op > 5);
	assert_int_not_equal(access(tmp, F_OK), 0);
}

/* Power goes at each operation: there is a whole copy or none; once it was
 * reported there is one. */
static void
backup_and_the_power(void **state)
{
	struct store_disk *disk;
	struct fault f;
	uint64_t op;
	int64_t rows;
	int rc = -1;

	(void)state;
	fill(20);
	for (op = 1; rc != 0; op++) {
		assert_true(op < 500);
		assert_int_equal(store_disk_new(&disk), 0);
		assert_int_equal(store_disk_fault_track(disk), 0);
		store_disk_fault_stop(disk, op);
		rc = store_backup_sqlite(disk, path, copy, &f);
		assert_int_equal(store_disk_fault_cut_some(disk, op), 0);
		store_disk_free(disk);
		assert_true(rc != 0 || access(copy, F_OK) == 0);
		if (access(copy, F_OK) == 0) {
			look_at_copy(&rows);
			assert_int_equal(rows, 20);
			assert_int_equal(unlink(copy), 0);
		}
		/* What is left in the way of the next one is cleared. */
		assert_int_equal(store_disk_new(&disk), 0);
		assert_int_equal(store_backup_sqlite(disk, path, copy, &f), 0);
		store_disk_free(disk);
		assert_int_equal(unlink(copy), 0);
	}
	assert_true(op > 5);
}

/* That the power is worth simulating: without the sync of its file a copy that
 * was reported does not survive. */
static void
a_sync_left_out_is_noticed(void **state)
{
	static const char *const names[] = { "sqlite.db", "backup.dir" };
	struct store_disk *disk;
	struct fault f;
	struct stat st;

	(void)state;
	fill(20);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(store_disk_new(&disk), 0);
		assert_int_equal(store_disk_fault_track(disk), 0);
		store_disk_fault_skip(disk, names[i]);
		assert_int_equal(store_backup_sqlite(disk, path, copy, &f), 0);
		assert_int_equal(store_disk_fault_cut(disk), 0);
		store_disk_free(disk);
		assert_true(stat(copy, &st) != 0 || st.st_size < 4096);
		(void)unlink(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    one_writer_many_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    refuses_what_is_damaged_or_newer, setup, teardown),
		cmocka_unit_test(knows_network_file_systems),
		cmocka_unit_test_setup_teardown(
		    opening_survives_a_failing_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    backup_of_a_database_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    backup_on_a_failing_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    backup_and_the_power, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_sync_left_out_is_noticed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
