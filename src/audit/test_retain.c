/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log_fixture.h"

#include <sys/stat.h>

#include "audit/check.h"
#include "audit/retain.h"
#include "audit/source.h"

/* Lines of the fixture are about 160 octets: some 25 to a segment. */
enum { SEGMENT = 4000, EVERY = 7 };

static struct audit_check_result got;

static int
check(void)
{
	struct audit_check_opts o = { NULL, &vkey, NULL };
	struct audit_source *s;
	int rc;

	assert_int_equal(audit_source_dir(path, dir, &s), 0);
	o.source = s;
	rc = audit_check(&o, &why, &got);
	audit_source_free(s);
	return rc;
}

/* The number that each closed segment begins with. */
static size_t
closed(uint64_t *first, size_t cap)
{
	struct audit_source *s;
	struct audit_part part;
	size_t i, n;

	assert_int_equal(audit_source_dir(path, dir, &s), 0);
	n = audit_source_segments(s) - 1;
	assert_true(n <= cap);
	for (i = 0; i < n; i++) {
		assert_int_equal(
		    audit_source_segment(s, i, &part, &first[i]), 0);
		audit_part_close(&part);
	}
	audit_source_free(s);
	return n;
}

/* Append [from, to] and publish every few, closing segments. */
static int
grow(int from, int to)
{
	int i, rc;

	for (i = from; i <= to; i++) {
		if ((rc = append(i)) != 0)
			return rc;
		if (i % EVERY == 0 && ((rc = publish()) != 0 ||
					  (rc = audit_log_roll(lg, 0)) != 0))
			return rc;
	}
	return 0;
}

static int
setup_small(void **state)
{
	seg_bytes = SEGMENT;
	return setup(state);
}

static int
teardown_small(void **state)
{
	seg_bytes = 0;
	return teardown(state);
}

static void
name_of(uint64_t first, char *ret)
{
	snprintf(ret, 64, "audit.log.%d", (int)first);
}

/* The same tree as without segments, over restarts at every point. */
static void
test_segments(void **state)
{
	struct merkle_head head, again;
	uint64_t first[64];
	size_t n;
	int i;

	(void)state;
	for (i = 1; i <= 700; i += 13) {
		assert_int_equal(grow(i, i + 12), 0);
		audit_log_head(lg, &head);
		assert_int_equal(restart(), 0);
		audit_log_head(lg, &again);
		assert_int_equal(again.size, i + 12);
		assert_memory_equal(&again.root, &head.root, 32);
		assert_int_equal(audit_log_source(lg), i + 12);
	}
	assert_int_equal(publish(), 0);
	n = closed(first, 64);
	assert_in_range(n, 20, 40);
	assert_int_equal(check(), 0);
	assert_int_equal(got.end, 702);
	assert_int_equal(verify("00000007-0000-4000-8000-000000000000"), 0);
	assert_int_equal(result.index, 6);
}

static void
spoil(uint64_t first, long at)
{
	char name[64], p[256];
	FILE *f;
	int c;

	name_of(first, name);
	snprintf(p, sizeof(p), "%s/%s", dir, name);
	assert_non_null(f = fopen(p, "r+b"));
	fseek(f, at, SEEK_SET);
	c = fgetc(f);
	fseek(f, at, SEEK_SET);
	fputc(c ^ 1, f);
	fclose(f);
}

