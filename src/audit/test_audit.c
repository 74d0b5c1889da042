/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log_fixture.h"

#include <poll.h>

#include "audit/audit.h"
#include "audit/line.h"
#include "base/clock.h"
#include "crypto/rng.h"

static int pipe_fds[2]; /* stands for the loop: one byte, one wake */
static struct audit *au;
static int sign_rc; /* how the signer answers */
static int signs;

static int64_t now_ms = 1700000000123;
static uint64_t retention_ms;
static int mirrored, mirrored_bad;

static int64_t
fixed_now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

/* Each line that is durable, once, on the writing thread. */
static void
on_mirror(void *ctx, const char *line, size_t len)
{
	(void)ctx;
	mirrored++;
	mirrored_bad += !audit_line_ok(line, len);
}

static const struct clock test_clock = { fixed_now, NULL };

/* The signer answers later, as the key process does. */
static char sign_text[AUDIT_LOG_TEXT_MAX];
static int sign_asked;

static void
answer(void)
{
	uint8_t sig[64];

	sign_asked = 0;
	assert_int_equal(
	    crypto_ed25519_sign(seed, sign_text, strlen(sign_text), sig), 0);
	audit_signed(au, sign_rc, sig, sizeof(sig));
}

static int
sign(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	signs++;
	sign_asked = 1;
	assert_true(len < sizeof(sign_text));
	memcpy(sign_text, text, len + 1);
	return 0;
}

static void
wake(void *ctx)
{
	(void)ctx;
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
}

/* Dispatch until ${left} is 0 or nothing happened for ${ms}. */
static int
run(const int *left, int ms)
{
	struct pollfd p = { pipe_fds[0], POLLIN, 0 };
	char c[64];

	while ((left == NULL || *left > 0) && poll(&p, 1, ms) == 1) {
		assert_true(read(pipe_fds[0], c, sizeof(c)) > 0);
		audit_dispatch(au);
		if (sign_asked)
			answer();
	}
	return left == NULL || *left == 0;
}

static int opened, opened_rc;

static void
on_opened(void *ctx, int rc, const struct fault *f)
{
	(void)ctx;
	(void)f;
	opened++;
	opened_rc = rc;
}

static int
open_audit(size_t queue_max, uint64_t checkpoint_ms)
{
	struct audit_log_opts lo = { disk, dir, &vkey, NULL, seg_bytes, 0 };
	struct audit_opts o = { .log = &lo,
		.opened = on_opened,
		.wake = wake,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.queue_max = queue_max,
		.checkpoint_ms = checkpoint_ms,
		.sign = sign,
		.retention_ms = retention_ms,
		.operator_id = "system:test",
		.mirror = on_mirror };
	int waiting = 1, i;

	opened = 0;
	assert_int_equal(audit_new(&o, &au), 0);
	for (i = 0; i < 1000 && opened == 0; i++)
		run(&waiting, 10);
	assert_int_equal(opened, 1);
	return opened_rc;
}

static int
audit_setup(void **state)
{
	(void)state;
	make_dir();
	sign_rc = 0;
	signs = 0;
	assert_int_equal(pipe(pipe_fds), 0);
	return 0;
}

static int
audit_teardown(void **state)
{
	(void)state;
	audit_free(au);
	au = NULL;
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	remove_dir();
	return 0;
}

struct count {
	int left, bad;
	uint64_t size;
};

static void
on_done(void *ctx, int rc, uint64_t size)
{
	struct count *c = ctx;

	c->bad += rc != 0;
	/* Each event gets the size at which it is the last line. */
	c->bad += c->size != 0 && size < c->size;
	c->size = size;
	c->left--;
}

static int
post(struct count *c, int64_t source)
{
	struct audit_event ev = { .action = "audit.test",
		.operator_id = "system:test",
		.target = "n=1",
		.source = source };

	return audit_post(au, &ev, c != NULL ? on_done : NULL, c);
}

