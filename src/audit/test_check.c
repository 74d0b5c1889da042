/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log_fixture.h"

#include <spawn.h>
#include <sys/wait.h>

#include "audit/check.h"
#include "audit/export.h"
#include "audit/export_internal.h"
#include "audit/source.h"

/*
 * Records that were changed, deleted, inserted, doubled, moved or cut off are
 * found and named, in a log and in a bundle, by our verifier and by a reader
 * that shares no code with it.
 */
enum { RECORDS = 700, LINE = 256 };

static char bundle[160], other[160], key_text[MERKLE_VKEY_TEXT_MAX];
static char (*line)[LINE]; /* the records, with their newlines */
static size_t n_lines;

/* A log of RECORDS records, and the lines of its file. */
static int
setup_log(void **state)
{
	uint8_t *data;
	size_t len;
	char *at;
	int i;

	(void)state;
	make_dir();
	assert_int_equal(open_log(), 0);
	for (i = 1; i <= RECORDS; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(merkle_vkey_encode(&vkey, key_text), 0);
	snprintf(bundle, sizeof(bundle), "%s/../bundle.tar", dir);
	snprintf(other, sizeof(other), "%s/../other.tar", dir);
	line = calloc(RECORDS + 1, LINE);
	assert_non_null(line);
	assert_int_equal(store_file_load(path, 1 << 20, &data, &len), 0);
	at = (char *)data;
	for (n_lines = 0; n_lines < RECORDS; n_lines++) {
		len = strcspn(at, "\n") + 1;
		assert_true(len < LINE);
		memcpy(line[n_lines], at, len);
		at += len;
	}
	free(data);
	return 0;
}

static int
teardown_log(void **state)
{
	free(line);
	return teardown(state);
}

static struct audit_check_result got;
static bool ask_reader; /* it takes a tenth of a second */

static int
check_source(struct audit_source *s, const char *event)
{
	struct audit_check_opts o = { s, &vkey, event };
	int rc;

	why.msg[0] = '\0';
	rc = audit_check(&o, &why, &got);
	audit_source_free(s);
	return rc;
}

static int
check_log(void)
{
	struct audit_source *s;

	assert_int_equal(audit_source_dir(path, dir, &s), 0);
	return check_source(s, NULL);
}

static int
check_bundle(const char *file)
{
	int fd = open(file, O_RDONLY), rc;
	struct audit_source *s;

	assert_true(fd >= 0);
	if ((rc = audit_source_tar(fd, &s)) == 0)
		rc = check_source(s, NULL);
	close(fd);
	return rc;
}

static int
make_bundle(uint64_t from, uint64_t to)
{
	struct audit_export_opts o = { NULL, &vkey, from, to, -1 };
	struct audit_source *s;
	uint64_t n = 0;
	int rc;

	o.fd = open(bundle, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(o.fd >= 0);
	assert_int_equal(audit_source_dir(path, dir, &s), 0);
	o.source = s;
	rc = audit_export(&o, &why, &n);
	close(o.fd);
	audit_source_free(s);
	if (rc == 0)
		assert_int_equal(n, (to == 0 ? RECORDS : to) - from);
	return rc;
}

/* What the independent reader says of a bundle. */
static const char *
reader(const char *file)
{
	char *argv[] = { (char *)"python3",
		(char *)"tests/interop/bundle_reader.py", NULL, key_text,
		NULL };
	posix_spawn_file_actions_t actions;
	static char text[256];
	char *env[] = { NULL };
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	argv[2] = (char *)(uintptr_t)file;
	assert_int_equal(pipe(fds), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(
	    posix_spawn(&pid, "/usr/bin/python3", &actions, NULL, argv, env),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status == 0, strncmp(text, "ok", 2) == 0);
	return text;
}

/* Write the lines as they are now: to the log, and to a bundle with
 * everything else as in ${bundle}. */
static void
write_lines(void)
{
	static uint8_t old[1 << 20];
	char *text = calloc(RECORDS + 1, LINE);
	FILE *f = fopen(bundle, "rb");
	size_t i, len = 0, n, at = 0;
	char *name;
	int fd;

	assert_non_null(text);
	for (i = 0; i < n_lines; i++) {
		memcpy(text + len, line[i], strlen(line[i]));
		len += strlen(line[i]);
	}
	write_file("audit.log", text, len);
	assert_non_null(f);
	n = fread(old, 1, sizeof(old), f);
	fclose(f);
	fd = open(other, O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (name = (char *)old; strncmp(name, "audit.log", 9) != 0;
	     name = (char *)old + at) {
		assert_true(at + 512 < n);
		at += 512 + (strtoul(name + 124, NULL, 8) + 511) / 512 * 512;
	}
	assert_int_equal(audit_export_bytes(fd, old, at), 0);
	assert_int_equal(audit_export_small(fd, "audit.log.0", text, len), 0);
	memset(old, 0, 1024);
	assert_int_equal(audit_export_bytes(fd, old, 1024), 0);
	close(fd);
	free(text);
}

/* Both are refused for the same reason, which names the record. */
static void
refused(const char *reason, size_t record)
{
	const char *said;
	char want[64];

	write_lines();
	assert_int_equal(check_log(), ERR_STATE_INTEGRITY);
	if (strncmp(why.msg, reason, strlen(reason)) != 0)
		fail_msg("log: \"%s\", not \"%s\"", why.msg, reason);
	assert_int_equal(check_bundle(other), ERR_STATE_INTEGRITY);
	if (strncmp(why.msg, reason, strlen(reason)) != 0)
		fail_msg("bundle: \"%s\", not \"%s\"", why.msg, reason);
	if (!ask_reader)
		return;
	snprintf(want, sizeof(want), "record %zu ", record);
	said = reader(other);
	if (strncmp(said, want, strlen(want)) != 0)
		fail_msg("the reader says %s, not %s", said, want);
}

static void
move(size_t to, size_t from, size_t n)
{
	memmove(line[to], line[from], n * LINE);
}

/* One tampering at each place where something may differ. */
static void
tamper_at(size_t k)
{
	char keep[LINE], reason[160];

	/* Changed, in its first member or its last. */
	line[k][20] ^= 1;
	snprintf(reason, sizeof(reason), "record %zu was changed", k);
	refused(reason, k);
	line[k][20] ^= 1;
	line[k][strlen(line[k]) - 4] ^= 1;
	refused(reason, k);
	line[k][strlen(line[k]) - 4] ^= 1;
	/* Deleted. */
	memcpy(keep, line[k], LINE);
	move(k, k + 1, n_lines - k - 1);
	n_lines--;
	snprintf(reason, sizeof(reason),
	    k + 1 < RECORDS ? "record %zu is missing"
			    : "record %zu and what follows are missing",
	    k);
	refused(reason, k);
	/* Put back, and another inserted before it. */
	n_lines++;
	move(k + 1, k, n_lines - k - 1);
	memcpy(line[k], keep, LINE);
	move(k + 1, k, n_lines - k);
	n_lines++;
	line[k][20] ^= 1;
	snprintf(reason, sizeof(reason),
	    "record %zu: a record was inserted before it", k);
	refused(reason, k);
	/* The same record twice. */
	line[k][20] ^= 1;
	if (k + 1 < RECORDS) {
		snprintf(reason, sizeof(reason),
		    "record %zu: record %zu is there a second time", k + 1, k);
		refused(reason, k + 1);
	}
	move(k, k + 1, n_lines - k - 1);
	n_lines--;
	if (k + 1 == RECORDS)
		return;
	/* Two in the wrong order. */
	memcpy(keep, line[k], LINE);
	memcpy(line[k], line[k + 1], LINE);
	memcpy(line[k + 1], keep, LINE);
	snprintf(reason, sizeof(reason),
	    "record %zu: out of order, record %zu stands before it", k, k + 1);
	refused(reason, k);
	memcpy(line[k + 1], line[k], LINE);
	memcpy(line[k], keep, LINE);
}

static void
test_tampered(void **state)
{
	static const size_t at[] = { 0, 1, 255, 256, 300, 511, 698, 699 };
	char keep[LINE];
	size_t i;

	(void)state;
	assert_int_equal(make_bundle(0, 0), 0);
	assert_int_equal(check_log(), 0);
	assert_int_equal(got.end, RECORDS);
	assert_int_equal(check_bundle(bundle), 0);
	assert_int_equal(got.end, RECORDS);
	assert_false(got.partial);
	assert_string_equal(reader(bundle), "ok 0 700 700\n");
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		ask_reader = at[i] == 256;
		tamper_at(at[i]);
	}
	write_lines();
	assert_int_equal(check_log(), 0);
	assert_int_equal(check_bundle(other), 0);
	/* Cut off at the end of a record, and within one. */
	n_lines = 400;
	refused("record 400 and what follows are missing", 400);
	memcpy(keep, line[399], LINE);
	line[399][60] = '\0';
	write_lines();
	assert_int_equal(check_log(), ERR_STATE_INTEGRITY);
	assert_string_equal(why.msg, "record 399 is cut or too long");
	assert_int_equal(check_bundle(other), ERR_STATE_INTEGRITY);
	/* Several deleted at once. */
	memcpy(line[399], keep, LINE);
	n_lines = RECORDS;
	move(10, 20, RECORDS - 20);
	n_lines -= 10;
	refused("records 10 to 19 are missing", 10);
}

static void
test_ranges(void **state)
{
	static const uint64_t r[][2] = { { 0, 1 }, { 5, 9 }, { 255, 257 },
		{ 256, 512 }, { 600, 700 }, { 699, 700 }, { 1, 700 },
		{ 0, 699 } };
	char want[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		assert_int_equal(make_bundle(r[i][0], r[i][1]), 0);
		assert_int_equal(check_bundle(bundle), 0);
		assert_true(got.partial);
		assert_int_equal(got.first, r[i][0]);
		assert_int_equal(got.end, r[i][1]);
		snprintf(want, sizeof(want), "ok %d %d 700\n", (int)r[i][0],
		    (int)r[i][1]);
		assert_string_equal(reader(bundle), want);
	}
	assert_int_equal(make_bundle(5, 5), ERR_STATE_USAGE);
	assert_int_equal(make_bundle(0, 701), ERR_STATE_USAGE);
	/* A record beyond the checkpoint is in no bundle. */
	assert_int_equal(append(RECORDS + 1), 0);
	assert_int_equal(make_bundle(0, 701), ERR_STATE_USAGE);
	assert_int_equal(make_bundle(0, 0), 0);
	assert_int_equal(check_bundle(bundle), 0);
}

/* Any octet of a bundle changed: refused, or in what nothing reads. */
static void
test_any_octet(void **state)
{
	static uint8_t data[1 << 20];
	size_t len, at, refusals = 0;
	FILE *f;
	int fd;

	(void)state;
	assert_int_equal(make_bundle(250, 262), 0);
	f = fopen(bundle, "rb");
	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	fd = open(bundle, O_RDWR);
	for (at = 0; at < len; at += 3) {
		data[at] ^= 4;
		assert_int_equal(pwrite(fd, &data[at], 1, (off_t)at), 1);
		data[at] ^= 4;
		if (check_bundle(bundle) != 0)
			refusals++;
		else /* padding, or a leaf of a record that is not there */
			assert_int_equal(got.end, 262);
		assert_int_equal(pwrite(fd, &data[at], 1, (off_t)at), 1);
	}
	assert_true(refusals > len / 3 / 4 * 3);
	/* And cut at each block. */
	for (at = 0; at + 1024 < len; at += 512) {
		assert_int_equal(ftruncate(fd, (off_t)at), 0);
		assert_int_not_equal(check_bundle(bundle), 0);
		assert_int_equal(pwrite(fd, data, len, 0), (ssize_t)len);
	}
	assert_int_equal(check_bundle(bundle), 0);
	close(fd);
}

static void
test_archive(void **state)
{
	struct audit_source *s;
	int fd = open(other, O_RDWR | O_CREAT | O_TRUNC, 0600);
	static const uint8_t zero[1024];

	(void)state;
	assert_int_equal(audit_export_bytes(fd, zero, 1024), 0);
	assert_int_equal(audit_source_tar(fd, &s), 0);
	assert_int_equal(audit_source_segments(s), 0);
	audit_source_free(s);
	assert_int_equal(check_bundle(other), ERR_STATE_NOT_FOUND);
	/* Two members of one name. */
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(audit_export_small(fd, "checkpoint", "x", 1), 0);
	assert_int_equal(audit_export_small(fd, "checkpoint", "x", 1), 0);
	assert_int_equal(audit_export_bytes(fd, zero, 1024), 0);
	assert_int_equal(audit_source_tar(fd, &s), ERR_PEER_DUPLICATE);
	/* No end. */
	assert_int_equal(ftruncate(fd, 1024), 0);
	assert_int_equal(audit_source_tar(fd, &s), ERR_PEER_TRUNCATED);
	close(fd);
	assert_int_equal(
	    audit_export_member(-1, path, (uint64_t)1 << 33), ERR_SYS_LIMIT);
	audit_source_free(NULL);
	assert_int_equal(audit_source_dir("/nowhere/log", "/nowhere", &s),
	    ERR_STATE_NOT_FOUND);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_log, teardown_log)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(test_tampered),
		T(test_ranges),
		T(test_any_octet),
		T(test_archive),
	};

	return cmocka_run_group_tests_name("audit/check", tests, NULL, NULL);
}
