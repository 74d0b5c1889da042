/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_shard.h"

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

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

static void
test_append_and_restart(void **state)
{
	struct fault f;
	int i, round;

	(void)state;
	wrong = 0;
	for (round = 0; round < 3; round++) {
		assert_int_equal(open_shard(&f), 0);
		assert_int_equal(ct_shard_start(fx->shard), 0);
		traffic(round * 300, 300);
		for (i = 0; i < 300; i++)
			assert_int_equal(fx->receipt[round * 300 + i].got, 1);
		check_log();
		assert_string_equal(wrong ? first_wrong : "", "");
		assert_int_equal(
		    ct_shard_head(fx->shard)->tree.size, 300 * (round + 1));
		drop_shard();
	}
}

static void
test_dedup(void **state)
{
	struct receipt first[40];
	struct merkle_hash leaf;
	struct fault f;
	struct ct_leaf l;
	struct ct_tiles *t;
	uint64_t index;
	int i, round;

	(void)state;
	assert_int_equal(open_shard(&f), 0);
	assert_int_equal(ct_shard_start(fx->shard), 0);
	/* Twice in one batch. */
	assert_int_equal(submit(0), 0);
	memcpy(fx->cert[1], fx->cert[0], CERT_LEN);
	fill(1);
	fx->entry[1].entry = fx->entry[0].entry;
	memcpy(fx->entry[1].dedup, fx->entry[0].dedup, CT_LEAF_DEDUP_LEN);
	assert_int_equal(ct_shard_submit(fx->shard, &fx->entry[1]), 0);
	fx->waiting++;
	settle();
	assert_int_equal(fx->receipt[0].index, fx->receipt[1].index);
	assert_int_equal(
	    fx->receipt[0].timestamp_ms, fx->receipt[1].timestamp_ms);
	traffic(2, 38);
	memcpy(first, fx->receipt, sizeof(first));
	/* Again: from memory, from the index, after a restart. */
	for (round = 0; round < 3; round++) {
		if (round == 1)
			(void)loop_run_for(fx->loop, 50);
		if (round == 2) {
			drop_shard();
			assert_int_equal(open_shard(&f), 0);
			assert_int_equal(ct_shard_start(fx->shard), 0);
		}
		traffic(2, 38);
		for (i = 2; i < 40; i++) {
			assert_int_equal(fx->receipt[i].got, 1);
			assert_int_equal(fx->receipt[i].index, first[i].index);
			assert_int_equal(
			    fx->receipt[i].timestamp_ms, first[i].timestamp_ms);
		}
	}
	assert_int_equal(ct_shard_head(fx->shard)->tree.size, 39);
	/* And by leaf hash. */
	t = ct_tiles_new(fx->dir, 39);
	for (i = 0; i < 39; i++) {
		assert_int_equal(ct_tiles_leaf(t, (uint64_t)i, &l), 0);
		ct_leaf_hash(&l, &leaf);
		assert_int_equal(ct_shard_by_leaf(fx->shard, &leaf, &index), 0);
		assert_int_equal(index, i);
	}
	leaf.b[0] ^= 1;
	assert_int_equal(
	    ct_shard_by_leaf(fx->shard, &leaf, &index), ERR_STATE_NOT_FOUND);
	ct_tiles_free(t);
	drop_shard();
}

static void
test_queue_limit(void **state)
{
	struct fault f;
	int i, full = 0;

	(void)state;
	assert_int_equal(open_shard(&f), 0);
	assert_int_equal(ct_shard_start(fx->shard), 0);
	store_disk_fault_sync_delay(fx->disk, 20);
	for (i = 0; i < 400; i++)
		full += submit(i) == ERR_STATE_FULL;
	assert_true(full > 200);
	settle();
	store_disk_fault_sync_delay(fx->disk, 0);
	wrong = 0;
	check_log();
	assert_int_equal(wrong, 0);
	drop_shard();
}

/* The key process is gone for a while: no SCT, no head; later both. */
static void
test_no_signatures(void **state)
{
	struct fault f;
	int i;

	(void)state;
	assert_int_equal(open_shard(&f), 0);
	assert_int_equal(ct_shard_start(fx->shard), 0);
	traffic(0, 5);
	fx->signer_rc = ERR_SYS_UNAVAILABLE;
	assert_int_equal(submit(5), 0);
	for (i = 0; i < 100; i++)
		(void)loop_run_for(fx->loop, 1);
	assert_int_equal(fx->receipt[5].rc, ERR_SYS_UNAVAILABLE);
	assert_int_equal(ct_shard_head(fx->shard)->tree.size, 5);
	fx->signer_rc = 0;
	settle();
	assert_int_equal(ct_shard_head(fx->shard)->tree.size, 6);
	/* The retry gets the leaf it got the first time. */
	assert_int_equal(submit(5), 0);
	settle();
	assert_int_equal(fx->receipt[5].index, 5);
	assert_int_equal(ct_shard_head(fx->shard)->tree.size, 6);
	drop_shard();
}

/* A disk that fails: 503 for the batch, read-only until restart, reads go
 * on; a restart has everything that was promised. */
static void
test_disk_error(void **state)
{
	struct fault f;
	uint64_t op;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		if (open_shard(&f) != 0)
			fail_msg("round %d: %s", i, f.msg);
		assert_int_equal(ct_shard_start(fx->shard), 0);
		settle();
		op = store_disk_fault_ops(fx->disk) + 1 + (uint64_t)i;
		store_disk_fault_fail(fx->disk, op, i % 2 ? ENOSPC : EIO);
		traffic(10 * i, 10);
		drop_shard();
		/* A restart: the failed handle is gone. */
		store_disk_free(fx->disk);
		assert_int_equal(store_disk_new(&fx->disk), 0);
	}
	assert_int_equal(open_shard(&f), 0);
	assert_int_equal(ct_shard_start(fx->shard), 0);
	settle();
	wrong = 0;
	check_log();
	assert_string_equal(wrong ? first_wrong : "", "");
	drop_shard();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_append_and_restart),
		T(test_dedup),
		T(test_queue_limit),
		T(test_no_signatures),
		T(test_disk_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
