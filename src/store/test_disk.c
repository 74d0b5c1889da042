/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/file.h"
#include "store/lock.h"

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
	snprintf(dir, sizeof(dir), "/tmp/troth-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* The content of ${p} as a string, "" if there is no such file. */
static const char *
content(const char *p)
{
	static char text[4096];
	uint8_t *data;
	size_t len;

	text[0] = '\0';
	if (store_file_load(p, sizeof(text) - 1, &data, &len) == 0) {
		memcpy(text, data, len + 1);
		free(data);
	}
	return text;
}

static struct store_disk *
tracked_disk(void)
{
	struct store_disk *d;

	assert_int_equal(store_disk_new(&d), 0);
	assert_int_equal(store_disk_fault_track(d), 0);
	return d;
}

/* The tests of the simulator: it must discard exactly what is unsynced. */
static void
test_cut_data(void **state)
{
	struct store_disk *d = tracked_disk();
	struct store_file *f;

	(void)state;
	assert_int_equal(store_file_open(d, path, O_CREAT, 0600, &f), 0);
	assert_int_equal(store_file_append(f, "durable!", 8), 0);
	assert_int_equal(store_file_sync(f, "t.file"), 0);
	assert_int_equal(store_disk_sync_dir(d, dir, "t.dir"), 0);
	assert_int_equal(store_file_write(f, "XX", 2, 1), 0);
	assert_int_equal(store_file_append(f, "more", 4), 0);
	assert_int_equal(store_file_truncate(f, 3), 0);
	assert_int_equal(store_file_append(f, "yy", 2), 0);
	assert_string_equal(content(path), "dXXyy");
	assert_int_equal(store_disk_fault_cut(d), 0);
	assert_string_equal(content(path), "durable!");
	store_file_close(f);
	store_disk_free(d);
}

static void
test_cut_names(void **state)
{
	char a[128], b[128], sub[128], inner[160];
	struct store_disk *d = tracked_disk();
	struct store_file *f;

	(void)state;
	snprintf(a, sizeof(a), "%s/a", dir);
	snprintf(b, sizeof(b), "%s/b", dir);
	snprintf(sub, sizeof(sub), "%s/sub", dir);
	snprintf(inner, sizeof(inner), "%s/inner", sub);
	assert_int_equal(store_disk_replace(d, a, "A", 1, 0600, "t"), 0);
	assert_int_equal(store_disk_replace(d, b, "B", 1, 0600, "t"), 0);
	/* Swap the two through a third name, remove one, add a directory. */
	assert_int_equal(store_disk_rename(d, a, path), 0);
	assert_int_equal(store_disk_rename(d, b, a), 0);
	assert_int_equal(store_disk_rename(d, path, b), 0);
	assert_string_equal(content(a), "B");
	assert_int_equal(store_disk_unlink(d, a), 0);
	assert_int_equal(store_disk_mkdir(d, sub, 0700), 0);
	assert_int_equal(store_file_open(d, inner, O_CREAT, 0600, &f), 0);
	assert_int_equal(store_file_sync(f, "t.file"), 0);
	assert_int_equal(store_disk_sync_dir(d, sub, "t.dir"), 0);
	store_file_close(f);
	assert_int_equal(store_disk_fault_cut(d), 0);
	assert_string_equal(content(a), "A");
	assert_string_equal(content(b), "B");
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(sub, F_OK), 0);
	/* And what is synced stays. */
	assert_int_equal(store_disk_mkdirs(d, sub, 0700, "t.mkdir"), 0);
	assert_int_equal(store_disk_unlink(d, a), 0);
	assert_int_equal(store_disk_sync_dir(d, dir, "t.dir"), 0);
	assert_int_equal(store_disk_fault_cut(d), 0);
	assert_int_not_equal(access(a, F_OK), 0);
	assert_int_equal(access(sub, F_OK), 0);
	store_disk_free(d);
}

/*
 * Replace ${path} by "1", "2", ... with the power going at operation
 * ${cut}; then it must hold the last number acknowledged, or the next one if
 * that was under way.  Return 1 if it does not, -1 if the cut came too late
 * to matter.
 */