/* What the start finds, and what only the verification does. */
static void
test_damage(void **state)
{
	char name[64], p[256], q[300];
	uint64_t first[64];
	size_t n;

	(void)state;
	assert_int_equal(grow(1, 700), 0);
	n = closed(first, 64);
	assert_true(n > 5);
	/* An old segment: the start does not read it. */
	spoil(first[2], 30);
	assert_int_equal(restart(), 0);
	assert_int_equal(check(), ERR_STATE_INTEGRITY);
	snprintf(q, sizeof(q), "record %d was changed", (int)first[2]);
	assert_string_equal(why.msg, q);
	spoil(first[2], 30);
	/* The newest closed one it does read. */
	spoil(first[n - 1], 30);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	spoil(first[n - 1], 30);
	assert_int_equal(restart(), 0);
	/* A segment that is gone. */
	name_of(first[n - 1], name);
	snprintf(p, sizeof(p), "%s/%s", dir, name);
	snprintf(q, sizeof(q), "%s.away", p);
	assert_int_equal(rename(p, q), 0);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	assert_int_equal(rename(q, p), 0);
	name_of(first[3], name);
	snprintf(p, sizeof(p), "%s/%s", dir, name);
	snprintf(q, sizeof(q), "%s.away", p);
	assert_int_equal(rename(p, q), 0);
	assert_int_equal(check(), ERR_STATE_INTEGRITY);
	snprintf(p, sizeof(p), "records %d to %d are missing", (int)first[3],
	    (int)first[4] - 1);
	assert_string_equal(why.msg, p);
	name_of(first[3], name);
	snprintf(p, sizeof(p), "%s/%s", dir, name);
	assert_int_equal(rename(q, p), 0);
	/* The tiles that the start begins with. */
	snprintf(p, sizeof(p), "%s/tile/0/002.p", dir);
	snprintf(q, sizeof(q), "%s.away", p);
	assert_int_equal(rename(p, q), 0);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	assert_int_equal(rename(q, p), 0);
	assert_int_equal(restart(), 0);
	assert_int_equal(check(), 0);
}

/* An event of the log about itself. */
static int
say_pruned(uint64_t through)
{
	char words[40], line[AUDIT_LINE_MAX + 1];
	struct audit_event ev = { "audit.pruned", "system:test", words,
		1800000000000, 0, NULL };
	uint8_t random[16] = { 9 };
	size_t len;

	snprintf(words, sizeof(words), "through=%d", (int)through);
	assert_int_equal(audit_event_encode(&ev, random, line, &len), 0);
	line[len++] = '\n';
	return audit_log_append(lg, line, len);
}

/* Old segments go, the tree stays provable, and who looks is told. */
static void
test_prune(void **state)
{
	struct merkle_head head, again;
	uint64_t first[64], through;
	size_t n;

	(void)state;
	assert_int_equal(grow(1, 700), 0);
	assert_int_equal(publish(), 0);
	n = closed(first, 64);
	assert_int_equal(audit_log_prunable(lg, 1700000000000), 0);
	/* Up to the segment whose last event is as new as that. */
	through = audit_log_prunable(lg, 1700000000000 + (int)first[3]);
	assert_int_equal(through, first[2]);
	through = audit_log_prunable(lg, 1700000000001 + (int)first[3]);
	assert_int_equal(through, first[3]);
	/* Never the newest closed one. */
	assert_int_equal(audit_log_prunable(lg, 1900000000000), first[n - 1]);
	audit_log_head(lg, &head);
	assert_int_equal(audit_log_prune(lg, through), 0);
	assert_int_equal(closed(first, 64), n - 3);
	assert_int_equal(first[0], through);
	assert_int_equal(check(), ERR_STATE_INTEGRITY);
	assert_non_null(
	    strstr(why.msg, "no record says that they were pruned"));
	/* Said, but not under a checkpoint; then under one. */
	assert_int_equal(say_pruned(through), 0);
	assert_int_equal(check(), ERR_STATE_INTEGRITY);
	assert_int_equal(publish(), 0);
	assert_int_equal(check(), 0);
	assert_int_equal(got.first, through);
	assert_int_equal(got.end, 701);
	assert_int_equal(restart(), 0);
	audit_log_head(lg, &again);
	assert_int_equal(again.size, 701);
	assert_int_equal(audit_log_source(lg), 700);
	assert_int_equal(grow(701, 800), 0);
	assert_int_equal(check(), 0);
	/* More than was said is missing. */
	assert_int_equal(audit_log_prune(lg, first[1]), 0);
	assert_int_equal(check(), ERR_STATE_INTEGRITY);
}