static void
test_post_and_checkpoint(void **state)
{
	struct count c = { 500, 0, 0 };
	struct audit_stats st;
	int i;

	(void)state;
	assert_int_equal(open_audit(1000, 0), 0);
	for (i = 1; i <= 500; i++)
		assert_int_equal(post(&c, i), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.size, 500);
	c.left = 1;
	assert_int_equal(audit_checkpoint(au, on_done, &c), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.size, 500);
	audit_get_stats(au, &st);
	assert_int_equal(st.size, 500);
	assert_int_equal(st.published, 500);
	assert_int_equal(st.backlog, 0);
	assert_int_equal(st.dropped, 0);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(result.lines, 500);
	/* Nothing new: no new signature. */
	c.left = 1;
	assert_int_equal(audit_checkpoint(au, on_done, &c), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(signs, 1);
	audit_free(au);
	assert_int_equal(open_audit(1000, 0), 0);
	assert_int_equal(audit_source(au), 500);
}

/* The timer publishes; what is posted at the end is written by free. */
static void
test_timer_and_stop(void **state)
{
	struct count c = { 1, 0, 0 };
	struct audit_stats st;
	int i;

	(void)state;
	assert_int_equal(open_audit(1000, 30), 0);
	assert_int_equal(post(&c, 0), 0);
	for (i = 0; i < 100; i++) {
		run(NULL, 20);
		audit_get_stats(au, &st);
		if (st.published == 1)
			break;
	}
	assert_int_equal(st.published, 1);
	c.left = 50;
	for (i = 0; i < 50; i++)
		assert_int_equal(post(&c, 0), 0);
	audit_free(au);
	au = NULL;
	assert_int_equal(c.left, 0);
	assert_int_equal(c.bad, 0);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(result.lines, 51);
}

/* A signer that refuses: the wish fails, the next one may succeed. */
static void
test_signer_refuses(void **state)
{
	struct count c = { 1, 0, 0 };

	(void)state;
	assert_int_equal(open_audit(1000, 0), 0);
	assert_int_equal(post(NULL, 0), 0);
	sign_rc = ERR_STATE_REFUSED;
	assert_int_equal(audit_checkpoint(au, on_done, &c), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 1);
	sign_rc = 0;
	c = (struct count){ 1, 0, 0 };
	assert_int_equal(audit_checkpoint(au, on_done, &c), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.size, 1);
	assert_int_equal(verify(NULL), 0);
}

/* A slow disk: posting goes on until the queue is full, then counts. */
static void
test_never_blocks(void **state)
{
	struct count c = { 0, 0, 0 };
	struct audit_stats st;
	int i, refused = 0;

	(void)state;
	assert_int_equal(open_audit(20, 0), 0);
	store_disk_fault_sync_delay(disk, 200);
	for (i = 0; i < 100; i++) {
		int rc = post(&c, 0);

		if (rc == 0)
			c.left++;
		else
			refused++;
		assert_true(rc == 0 || rc == ERR_STATE_FULL);
	}
	assert_true(refused >= 100 - 2 * 20 - 1);
	audit_get_stats(au, &st);
	assert_int_equal(st.dropped, refused);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
}

/* A full disk delays, a broken one refuses; both are visible. */
static void
test_disk_fails(void **state)
{
	struct count c = { 1, 0, 0 };
	struct audit_stats st;

	(void)state;
	assert_int_equal(open_audit(20, 0), 0);
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 1, ENOSPC);
	assert_int_equal(post(&c, 0), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.size, 1);
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 2, EIO);
	c.left = 1;
	assert_int_equal(post(&c, 0), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 1);
	audit_get_stats(au, &st);
	assert_int_equal(st.rc, ERR_SYS_IO);
	assert_int_equal(st.dropped, 1);
}

/* A log that cannot be opened says so, and events fail. */
static void
test_not_opened(void **state)
{
	struct count c = { 1, 0, 0 };
	struct audit_stats st;

	(void)state;
	assert_int_equal(open_audit(20, 0), 0);
	assert_int_equal(post(NULL, 0), 0);
	audit_free(au);
	write_file("audit.log", "rubbish\nrubbish\n", 16);
	assert_int_equal(open_audit(20, 0), ERR_STATE_INTEGRITY);
	assert_int_equal(post(&c, 0), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 1);
	audit_get_stats(au, &st);
	assert_int_equal(st.rc, ERR_STATE_INTEGRITY);
	assert_int_equal(st.dropped, 1);
}

static void
checkpoint_now(void)
{
	struct count c = { 1, 0, 0 };

	assert_int_equal(audit_checkpoint(au, on_done, &c), 0);
	assert_true(run(&c.left, 10000));
	assert_int_equal(c.bad, 0);
}

/* Old segments are announced, and gone after the next checkpoint; each
 * durable line was shown to the mirror. */
static void
test_retention(void **state)
{
	struct count c = { 0, 0, 0 };
	char gone[160];
	int i;

	(void)state;
	seg_bytes = 2000;
	retention_ms = 86400000;
	mirrored = 0;
	snprintf(gone, sizeof(gone), "%s.0", path);
	assert_int_equal(open_audit(1000, 0), 0);
	for (i = 0; i < 6; i++) {
		c.left = 20;
		while (c.left > 0) {
			int before = c.left;

			assert_int_equal(post(&c, 0), 0);
			while (c.left == before)
				run(NULL, 1);
		}
		checkpoint_now();
	}
	assert_int_equal(access(gone, F_OK), 0);
	assert_int_equal(mirrored, 120);
	now_ms += 86400000;
	c.left = 1;
	assert_int_equal(post(&c, 0), 0);
	checkpoint_now(); /* nothing is older than a day yet */
	assert_int_equal(access(gone, F_OK), 0);
	now_ms += 1;
	c.left = 1;
	assert_int_equal(post(&c, 0), 0);
	checkpoint_now(); /* says so */
	assert_int_equal(access(gone, F_OK), 0);
	assert_int_equal(verify(NULL), 0);
	checkpoint_now(); /* does it */
	assert_int_equal(access(gone, F_OK), -1);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(result.lines, 123);
	assert_int_equal(mirrored, 122); /* but for its own event */
	assert_int_equal(mirrored_bad, 0);
	audit_free(au);
	assert_int_equal(open_audit(1000, 0), 0);
	checkpoint_now();
	assert_int_equal(verify(NULL), 0);
	retention_ms = seg_bytes = 0;
}

#define T(f) cmocka_unit_test_setup_teardown(f, audit_setup, audit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_post_and_checkpoint),
		T(test_timer_and_stop),
		T(test_signer_refuses),
		T(test_never_blocks),
		T(test_disk_fails),
		T(test_not_opened),
		T(test_retention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