static int
replace_cut(uint64_t cut, const char *skip)
{
	struct store_disk *d = tracked_disk();
	char text[16];
	int acked = 0, found, i, rc = 0;

	unlink(path);
	store_disk_fault_skip(d, skip);
	store_disk_fault_stop(d, cut);
	for (i = 1; i <= 3 && rc == 0; i++) {
		snprintf(text, sizeof(text), "%d", i);
		rc = store_disk_replace(
		    d, path, text, strlen(text), 0600, "state");
		if (rc == 0)
			acked = i;
	}
	assert_int_equal(store_disk_fault_cut(d), 0);
	found = (int)strtol(content(path), NULL, 10);
	if (access(path, F_OK) == 0 && found == 0)
		found = -1;
	store_disk_free(d);
	if (found != acked && found != acked + 1)
		return 1;
	return rc == 0 ? -1 : 0;
}

static int
replace_violations(const char *skip)
{
	int bad = 0, r = 0;
	uint64_t cut;

	for (cut = 1; r != -1 && cut < 100; cut++)
		bad += (r = replace_cut(cut, skip)) == 1;
	assert_true(cut > 12);
	return bad;
}

static void
test_replace_cut(void **state)
{
	(void)state;
	assert_int_equal(replace_violations(NULL), 0);
	assert_true(replace_violations("state.file") > 0);
	assert_true(replace_violations("state.dir") > 0);
}

static void
collect(void *ctx, const char *name)
{
	char *all = ctx;

	size_t len = strlen(all);

	snprintf(all + len, 256 - len, "%s ", name);
}

static void
test_names(void **state)
{
	struct store_disk *d = tracked_disk();
	char all[256] = "";

	(void)state;
	assert_int_equal(store_disk_replace(d, path, "x", 1, 0600, "s"), 0);
	assert_int_equal(store_disk_replace(d, path, "x", 1, 0600, "s"), 0);
	store_disk_fault_names(d, collect, all);
	assert_string_equal(all, "s.file s.dir ");
	store_disk_free(d);
}

static void
test_mkdirs_cut(void **state)
{
	char deep[128];
	struct store_disk *d;
	uint64_t cut;
	int rc, bad;
	const char *skip;

	(void)state;
	for (skip = NULL;; skip = "mk") {
		bad = 0;
		for (cut = 1; cut < 20; cut++) {
			snprintf(deep, sizeof(deep), "%s/%d%s/x/y", dir,
			    (int)cut, skip == NULL ? "" : skip);
			d = tracked_disk();
			store_disk_fault_skip(d, skip);
			store_disk_fault_stop(d, cut);
			rc = store_disk_mkdirs(d, deep, 0700, "mk");
			assert_int_equal(store_disk_fault_cut(d), 0);
			bad += rc == 0 && access(deep, F_OK) != 0;
			store_disk_free(d);
		}
		if (skip != NULL)
			break;
		assert_int_equal(bad, 0);
	}
	assert_true(bad > 0);
}

/* Every operation of a replace fails in turn, by EIO and by ENOSPC. */
static void
test_replace_fail(void **state)
{
	struct store_disk *d;
	int errs[] = { EIO, ENOSPC }, rc;
	uint64_t op;
	size_t e;

	(void)state;
	for (e = 0; e < 2; e++)
		for (op = 1;; op++) {
			d = tracked_disk();
			assert_int_equal(
			    store_disk_replace(d, path, "old", 3, 0600, "s"),
			    0);
			store_disk_fault_fail(
			    d, store_disk_fault_ops(d) + op, errs[e]);
			rc = store_disk_replace(d, path, "newer", 5, 0600, "s");
			if (rc == 0) {
				store_disk_free(d);
				break;
			}
			assert_int_equal(rc, base_err_from_errno(errs[e]));
			/* A failed directory sync leaves it open which. */
			if (op < 5)
				assert_string_equal(content(path), "old");
			store_disk_free(d);
		}
	assert_int_equal(op, 6);
}

