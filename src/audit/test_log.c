/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log_fixture.h"

#include "audit/tiles.h"
#include "merkle/tile.h"
#include "merkle/tree.h"

/* The tiles are those of the definition, and so are their roots. */
struct tile_check {
	struct merkle_hash leaves[70000];
	size_t n, seen;
};

/* The root of leaves [at, at + n): RFC 6962 section 2.1, word for word. */
static struct merkle_hash
mth(const struct merkle_hash *leaves, size_t n)
{
	struct merkle_hash left, right;
	size_t k = 1;

	if (n == 1)
		return leaves[0];
	while (k * 2 < n)
		k *= 2;
	left = mth(leaves, k);
	right = mth(leaves + k, n - k);
	merkle_tree_node(&left, &right, &left);
	return left;
}

static int
check_tile(void *ctx, const char *name, const uint8_t *data, size_t len)
{
	struct tile_check *c = ctx;
	size_t span = 1, at, i;
	struct merkle_hash node;
	struct merkle_tile tile;

	assert_int_equal(merkle_tile_parse(name, strlen(name), &tile), 0);
	assert_int_equal(len, (size_t)tile.width * 32);
	for (i = 0; i < tile.level; i++)
		span *= 256;
	for (i = 0; i < tile.width; i++) {
		at = (tile.index * 256 + i) * span;
		assert_true(at + span <= c->n);
		node = mth(c->leaves + at, span);
		assert_memory_equal(node.b, data + 32 * i, 32);
	}
	c->seen++;
	return 0;
}

static void
test_tiles(void **state)
{
	static const size_t sizes[] = { 1, 2, 255, 256, 257, 512, 65535, 65536,
		65537, 70000 };
	static struct tile_check c;
	struct audit_tiles *t;
	struct merkle_head head;
	struct merkle_hash root;
	size_t i, s = 0;

	(void)state;
	t = audit_tiles_new();
	for (i = 0; i < 70000; i++) {
		assert_int_equal(audit_tiles_add(t, (const char *)&i, sizeof(i),
				     &c.leaves[i]),
		    0);
		if (i + 1 != sizes[s])
			continue;
		c.n = i + 1;
		c.seen = 0;
		audit_tiles_head(t, &head);
		root = mth(c.leaves, c.n);
		assert_int_equal(head.size, c.n);
		assert_memory_equal(head.root.b, root.b, 32);
		assert_int_equal(audit_tiles_each(t, check_tile, &c), 0);
		s++;
	}
	/* 273 full and one partial leaf tile, 1 and 1 above, 1 on top. */
	assert_int_equal(c.seen, 273 + 1 + 1 + 1 + 1);
	audit_tiles_drop(t);
	c.seen = 0;
	assert_int_equal(audit_tiles_each(t, check_tile, &c), 0);
	assert_int_equal(c.seen, 3);
	audit_tiles_free(t);
}

static int
exists(const char *name)
{
	char p[160];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return access(p, F_OK) == 0;
}

