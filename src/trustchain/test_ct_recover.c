/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trustchain/test_ct_check.h"

/*
 * Power goes at operation number `op` of a run; what was not synced is lost.
 * Returns how many operations the run has in all.
 */
static uint64_t
power_cut(uint64_t op)
{
	uint64_t base, ops;
	struct fault f;
	size_t i;

	fx->seen_count = 0;
	memset(fx->receipt, 0, sizeof(fx->receipt));
	base = store_disk_fault_ops(fx->disk);
	if (op != 0)
		store_disk_fault_stop(fx->disk, base + op);
	if (open_shard(&f) == 0) {
		if (ct_shard_start(fx->shard) == 0)
			traffic(0, 15);
		drop_shard();
	}
	ops = store_disk_fault_ops(fx->disk) - base;
	expect(store_disk_fault_cut(fx->disk) == 0, "cut");
	if (open_shard(&f) != 0) {
		expect(0, f.msg[0] != '\0' ? f.msg : "does not open");
		return ops;
	}
	/* The head is not older than one somebody has seen. */
	for (i = 0; i < fx->seen_count; i++)
		expect(
		    ct_shard_head(fx->shard) != NULL &&
			ct_shard_head(fx->shard)->tree.size >= fx->seen[i].size,
		    "a head that was seen is gone");
	if (ct_shard_start(fx->shard) == 0) {
		settle();
		check_log();
	}
	drop_shard();
	return ops;
}

/* Each run begins with a fresh log. */
static uint64_t
fresh_power_cut(uint64_t op, const char *skip)
{
	uint64_t ops;

	assert_int_equal(setup(NULL), 0);
	assert_int_equal(store_disk_fault_track(fx->disk), 0);
	if (skip != NULL)
		store_disk_fault_skip(fx->disk, skip);
	ops = power_cut(op);
	assert_int_equal(teardown(NULL), 0);
	return ops;
}

static void
test_power_cut_everywhere(void **state)
{
	uint64_t op, total;

	(void)state;
	wrong = 0;
	total = fresh_power_cut(0, NULL);
	assert_true(total > 50);
	assert_string_equal(wrong ? first_wrong : "", "");
	for (op = 1; op <= total + 5; op++) {
		(void)fresh_power_cut(op, NULL);
		if (wrong)
			fail_msg("power cut at %llu: %s",
			    (unsigned long long)op, first_wrong);
	}
}

static char names[64][64];
static size_t names_count;

static void
collect(void *ctx, const char *name)
{
	(void)ctx;
	snprintf(names[names_count++], 64, "%s", name);
}

/* The test of the test: without any one of the named syncs it must fail. */
static void
test_power_cut_notices(void **state)
{
	uint64_t op, total;
	struct fault f;
	size_t i;

	(void)state;
	assert_int_equal(setup(NULL), 0);
	assert_int_equal(open_shard(&f), 0);
	assert_int_equal(ct_shard_start(fx->shard), 0);
	traffic(0, 15);
	drop_shard();
	names_count = 0;
	store_disk_fault_names(fx->disk, collect, NULL);
	assert_int_equal(teardown(NULL), 0);
	assert_true(names_count >= 8);
	for (i = 0; i < names_count; i++) {
		if (strncmp(names[i], "ct.", 3) != 0 ||
		    strncmp(names[i], "ct.shard.", 9) == 0)
			continue;
		wrong = 0;
		total = fresh_power_cut(0, names[i]);
		for (op = total; op > 0 && wrong == 0; op -= op > 4 ? 4 : op)
			(void)fresh_power_cut(op, names[i]);
		print_message("without %-22s: %s\n", names[i],
		    wrong ? first_wrong : "NOT NOTICED");
		if (!wrong)
			fail_msg(
			    "nobody notices that %s is left out", names[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_cut_everywhere),
		cmocka_unit_test(test_power_cut_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
