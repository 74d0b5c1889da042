/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/sealed.h"

#include <errno.h>

#include "base/alloc_test.h"
#include "base/buf.h"
#include "base/rng.h"
#include "keys/sealed_fixture.h"
#include "store/disk_fault.h"

/* Create, save, and change the passphrase, up to the first failure; returns
 * how many of the three were reported done. */
static int
three_steps(int *rc)
{
	struct keys_sealed *s = NULL;
	struct fault f;
	int done = 0;

	*rc = keys_sealed_create(&opts, &key, &one, &s, &f);
	done += *rc == 0;
	if (*rc == 0)
		*rc = keys_sealed_save(s, &two, &f);
	done += *rc == 0 && done == 1;
	if (*rc == 0)
		*rc = keys_sealed_rekey(s, &pass, &one, &f);
	done += *rc == 0 && done == 2;
	keys_sealed_free(s);
	return done;
}

/* 1 or 2 for the content under this secret, else 0. */
static int
content_under(const struct keys_seal_secret *secret)
{
	struct keys_sealed *s = NULL;
	struct fault f;
	struct buf b;
	int n = 0;

	base_buf_init(&b, 1024);
	if (keys_sealed_open(&opts, secret, &b, &s, &f) == 0)
		n = b.len == one.len ? 1 : 2;
	keys_sealed_free(s);
	base_buf_free(&b);
	return n;
}

/* What was reported done is there, or what was being done. */
static void
check_after(int done)
{
	int by_key = content_under(&key), by_pass = content_under(&pass);

	if (by_pass != 0) {
		assert_int_equal(by_pass, 1);
		assert_in_range(done, 2, 3);
	} else if (by_key != 0) {
		assert_in_range(done, by_key - 1, by_key);
	} else {
		/* Nothing is there, and creating it works. */
		assert_int_equal(done, 0);
		assert_int_not_equal(access(path, F_OK), 0);
		create(&key, &one);
	}
}

static void
test_disk_failures(void **state)
{
	uint64_t ops;
	int done, rc;

	assert_int_equal(three_steps(&rc), 3);
	ops = store_disk_fault_ops(opts.disk);
	assert_true(ops > 20);
	for (uint64_t op = 1; op <= ops; op++) {
		assert_int_equal(end(state), 0);
		assert_int_equal(begin(state), 0);
		store_disk_fault_fail(opts.disk, op, op % 2 ? EIO : ENOSPC);
		done = three_steps(&rc);
		assert_true(done < 3);
		assert_true(rc == ERR_SYS_IO || rc == ERR_SYS_NOSPACE);
		store_disk_fault_fail(opts.disk, 0, 0);
		assert_int_equal(end(state), 0);
		assert_int_equal(store_disk_new(&opts.disk), 0);
		guard_file.disk = opts.disk;
		check_after(done);
	}
}

static void
cut_after(void **state, uint64_t op, uint64_t seed)
{
	int done, rc;

	assert_int_equal(end(state), 0);
	assert_int_equal(begin(state), 0);
	assert_int_equal(store_disk_fault_track(opts.disk), 0);
	store_disk_fault_stop(opts.disk, op);
	done = three_steps(&rc);
	assert_int_equal(store_disk_fault_cut_some(opts.disk, seed), 0);
	assert_int_equal(end(state), 0);
	assert_int_equal(store_disk_new(&opts.disk), 0);
	guard_file.disk = opts.disk;
	check_after(done);
}

/* The power goes at each operation; what is not synced is lost, or not. */
static void
test_power_cut(void **state)
{
	uint64_t ops;
	int rc;

	assert_int_equal(three_steps(&rc), 3);
	ops = store_disk_fault_ops(opts.disk);
	for (uint64_t op = 1; op <= ops + 1; op++)
		for (uint64_t seed = 0; seed < 4; seed++)
			cut_after(state, op, seed);
}

/* Leaving out a sync is noticed: the test above can fail. */
static void
test_power_cut_notices(void **state)
{
	static const char *const syncs[] = { "keys.sealed.file",
		"keys.sealed.dir", "keys.guard.file", "keys.guard.dir" };
	int rc;

	for (size_t i = 0; i < sizeof(syncs) / sizeof(syncs[0]); i++) {
		assert_int_equal(end(state), 0);
		assert_int_equal(begin(state), 0);
		assert_int_equal(store_disk_fault_track(opts.disk), 0);
		store_disk_fault_skip(opts.disk, syncs[i]);
		assert_int_equal(three_steps(&rc), 3);
		assert_int_equal(store_disk_fault_cut(opts.disk), 0);
		assert_int_equal(content_under(&pass), 0);
	}
}

static int
broken(void *ctx, uint8_t *buf, size_t len)
{
	int *left = ctx;

	memset(buf, 1, len);
	return (*left)-- > 0 ? 0 : -1;
}

static void
test_rng_failures(void **state)
{
	int left = 0, rc = ERR_SYS_RNG;
	const struct rng rng = { broken, &left };

	for (int n = 0; rc == ERR_SYS_RNG; n++) {
		assert_int_equal(end(state), 0);
		assert_int_equal(begin(state), 0);
		opts.rng = &rng;
		left = n;
		assert_true(three_steps(&rc) == 3 || rc == ERR_SYS_RNG);
		opts.rng = crypto_rng_system();
		check_after(rc == 0 ? 3 : n < 1 ? 0 : n < 2 ? 1 : 2);
		assert_true(n < 10);
	}
	assert_int_equal(rc, 0);
}

/* Every allocation fails once: an error, no crash, and the file is whole. */
static void
test_alloc_failures(void **state)
{
	bool failed = true;
	long n;
	int rc;

	if (!alloc_test_fail(-1))
		skip();
	for (n = 0; failed; n++) {
		assert_int_equal(end(state), 0);
		assert_int_equal(begin(state), 0);
		(void)alloc_test_fail(n);
		(void)three_steps(&rc);
		if (rc == 0)
			rc = content_under(&pass) == 1 ? 0 : ERR_SYS_NOMEM;
		failed = alloc_test_failed();
		if (failed && rc != 0 && rc != ERR_SYS_NOMEM &&
		    rc != ERR_SYS_CRYPTO)
			fail_msg("allocation %ld: %s", n, base_err_name(rc));
		if (access(path, F_OK) == 0)
			assert_true(content_under(&key) != 0 ||
				    content_under(&pass) != 0);
	}
	assert_int_equal(rc, 0);
	assert_true(n > 20);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_disk_failures),
		TEST(test_power_cut),
		TEST(test_power_cut_notices),
		TEST(test_rng_failures),
		TEST(test_alloc_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
