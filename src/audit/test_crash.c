/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/log_fixture.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* Run the independent reader; return whether it accepts the log. */
static int
reader_accepts(void)
{
	char key[MERKLE_VKEY_TEXT_MAX];
	char *argv[] = { (char *)"python3",
		(char *)"tests/interop/audit_reader.py", dir, key, NULL };
	posix_spawn_file_actions_t actions;
	char *env[] = { NULL };
	int status;
	pid_t pid;

	assert_int_equal(merkle_vkey_encode(&vkey, key), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(
	    posix_spawn(&pid, "/usr/bin/python3", &actions, NULL, argv, env),
	    0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void
test_independent_reader(void **state)
{
	char tile[160];
	uint8_t *data;
	size_t len;
	int i;

	(void)state;
	for (i = 1; i <= 600; i++)
		assert_int_equal(append(i), 0);
	assert_int_equal(publish(), 0);
	assert_int_equal(append(601), 0);
	assert_true(reader_accepts());
	/* And it can say no. */
	snprintf(tile, sizeof(tile), "%s/tile/0/001", dir);
	assert_int_equal(store_file_load(tile, 1 << 14, &data, &len), 0);
	data[100] ^= 1;
	write_file("tile/0/001", data, len);
	assert_false(reader_accepts());
	free(data);
}

/* Append and publish until killed; say each number when it is durable. */
static void
append_forever(int fd, int n)
{
	for (;; n++)
		if (append(n) != 0 || (n % 10 == 0 && publish() != 0) ||
		    write(fd, &n, sizeof(n)) != sizeof(n))
			_exit(1);
}

static int
kill_round(int last, unsigned int us)
{
	int fds[2], n, status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		close(fds[0]);
		if (open_log() != 0)
			_exit(1);
		append_forever(fds[1], last + 1);
	}
	close(fds[1]);
	if (read(fds[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	usleep(us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while (read(fds[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(fds[0]);
	return last;
}

static void
test_kill(void **state)
{
	int round, last = 0, before;

	(void)state;
	for (round = 0; round < 20; round++) {
		audit_log_close(lg);
		lg = NULL;
		before = last;
		last = kill_round(last, (unsigned int)((round * 7919) % 15000));
		assert_true(last > before);
		assert_int_equal(open_log(), 0);
		assert_true(audit_log_source(lg) >= last);
		/* What was durable and not yet said counts too. */
		last = (int)audit_log_source(lg);
		assert_true(audit_log_size(lg) >= (uint64_t)last);
	}
	assert_int_equal(publish(), 0);
	assert_int_equal(verify(NULL), 0);
	assert_int_equal(result.lines, last);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_independent_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