/* The line with the highest outbox number stays, however old. */
static void
test_source_stays(void **state)
{
	uint64_t first[64], through;
	int i;

	(void)state;
	assert_int_equal(grow(1, 70), 0);
	for (i = 0; i < 400; i++) {
		assert_int_equal(say_pruned(0), 0);
		if (i % EVERY == 0) {
			assert_int_equal(publish(), 0);
			assert_int_equal(audit_log_roll(lg, 0), 0);
		}
	}
	assert_true(closed(first, 64) > 5);
	assert_int_equal(restart(), 0);
	assert_int_equal(audit_log_source(lg), 70);
	through = audit_log_prunable(lg, INT64_MAX);
	assert_true(through > 0 && through <= 69);
	assert_int_equal(audit_log_prune(lg, through), 0);
	assert_int_equal(restart(), 0);
	assert_int_equal(audit_log_source(lg), 70);
}

static void
test_age(void **state)
{
	struct audit_log_opts o = { disk, dir, &vkey, NULL, 0, 1000 };
	uint64_t first[8];

	(void)state;
	audit_log_close(lg);
	lg = NULL;
	assert_int_equal(audit_log_open(&o, &why, &lg), 0);
	assert_int_equal(append(1), 0);
	assert_int_equal(audit_log_roll(lg, 1800000000000), 0);
	assert_int_equal(closed(first, 8), 0); /* not under a checkpoint */
	assert_int_equal(publish(), 0);
	assert_int_equal(audit_log_roll(lg, 1700000001000), 0);
	assert_int_equal(closed(first, 8), 0); /* a millisecond too young */
	assert_int_equal(audit_log_roll(lg, 1700000001001), 0);
	assert_int_equal(closed(first, 8), 1);
	assert_int_equal(first[0], 0);
	assert_int_equal(audit_log_roll(lg, 1900000000000), 0);
	assert_int_equal(closed(first, 8), 1); /* nothing in it */
}

/*
 * The ${n}-th disk operation fails with ${err}, or the power goes there: what
 * was acknowledged is there after a restart, and verifies.
 */
static int
fail_at(uint64_t n, int err, bool prune)
{
	uint64_t through, acked = 0;
	struct merkle_head head;
	int i, rc = 0;

	make_dir();
	assert_int_equal(open_log(), 0);
	if (err == 0)
		store_disk_fault_stop(disk, store_disk_fault_ops(disk) + n);
	else
		store_disk_fault_fail(
		    disk, store_disk_fault_ops(disk) + n, err);
	for (i = 1; rc == 0 && i <= 90; i++) {
		if ((rc = grow(i, i)) == 0)
			acked = (uint64_t)i;
		if (rc == 0 && prune && i == 85) {
			through = audit_log_prunable(lg, INT64_MAX);
			rc = say_pruned(through);
			if (rc == 0)
				rc = publish();
			if (rc == 0)
				rc = audit_log_prune(lg, through);
		}
	}
	audit_log_close(lg);
	lg = NULL;
	if (err == 0)
		assert_int_equal(store_disk_fault_cut(disk), 0);
	store_disk_fault_fail(disk, 0, 0);
	store_disk_fault_stop(disk, 0);
	store_disk_free(disk);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(store_disk_fault_track(disk), 0);
	assert_int_equal(open_log(), 0);
	audit_log_head(lg, &head);
	assert_true(head.size >= acked);
	assert_int_equal(append(1000), 0);
	assert_int_equal(publish(), 0);
	if (check() != 0)
		fail_msg("operation %d, error %d: %s", (int)n, err, why.msg);
	remove_dir();
	return rc != 0;
}

static void
test_failures(void **state)
{
	static const int errors[] = { 0, EIO, ENOSPC };
	uint64_t n;
	size_t e;
	int hit;

	(void)state;
	seg_bytes = SEGMENT;
	for (e = 0; e < 3; e++) {
		hit = 0;
		/* Every operation around two closings and a pruning. */
		for (n = 60; n < 420; n += e == 0 ? 1 : 3)
			hit += fail_at(n, errors[e], true);
		assert_true(hit > 20);
	}
	seg_bytes = 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_small, teardown_small)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_segments),
		T(test_damage),
		T(test_prune),
		T(test_source_stays),
		cmocka_unit_test_setup_teardown(test_age, setup, teardown),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests_name("audit/retain", tests, NULL, NULL);
}
