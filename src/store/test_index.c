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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/file.h"
#include "store/index.h"

static const char *const tables[] = { "leaf", "dedup" };
static char dir[64], path[128];
static struct store_index_opts o;
static struct store_index *ix;
static bool empty;

static int
rm_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

static int
reopen(void)
{
	struct fault fault;

	return store_index_open(&o, &fault, &ix, &empty);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/troth-index-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/index", dir);
	memset(&o, 0, sizeof(o));
	assert_int_equal(store_disk_new(&o.disk), 0);
	o.dir = path;
	o.version = "1";
	o.tables = tables;
	o.n_tables = 2;
	o.bytes_max = 256 << 20;
	assert_int_equal(reopen(), 0);
	assert_true(empty);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_index_close(ix);
	ix = NULL;
	store_disk_free(o.disk);
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static int
put(size_t table, uint64_t key, uint64_t value)
{
	struct store_index_op op = { table, &key, 8, &value, 8 };

	return store_index_apply(ix, &op, 1);
}

static int
get(size_t table, uint64_t key, uint64_t *value)
{
	struct store_index_op op = { table, &key, 8, NULL, 8 };

	return store_index_get(ix, &op, value);
}

static void
test_put_get(void **state)
{
	struct store_index_op del;
	uint64_t key = 1, v = 0;

	(void)state;
	assert_int_equal(get(0, 1, &v), ERR_STATE_NOT_FOUND);
	assert_int_equal(put(0, 1, 11), 0);
	assert_int_equal(put(1, 1, 12), 0);
	assert_int_equal(get(0, 1, &v), 0);
	assert_int_equal(v, 11);
	assert_int_equal(put(0, 1, 13), 0);
	assert_int_equal(get(0, 1, &v), 0);
	assert_int_equal(v, 13);
	assert_int_equal(get(1, 1, &v), 0);
	assert_int_equal(v, 12);
	del = (struct store_index_op){ 0, &key, 8, NULL, 0 };
	assert_int_equal(store_index_apply(ix, &del, 1), 0);
	assert_int_equal(store_index_apply(ix, &del, 1), 0);
	assert_int_equal(get(0, 1, &v), ERR_STATE_NOT_FOUND);
	/* A value of another length than its reader expects is damage. */
	del = (struct store_index_op){ 1, &key, 8, NULL, 4 };
	assert_int_equal(store_index_get(ix, &del, &v), ERR_SYS_CORRUPT);
	assert_int_equal(store_index_sync(ix, "t.index"), 0);
	store_index_close(ix);
	assert_int_equal(reopen(), 0);
	assert_false(empty);
	assert_int_equal(get(1, 1, &v), 0);
	assert_int_equal(v, 12);
}

/* A batch with a bad change leaves none of its good ones. */
static void
test_atomic(void **state)
{
	uint64_t k1 = 1, k2 = 2, v = 0;
	char long_key[600] = "";
	struct store_index_op ops[] = { { 0, &k1, 8, &k2, 8 },
		{ 0, long_key, sizeof(long_key), &k2, 8 } };

	(void)state;
	assert_int_equal(store_index_apply(ix, ops, 2), ERR_SYS_LIMIT);
	assert_int_equal(get(0, 1, &v), ERR_STATE_NOT_FOUND);
}

static void *
reader(void *arg)
{
	uint64_t i, v;

	(void)arg;
	for (i = 0; i < 200000; i++)
		if (get(0, i % 1000, &v) == 0 && v != (i % 1000) + 7)
			return (void *)1;
	return NULL;
}

/* The map grows from 16 MiB while another thread reads. */
static void
test_grow(void **state)
{
	static uint64_t keys[20000];
	static struct store_index_op ops[20000];
	static uint8_t value[200];
	uint64_t i, n, batch, v;
	pthread_t t;
	void *bad;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(put(0, i, i + 7), 0);
	assert_int_equal(pthread_create(&t, NULL, reader, NULL), 0);
	for (batch = 0; batch < 10; batch++) {
		for (i = 0; i < 20000; i++) {
			keys[i] = (batch * 20000 + i) * 0x9e3779b97f4a7c15U;
			ops[i] = (struct store_index_op){ 1, &keys[i], 8, value,
				sizeof(value) };
		}
		assert_int_equal(store_index_apply(ix, ops, 20000), 0);
	}
	pthread_join(t, &bad);
	assert_null(bad);
	assert_int_equal(store_index_count(ix, 1, &n), 0);
	assert_int_equal(n, 200000);
	store_index_close(ix);
	/* And opens again with the size it has. */
	assert_int_equal(reopen(), 0);
	assert_int_equal(get(0, 999, &v), 0);
	/* Up to its maximum and no further. */
	store_index_close(ix);
	o.bytes_max = 1;
	assert_int_equal(reopen(), 0);
	for (batch = 10, n = 0; n == 0 && batch < 40; batch++) {
		for (i = 0; i < 20000; i++)
			keys[i] = (batch * 20000 + i) * 0x9e3779b97f4a7c15U;
		if (store_index_apply(ix, ops, 20000) == ERR_SYS_LIMIT)
			n = 1;
	}
	assert_int_equal(n, 1);
	assert_int_equal(get(0, 999, &v), 0);
}

/* A child writes and dies without closing. */
static void
die_writing(void)
{
	int status;
	pid_t pid;

	store_index_close(ix);
	ix = NULL;
	if ((pid = fork()) == 0) {
		if (reopen() != 0 || put(0, 5, 55) != 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_killed_is_trusted(void **state)
{
	uint64_t v;

	(void)state;
	die_writing();
	assert_int_equal(reopen(), 0);
	assert_false(empty);
	assert_int_equal(get(0, 5, &v), 0);
	assert_int_equal(v, 55);
}

static void
test_rebooted_is_not(void **state)
{
	char marker[160];
	uint64_t v;

	(void)state;
	die_writing();
	snprintf(marker, sizeof(marker), "%s/open", path);
	assert_int_equal(store_disk_replace(o.disk, marker,
			     "1\n00000000-another-boot\n", 25, 0600, "t"),
	    0);
	assert_int_equal(reopen(), 0);
	assert_true(empty);
	assert_int_equal(get(0, 5, &v), ERR_STATE_NOT_FOUND);
}

static void
test_version_and_damage(void **state)
{
	char data[160];
	uint64_t v;

	(void)state;
	assert_int_equal(put(0, 5, 55), 0);
	store_index_close(ix);
	o.version = "2";
	assert_int_equal(reopen(), 0);
	assert_true(empty);
	assert_int_equal(put(0, 5, 56), 0);
	store_index_close(ix);
	snprintf(data, sizeof(data), "%s/data.mdb", path);
	assert_int_equal(
	    store_disk_replace(o.disk, data, "garbage", 7, 0600, "t"), 0);
	assert_int_equal(reopen(), 0);
	assert_true(empty);
	assert_int_equal(get(0, 5, &v), ERR_STATE_NOT_FOUND);
}

/* The explicit sync goes through the disk: it can fail and be delayed. */
static void
test_sync_hook(void **state)
{
	uint64_t before = store_disk_fault_ops(o.disk);

	(void)state;
	assert_int_equal(put(0, 1, 2), 0);
	assert_int_equal(store_disk_fault_ops(o.disk), before);
	store_disk_fault_fail(o.disk, before + 1, EIO);
	assert_int_equal(store_index_sync(ix, "t.index"), ERR_SYS_IO);
	/* Not tried again; and the marker stays after the close. */
	assert_int_equal(store_index_sync(ix, "t.index"), ERR_SYS_IO);
	store_index_close(ix);
	assert_int_equal(reopen(), 0);
	assert_false(empty);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_put_get),
		T(test_atomic),
		T(test_grow),
		T(test_killed_is_trusted),
		T(test_rebooted_is_not),
		T(test_version_and_damage),
		T(test_sync_hook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