static void
test_append_and_restart(void **state)
{
	struct merkle_head before, after;
	int i;

	(void)state;
	for (i = 1; i <= 300; i++)
		assert_int_equal(append(i), 0);
	audit_log_head(lg, &before);
	assert_int_equal(before.size, 300);
	assert_int_equal(publish(), 0);
	for (; i <= 700; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(restart(), 0);
	audit_log_head(lg, &after);
	assert_int_equal(after.size, 700);
	assert_int_equal(audit_log_published(lg), 300);
	assert_int_equal(audit_log_source(lg), 700);
	assert_int_equal(publish(), 0);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(result.head.size, 700);
	/* Unfinished tiles that are finished now are gone, others not. */
	assert_int_not_equal(exists("tile/0/001.p"), 1);
	assert_int_equal(exists("tile/0/001"), 1);
	assert_int_equal(exists("tile/0/002.p/188"), 1);
	assert_int_equal(exists("tile/1/000.p/1"), 1);
}

/* Change one byte of a file. */
static void
flip(const char *name, long at)
{
	char p[160];
	FILE *f;
	int c;

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	f = fopen(p, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	c = fgetc(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	fputc(c ^ 1, f);
	fclose(f);
}

static void
test_edited(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 300; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(verify(NULL), 0);
	/* A digit inside a line: the line is still well-formed. */
	flip("audit.log", 30);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	flip("audit.log", 30);
	assert_int_equal(restart(), 0);
	flip("tile/0/000", 77);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	flip("tile/0/000", 77);
	flip("tile/0/001.p/44", 5);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	flip("tile/0/001.p/44", 5);
	flip("tile/1/000.p/1", 5);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	flip("tile/1/000.p/1", 5);
	flip("checkpoint", 25);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	flip("checkpoint", 25);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(restart(), 0);
}

/* Last week's log under this week's checkpoint. */
static void
test_rolled_back(void **state)
{
	uint8_t *old;
	size_t len;
	int i;

	(void)state;
	for (i = 1; i <= 10; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(store_file_load(path, 1 << 20, &old, &len), 0);
	assert_int_equal(append(11), 0);
	assert_int_equal(publish(), 0);
	write_file("audit.log", old, len);
	free(old);
	assert_int_equal(verify(NULL), ERR_STATE_INTEGRITY);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
}

static void
test_torn(void **state)
{
	static const char half[] = "{\"event_id\":\"half of a li";
	static const char bad[] = "rubbish\n{\"event_id\":\"0\"}\n";
	static const char hole[] = "\0\0\0\0\n{\"event_id\":\"0\"}\n";
	struct merkle_head head;
	char torn[160];
	uint8_t *data;
	size_t len, torn_len;

	(void)state;
	assert_int_equal(append(1), 0);
	assert_int_equal(append(2), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(store_file_load(path, 1 << 20, &data, &len), 0);
	data = realloc(data, len + 64);
	memcpy(data + len, half, sizeof(half) - 1);
	write_file("audit.log", data, len + sizeof(half) - 1);
	assert_int_equal(restart(), 0);
	audit_log_head(lg, &head);
	assert_int_equal(head.size, 2);
	assert_int_equal(append(3), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(verify(NULL), 0);
	snprintf(torn, sizeof(torn), "%s/audit.log.torn-%zu", dir, len);
	free(data);
	assert_int_equal(store_file_load(torn, 1000, &data, &torn_len), 0);
	assert_int_equal(torn_len, sizeof(half) - 1);
	free(data);
	/* Pages that were not written among those that were. */
	assert_int_equal(store_file_load(path, 1 << 20, &data, &len), 0);
	data = realloc(data, len + 64);
	memcpy(data + len, hole, sizeof(hole) - 1);
	write_file("audit.log", data, len + sizeof(hole) - 1);
	assert_int_equal(restart(), 0);
	audit_log_head(lg, &head);
	assert_int_equal(head.size, 3);
	/* Something else before a good line is damage, not a torn write. */
	memcpy(data + len, bad, sizeof(bad) - 1);
	write_file("audit.log", data, len + sizeof(bad) - 1);
	assert_int_equal(restart(), ERR_STATE_INTEGRITY);
	free(data);
}

static void
test_foreign_signature(void **state)
{
	char text[AUDIT_LOG_TEXT_MAX];
	uint8_t other[32] = { 9 }, sig[64];

	(void)state;
	assert_int_equal(append(1), 0);
	assert_int_equal(audit_log_prepare(lg, text), 0);
	assert_int_equal(
	    crypto_ed25519_sign(other, text, strlen(text), sig), 0);
	assert_int_equal(
	    audit_log_publish(lg, text, sig, 64), ERR_PEER_SIGNATURE);
	assert_int_equal(crypto_ed25519_sign(seed, text, strlen(text), sig), 0);
	assert_int_equal(
	    audit_log_publish(lg, "other", sig, 64), ERR_STATE_CONFLICT);
	assert_int_equal(audit_log_publish(lg, text, sig, 64), 0);
}

static void
test_full_disk(void **state)
{
	struct merkle_head head;

	(void)state;
	assert_int_equal(append(1), 0);
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 1, ENOSPC);
	assert_int_equal(append(2), ERR_SYS_NOSPACE);
	assert_int_equal(append(2), 0);
	audit_log_head(lg, &head);
	assert_int_equal(head.size, 2);
	/* A failed sync: never again with this handle. */
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 2, EIO);
	assert_int_equal(append(3), ERR_SYS_IO);
	assert_int_equal(append(3), ERR_SYS_IO);
	assert_int_equal(restart(), 0);
	assert_int_equal(append(4), 0);
}

/*
 * Append and publish with the power going at operation ${cut}: the log opens
 * again and holds every acknowledged line and checkpoint, and what is
 * published verifies.
 */
static int
log_cut(uint64_t cut, const char *skip, uint64_t luck)
{
	uint64_t lines = 0, published = 0;
	struct merkle_head head;
	int rc, i, bad;

	make_dir();
	store_disk_fault_skip(disk, skip);
	store_disk_fault_stop(disk, store_disk_fault_ops(disk) + cut);
	rc = open_log();
	for (i = 1; rc == 0 && i <= 6; i++) {
		if ((rc = append(i)) == 0)
			lines++;
		if (rc == 0 && i % 2 == 0 && (rc = publish()) == 0)
			published = lines;
	}
	audit_log_close(lg);
	lg = NULL;
	assert_int_equal(store_disk_fault_cut_some(disk, luck), 0);
	store_disk_fault_skip(disk, NULL);
	bad = open_log() != 0;
	if (!bad) {
		audit_log_head(lg, &head);
		bad = head.size < lines || head.size > lines + 1 ||
		      audit_log_published(lg) < published ||
		      audit_log_published(lg) > lines;
	}
	if (!bad && audit_log_published(lg) > 0)
		bad = verify(NULL) != 0;
	remove_dir();
	if (bad)
		return 1;
	return rc == 0 ? -1 : 0;
}

static int
log_violations(const char *skip, uint64_t luck)
{
	int bad = 0, r = 0;
	uint64_t cut;

	for (cut = 1; r != -1 && cut < 300; cut++) {
		bad += (r = log_cut(cut, skip, luck)) == 1;
		if (bad > 0)
			break;
	}
	assert_true(cut < 300);
	return bad;
}

static void
test_power_cut(void **state)
{
	static const char *const syncs[] = { "audit.mkdir", "audit.dir",
		"audit.log", "audit.tile.mkdir", "audit.tile.file",
		"audit.tile.dir", "audit.checkpoint.file",
		"audit.checkpoint.dir" };
	uint64_t luck;
	size_t i;

	(void)state;
	for (luck = 0; luck < 4; luck++)
		assert_int_equal(log_violations(NULL, luck), 0);
	for (i = 0; i < sizeof(syncs) / sizeof(syncs[0]); i++)
		if (log_violations(syncs[i], 0) == 0)
			fail_msg("leaving out %s goes unnoticed", syncs[i]);
}

/* What was written a moment ago is proved from the end of the file. */
static void
test_recent(void **state)
{
	static const char last[] = "0000012c-0000-4000-8000-000000000000";
	static const char later[] = "0000012d-0000-4000-8000-000000000000";
	struct merkle_head head = { .size = 0 };
	int i;

	(void)state;
	for (i = 1; i <= 300; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(audit_recent_prove(dir, &vkey, last, 299, &head),
	    ERR_STATE_NOT_FOUND);
	assert_int_equal(publish(), 0);
	assert_int_equal(append(301), 0);
	assert_int_equal(audit_recent_prove(dir, &vkey, last, 299, &head), 0);
	assert_int_equal(head.size, 300);
	assert_int_equal(audit_recent_prove(dir, &vkey, later, 300, &head),
	    ERR_STATE_PENDING);
	/* The right line at another index, a line that is not there. */
	assert_int_equal(
	    audit_recent_prove(dir, &vkey, last, 298, &head), ERR_PEER_PROOF);
	assert_int_equal(audit_recent_prove(dir, &vkey, "none", 299, &head),
	    ERR_STATE_NOT_FOUND);
	/* One flipped bit of the line, of a tile, of the signature. */
	flip("audit.log", -250);
	assert_int_not_equal(
	    audit_recent_prove(dir, &vkey, last, 299, &head), 0);
	flip("audit.log", -250);
	assert_int_equal(audit_recent_prove(dir, &vkey, last, 299, &head), 0);
	flip("tile/0/001.p/44", 0);
	assert_int_not_equal(
	    audit_recent_prove(dir, &vkey, last, 299, &head), 0);
	flip("tile/0/001.p/44", 0);
	flip("checkpoint", -5);
	assert_int_not_equal(
	    audit_recent_prove(dir, &vkey, last, 299, &head), 0);
}

static int
run_main(const char *key, const char *event)
{
	char *argv[10] = { (char *)"verify", (char *)"--log", path,
		(char *)"--tiles", dir, (char *)"--vkey", NULL, NULL, NULL };
	int argc = 7;

	argv[6] = (char *)(uintptr_t)key;
	if (event != NULL) {
		argv[argc++] = (char *)"--event-id";
		argv[argc++] = (char *)(uintptr_t)event;
	}
	optind = 1;
	return audit_command_verify(argc, argv);
}

static void
test_command(void **state)
{
	char key[MERKLE_VKEY_TEXT_MAX];
	int i;

	(void)state;
	for (i = 1; i <= 300; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(append(301), 0);
	assert_int_equal(merkle_vkey_encode(&vkey, key), 0);
	assert_int_equal(run_main(key, NULL), 0);
	assert_int_equal(run_main("nonsense", NULL), 2);
	assert_int_equal(verify("00000007-0000-4000-8000-000000000000"), 0);
	assert_int_equal(result.index, 6);
	assert_int_equal(
	    run_main(key, "00000009-0000-4000-8000-000000000000"), 0);
	assert_int_equal(
	    verify("0000012d-0000-4000-8000-000000000000"), ERR_STATE_PENDING);
	assert_int_equal(run_main(key, "none"), 1);
	flip("audit.log", 30);
	assert_int_equal(run_main(key, NULL), 5);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tiles),
		T(test_append_and_restart),
		T(test_edited),
		T(test_rolled_back),
		T(test_torn),
		T(test_foreign_signature),
		T(test_full_disk),
		T(test_command),
		T(test_recent),
		cmocka_unit_test(test_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
