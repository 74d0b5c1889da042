/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
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
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/group.h"
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
	snprintf(dir, sizeof(dir), "%s/troth-group-XXXXXX",
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

/* A pair of rows that must be there together or not at all. */
struct pair {
	struct store_group_job job;
	int id;
	int fail; /* make the job fail after its first row */
	int done, rc;
};

static int
pair_run(struct store_group_job *job, struct sqlite3 *db)
{
	struct pair *p = (struct pair *)(void *)job;
	char sql[160];
	int rc;

	snprintf(sql, sizeof(sql),
	    "INSERT INTO a VALUES(%d, hex(zeroblob(50)))", p->id);
	if ((rc = store_sqlite_exec(db, sql)) != 0)
		return rc;
	if (p->fail != 0)
		return p->fail;
	snprintf(sql, sizeof(sql), "INSERT INTO b VALUES(%d)", p->id);
	return store_sqlite_exec(db, sql);
}

static void
pair_done(struct store_group_job *job, int rc)
{
	struct pair *p = (struct pair *)(void *)job;

	p->done++;
	p->rc = rc;
}

static void
pair_init(struct pair *p, int id)
{
	memset(p, 0, sizeof(*p));
	p->job.run = pair_run;
	p->job.done = pair_done;
	p->id = id;
}

/* Everything a daemon has open. */
struct world {
	struct store_disk *disk;
	struct store_sqlite_vfs *vfs;
	struct sqlite3 *db;
	struct store_group *group;
};

static const char *const schema[] = {
	"CREATE TABLE a(id INTEGER PRIMARY KEY, v TEXT) STRICT;"
	"CREATE TABLE b(id INTEGER PRIMARY KEY) STRICT",
};

static int
world_open(struct world *w)
{
	struct store_group_opts o = { .batch_max = 8, .queue_max = 16 };
	struct fault fault;
	int rc;

	rc = store_sqlite_open(w->vfs, path, &fault, &w->db);
	if (rc != 0)
		return rc;
	/* Checkpoint often, so that a short run meets every kind of sync. */
	rc = store_sqlite_exec(w->db, "PRAGMA wal_autocheckpoint=4");
	if (rc == 0)
		rc = store_sqlite_check(w->db, &fault);
	if (rc == 0)
		rc = store_sqlite_migrate(w->db, schema, 1, &fault);
	o.db = w->db;
	if (rc == 0)
		rc = store_group_new(&o, &w->group);
	return rc;
}

static void
world_close(struct world *w)
{
	store_group_free(w->group);
	store_sqlite_close(w->db);
	w->group = NULL;
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
 * Open, commit 12 pairs with the power going at operation ${cut}, look at
 * what is left: every acknowledged pair, each pair whole, the file sound.
 * Return 1 if not, 0 if so, -1 if the cut came after the end.
 */
static int
group_cut(uint64_t cut, const char *skip, uint64_t seed)
{
	int acked = 0, bad = 0, i, rc;
	struct pair p[12];
	struct world w;
	char sql[80];

	setup(NULL);
	world_new(&w);
	store_disk_fault_skip(w.disk, skip);
	store_disk_fault_stop(w.disk, cut);
	rc = world_open(&w);
	for (i = 0; rc == 0 && i < 12; i++) {
		pair_init(&p[i], i + 1);
		if ((rc = store_group_wait(w.group, &p[i].job)) == 0)
			acked++;
	}
	/* Closing checkpoints, so the power must go before it. */
	if (rc == 0)
		store_disk_fault_stop(w.disk, store_disk_fault_ops(w.disk) + 1);
	world_close(&w);
	assert_int_equal(store_disk_fault_cut_some(w.disk, seed), 0);
	store_disk_fault_skip(w.disk, NULL);
	if (world_open(&w) != 0) {
		bad = 1;
	} else {
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM b WHERE id <= %d", acked);
		bad = count(w.db, sql) != acked ||
		      count(w.db, "SELECT count(*) FROM b") > acked + 1 ||
		      count(w.db, "SELECT count(*) FROM a LEFT JOIN b USING(id)"
				  " WHERE b.id IS NULL") != 0;
	}
	world_free(&w);
	teardown(NULL);
	if (bad)
		return 1;
	return rc == 0 ? -1 : 0;
}

static int
group_violations(const char *skip, uint64_t seed)
{
	int bad = 0, r = 0;
	uint64_t cut;

	for (cut = 1; r != -1 && cut < 1000; cut++) {
		bad += (r = group_cut(cut, skip, seed)) == 1;
		/* A run that is only cut at its end says -1 or 1. */
		if (skip != NULL && bad > 0)
			return bad;
	}
	assert_true(cut > 60);
	assert_true(cut < 1000);
	return bad;
}

static void
test_group_cut(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 4; seed++)
		assert_int_equal(group_violations(NULL, seed), 0);
	assert_true(group_violations("sqlite.wal", 0) > 0);
	assert_true(group_violations("sqlite.db", 0) > 0);
	assert_true(group_violations("sqlite.dir", 0) > 0);
}

/* Each operation fails in turn: nothing acknowledged may be missing. */
static void
group_fail(int err)
{
	int acked, i, rc, failed;
	struct pair p[12];
	struct world w;
	char sql[80];
	uint64_t op;

	for (op = 1, failed = 1; failed && op < 1000; op++) {
		setup(NULL);
		world_new(&w);
		store_disk_fault_fail(w.disk, op, err);
		rc = world_open(&w);
		for (i = 0, acked = 0; rc == 0 && i < 12; i++) {
			pair_init(&p[i], i + 1);
			rc = store_group_wait(w.group, &p[i].job);
			if (rc == 0)
				acked++;
		}
		failed = store_disk_fault_ops(w.disk) >= op;
		if (rc != 0 && w.group != NULL) {
			/* Refused from now on, and reads still work. */
			pair_init(&p[0], 100);
			assert_int_equal(store_group_wait(w.group, &p[0].job),
			    ERR_STATE_READ_ONLY);
			assert_true(store_group_read_only(w.group));
			assert_true(
			    count(w.db, "SELECT count(*) FROM b") >= acked);
		}
		/* A failed sync is forgiven only by a new start. */
		world_free(&w);
		world_new(&w);
		assert_int_equal(world_open(&w), 0);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM b WHERE id <= %d", acked);
		assert_int_equal(count(w.db, sql), acked);
		assert_int_equal(
		    count(w.db, "SELECT count(*) FROM b WHERE id=100"), 0);
		world_free(&w);
		teardown(NULL);
	}
	assert_true(op > 60);
	assert_true(op < 1000);
}

static void
test_group_fail(void **state)
{
	(void)state;
	group_fail(EIO);
	group_fail(ENOSPC);
}

static int wake_pipe[2];

static void
wake(void *ctx)
{
	(void)ctx;
	assert_int_equal(write(wake_pipe[1], "x", 1), 1);
}

struct commits {
	size_t batches, jobs;
};

static void
on_commit(void *ctx, size_t jobs, uint64_t us)
{
	struct commits *c = ctx;

	(void)us;
	c->batches++;
	c->jobs += jobs;
}

/* One failing job in a batch leaves no trace and spares the others. */
static void
test_isolation(void **state)
{
	struct commits commits = { 0, 0 };
	struct store_group_opts o = { .batch_max = 64, .queue_max = 64 };
	struct pair p[65];
	struct world w;
	char c;
	int i, n = 0;

	(void)state;
	world_new(&w);
	assert_int_equal(world_open(&w), 0);
	store_group_free(w.group);
	assert_int_equal(pipe(wake_pipe), 0);
	o.db = w.db;
	o.wake = wake;
	o.on_commit = on_commit;
	o.on_commit_ctx = &commits;
	assert_int_equal(store_group_new(&o, &w.group), 0);
	store_disk_fault_sync_delay(w.disk, 20);
	for (i = 0; i < 64; i++) {
		/* 7 collides with 6, 9 refuses after its first row. */
		pair_init(&p[i], i == 7 ? 6 : i);
		p[i].fail = i == 9 ? ERR_STATE_REFUSED : 0;
		assert_int_equal(store_group_submit(w.group, &p[i].job), 0);
	}
	while (n < 64) {
		assert_int_equal(read(wake_pipe[0], &c, 1), 1);
		store_group_reap(w.group);
		for (i = 0, n = 0; i < 64; i++)
			n += p[i].done;
	}
	for (i = 0; i < 64; i++) {
		assert_int_equal(p[i].done, 1);
		assert_int_equal(p[i].rc, i == 7   ? ERR_STATE_EXISTS
					  : i == 9 ? ERR_STATE_REFUSED
						   : 0);
	}
	assert_int_equal(count(w.db, "SELECT count(*) FROM b"), 62);
	assert_int_equal(count(w.db, "SELECT count(*) FROM a"), 62);
	assert_int_equal(commits.jobs, 64);
	/* The delay makes the later jobs wait for the first commit. */
	assert_true(commits.batches <= 3);
	store_group_stop(w.group);
	assert_int_equal(
	    store_group_submit(w.group, &p[0].job), ERR_STATE_CLOSED);
	world_free(&w);
	close(wake_pipe[0]);
	close(wake_pipe[1]);
}

static void
test_queue_full(void **state)
{
	struct pair p[40];
	struct world w;
	int i, full = 0, done = 0;

	(void)state;
	world_new(&w);
	assert_int_equal(world_open(&w), 0);
	store_disk_fault_sync_delay(w.disk, 50);
	for (i = 0; i < 40; i++) {
		pair_init(&p[i], i);
		switch (store_group_submit(w.group, &p[i].job)) {
		case 0:
			break;
		case ERR_STATE_FULL:
			full++;
			break;
		default:
			fail();
		}
	}
	assert_true(full > 0);
	store_group_stop(w.group);
	store_group_reap(w.group);
	for (i = 0; i < 40; i++)
		done += p[i].done;
	assert_int_equal(done + full, 40);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group_cut),
		cmocka_unit_test(test_group_fail),
		cmocka_unit_test_setup_teardown(
		    test_isolation, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_queue_full, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
