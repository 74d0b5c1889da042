/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

/*
 * A process that issues is killed at a random moment, again and again on the
 * same database: what it said it had is there, and every issued row has its
 * event.
 */
enum { ROUNDS = 20 };

/* Issue until killed; say each number when it is done. */
static void
issue_forever(int fd, int first)
{
	char serial[16];
	struct ca_cert c;
	int i;

	for (i = first;; i++) {
		snprintf(serial, sizeof(serial), "s%d", i);
		c = cert(serial);
		if (c1(&c, NULL) != 0 || c2(serial) != 0 ||
		    write(fd, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

/* One round; returns the highest number acknowledged, or ${last}. */
static int
kill_round(int last, unsigned int us)
{
	int fds[2], i, status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		close(fds[0]);
		if (open_store(NULL) != 0)
			_exit(1);
		/* What the round before left half-done keeps its number. */
		issue_forever(fds[1], last + 1000);
	}
	close(fds[1]);
	/* The first answer says that the start is over. */
	if (read(fds[0], &i, sizeof(i)) == sizeof(i))
		last = i;
	usleep(us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(fds[0], &i, sizeof(i)) == sizeof(i))
		last = i;
	close(fds[0]);
	return last;
}

static void
check_acknowledged(int first, int last)
{
	struct arena *own = base_arena_new(1 << 22);
	struct ca_cert c;
	char serial[16];
	int i;

	for (i = first; i <= last; i++) {
		snprintf(serial, sizeof(serial), "s%d", i);
		assert_int_equal(
		    s->ops->get_cert(s, "int1", blob(serial), own, &c), 0);
		assert_int_equal(c.state, CA_CERT_ISSUED);
	}
	base_arena_free(own);
}

static size_t
count_events(void)
{
	struct ca_outbox *rows;
	struct arena *own;
	int64_t after = 0;
	size_t n = 1, all = 0;

	while (n > 0) {
		own = base_arena_new(1 << 22);
		assert_int_equal(
		    s->ops->list_outbox(s, after, 1000, own, &rows, &n), 0);
		if (n > 0)
			after = rows[n - 1].seq;
		all += n;
		base_arena_free(own);
	}
	return all;
}

static size_t
count_issued(void)
{
	struct ca_cert_filter f = { .state = CA_CERT_ISSUED, .limit = 500 };
	struct ca_cert *rows;
	struct arena *own;
	size_t n = 1, all = 0;

	while (n > 0) {
		own = base_arena_new(1 << 22);
		assert_int_equal(s->ops->list_certs(s, &f, own, &rows, &n), 0);
		if (n > 0)
			f.after_id = rows[n - 1].id;
		all += n;
		base_arena_free(own);
	}
	return all;
}

static void
test_kill(void **state)
{
	int first, last = 0, round;
	unsigned int us;

	(void)state;
	s->ops->close(s);
	for (round = 0; round < ROUNDS; round++) {
		s = NULL;
		first = last + 1000;
		us = (unsigned int)((round * 7919) % 15000);
		last = kill_round(last, us);
		assert_true(last >= first);
		assert_int_equal(open_store(NULL), 0);
		check_acknowledged(first, last);
		assert_int_equal(count_issued(), count_events());
		s->ops->close(s);
	}
	assert_int_equal(open_store(NULL), 0);
}

/* Each disk operation of C1 and C2 fails in turn. */
static void
fail_each(int err)
{
	struct ca_cert c, r;
	uint64_t op;
	int rc;

	for (op = 1, rc = 1; rc != 0 && op < 200; op++) {
		setup(NULL);
		store_disk_fault_fail(
		    disk, store_disk_fault_ops(disk) + op, err);
		c = cert("s1");
		if ((rc = c1(&c, NULL)) == 0)
			rc = c2("s1");
		if (rc != 0)
			assert_true(rc == base_err_from_errno(err));
		restart();
		if (s->ops->get_cert(s, NULL, blob("s1"), a, &r) == 0 &&
		    r.state == CA_CERT_ISSUED)
			assert_int_equal(count_events(), 1);
		else
			assert_int_not_equal(rc, 0);
		teardown(NULL);
	}
	assert_true(op > 4);
	assert_true(op < 200);
}

static void
test_fail_each(void **state)
{
	(void)state;
	fail_each(EIO);
	fail_each(ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
		cmocka_unit_test(test_fail_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