static void
test_failed_sync_sticks(void **state)
{
	struct store_disk *d;
	struct store_file *f;

	(void)state;
	assert_int_equal(store_disk_new(&d), 0);
	assert_int_equal(store_file_open(d, path, O_CREAT, 0600, &f), 0);
	assert_int_equal(store_file_append(f, "x", 1), 0);
	store_disk_fault_fail(d, store_disk_fault_ops(d) + 1, EIO);
	assert_int_equal(store_file_sync(f, "t"), ERR_SYS_IO);
	assert_int_equal(store_file_sync(f, "t"), ERR_SYS_IO);
	assert_int_equal(store_file_append(f, "x", 1), ERR_SYS_IO);
	store_file_close(f);
	/* A directory: the whole handle is spent. */
	store_disk_fault_fail(d, store_disk_fault_ops(d) + 1, EIO);
	assert_int_equal(store_disk_sync_dir(d, dir, "t"), ERR_SYS_IO);
	assert_int_equal(store_disk_unlink(d, path), ERR_SYS_IO);
	store_disk_free(d);
}

static void
test_append_fail_cuts_back(void **state)
{
	struct store_disk *d;
	struct store_file *f;

	(void)state;
	assert_int_equal(store_disk_new(&d), 0);
	assert_int_equal(store_file_open(d, path, O_CREAT, 0600, &f), 0);
	assert_int_equal(store_file_append(f, "good", 4), 0);
	store_disk_fault_fail(d, store_disk_fault_ops(d) + 1, ENOSPC);
	assert_int_equal(store_file_append(f, "lost!!", 6), ERR_SYS_NOSPACE);
	assert_string_equal(content(path), "good");
	assert_int_equal(store_file_append(f, "+more", 5), 0);
	assert_string_equal(content(path), "good+more");
	/* If cutting back fails too, nothing may follow the torn bytes. */
	store_disk_fault_stop(d, store_disk_fault_ops(d) + 1);
	assert_int_equal(store_file_append(f, "x", 1), ERR_SYS_IO);
	store_disk_fault_stop(d, 0);
	assert_int_equal(store_file_append(f, "x", 1), ERR_SYS_IO);
	store_file_close(f);
	store_disk_free(d);
}

static void
note_sync(void *ctx, const char *name, uint64_t us)
{
	assert_string_equal(name, "t");
	*(uint64_t *)ctx = us;
}

static void
test_sync_delay(void **state)
{
	struct store_disk *d;
	struct store_file *f;
	uint64_t us = 0;

	(void)state;
	assert_int_equal(store_disk_new(&d), 0);
	store_disk_on_sync(d, note_sync, &us);
	store_disk_fault_sync_delay(d, 20);
	assert_int_equal(store_file_open(d, path, O_CREAT, 0600, &f), 0);
	assert_int_equal(store_file_sync(f, "t"), 0);
	assert_true(us >= 20000);
	store_file_close(f);
	store_disk_free(d);
}

static void
test_load(void **state)
{
	struct store_disk *d;
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(store_disk_new(&d), 0);
	assert_int_equal(
	    store_file_load(path, 10, &data, &len), ERR_STATE_NOT_FOUND);
	assert_int_equal(
	    store_disk_replace(d, path, "0123456789", 10, 0600, "s"), 0);
	assert_int_equal(store_file_load(path, 9, &data, &len), ERR_SYS_LIMIT);
	assert_int_equal(store_file_load(path, 10, &data, &len), 0);
	assert_int_equal(len, 10);
	assert_string_equal((char *)data, "0123456789");
	free(data);
	/* A file that says it is empty and is not. */
	assert_int_equal(
	    store_file_load("/proc/self/status", 65536, &data, &len), 0);
	assert_true(len > 100);
	free(data);
	store_disk_free(d);
}

static void
test_lock(void **state)
{
	struct store_lock *a, *b;

	(void)state;
	assert_int_equal(store_lock_take(dir, &a), 0);
	assert_int_equal(store_lock_take(dir, &b), ERR_STATE_CONFLICT);
	store_lock_drop(a);
	assert_int_equal(store_lock_take(dir, &b), 0);
	store_lock_drop(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cut_data, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_cut_names, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_replace_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_mkdirs_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_replace_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_failed_sync_sticks, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_append_fail_cuts_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_sync_delay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lock, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
