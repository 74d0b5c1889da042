/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ops/daemon.h"

static char dir[] = "/tmp/troth-sandbox-XXXXXX";
static char state_dir[64], keys_dir[64], offline_dir[64], db[64], key[64],
    offline[64];

static void
touch(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

static int
setup(void **state)
{
	struct fault f;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(state_dir, sizeof(state_dir), "%s/state", dir);
	(void)snprintf(keys_dir, sizeof(keys_dir), "%s/keys", dir);
	(void)snprintf(
	    offline_dir, sizeof(offline_dir), "%s/state/offline-root", dir);
	(void)snprintf(db, sizeof(db), "%s/state/ca.db", dir);
	(void)snprintf(key, sizeof(key), "%s/keys/i1.key", dir);
	(void)snprintf(
	    offline, sizeof(offline), "%s/state/offline-root/root.key", dir);
	assert_int_equal(ops_daemon_mkdirs(offline_dir, 0700, &f), 0);
	assert_int_equal(ops_daemon_mkdirs(keys_dir, 0700, &f), 0);
	touch(db);
	touch(key);
	touch(offline);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(db);
	(void)unlink(key);
	(void)unlink(offline);
	(void)rmdir(offline_dir);
	(void)rmdir(keys_dir);
	(void)rmdir(state_dir);
	return rmdir(dir);
}

/* What a process may do, one bit each. */
enum {
	CAN_TRACE = 1,
	CAN_READ_MEMORY = 2,
	CAN_EXEC = 4,
	CAN_OPEN_KEY = 8,
	CAN_OPEN_OFFLINE = 16,
	CAN_OPEN_DB = 32,
	CAN_CREATE_IN_KEYS = 64,
	CAN_SOCKET = 128,
	CAN_FORK = 256,
	CAN_THREAD = 512,
	IS_DUMPABLE = 1024,
	CAN_UNSHARE = 2048,
	CAN_UNIX_SOCKET = 4096
};

static bool
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool
execs(void)
{
	/* A path that does not exist: EPERM or EACCES from a filter, ENOENT
	 * where exec itself is allowed. */
	char *argv[] = { NULL };

	(void)execve("/nonexistent", argv, argv);
	return errno == ENOENT;
}

static bool
traces(pid_t pid)
{
	int st;

	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
		return false;
	(void)waitpid(pid, &st, 0);
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

static bool
reads_memory(pid_t pid)
{
	static char secret[8] = "secret";
	char copy[8];
	struct iovec l = { copy, 8 }, r = { secret, 8 };

	return process_vm_readv(pid, &l, 1, &r, 1, 0) == 8;
}

static void *
thread(void *arg)
{
	return arg;
}

static bool
threads(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, thread, NULL) == 0 &&
	       pthread_join(t, NULL) == 0;
}

static bool
forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return pid > 0;
}

static int
abilities(pid_t victim)
{
	char path[80];
	int can = 0, s;

	can |= traces(victim) ? CAN_TRACE : 0;
	can |= reads_memory(victim) ? CAN_READ_MEMORY : 0;
	can |= execs() ? CAN_EXEC : 0;
	can |= opens(key, O_RDONLY) ? CAN_OPEN_KEY : 0;
	can |= opens(offline, O_RDONLY) ? CAN_OPEN_OFFLINE : 0;
	can |= opens(db, O_RDWR) ? CAN_OPEN_DB : 0;
	(void)snprintf(path, sizeof(path), "%s/new", keys_dir);
	can |= opens(path, O_RDWR | O_CREAT) ? CAN_CREATE_IN_KEYS : 0;
	(void)unlink(path);
	if ((s = socket(AF_INET6, SOCK_STREAM, 0)) >= 0)
		can |= CAN_SOCKET;
	if ((s = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0)
		can |= CAN_UNIX_SOCKET;
	can |= forks() ? CAN_FORK : 0;
	can |= threads() ? CAN_THREAD : 0;
	can |= prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 ? IS_DUMPABLE : 0;
	can |= unshare(0) == 0 ? CAN_UNSHARE : 0;
	return can;
}

/*
 * Run abilities() in a child confined by ${sb} (NULL: not at all), against a
 * victim process, and return what it could do.
 */
static int
confined(const struct ops_sandbox *sb)
{
	struct ops_sandbox_state st;
	struct fault f = { 0 };
	pid_t victim, pid;
	int p[2], can = -1;

	assert_int_equal(pipe(p), 0);
	if ((victim = fork()) == 0) {
		for (;;)
			(void)pause();
	}
	if ((pid = fork()) == 0) {
		can = sb != NULL && ops_sandbox_enter(sb, &st, &f) != 0
			  ? -2
			  : abilities(victim);
		if (can == -2)
			fprintf(stderr, "%s\n", f.msg);
		_exit(write(p[1], &can, sizeof(can)) != sizeof(can));
	}
	(void)close(p[1]);
	assert_int_equal(read(p[0], &can, sizeof(can)), sizeof(can));
	(void)close(p[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)kill(victim, SIGKILL);
	assert_int_equal(waitpid(victim, NULL, 0), victim);
	return can;
}

/* The probes themselves work: without a sandbox all of this is possible. */
static void
test_unconfined(void **state)
{
	int can = confined(NULL);

	(void)state;
	assert_int_equal(can & ~CAN_TRACE & ~CAN_READ_MEMORY,
	    CAN_EXEC | CAN_OPEN_KEY | CAN_OPEN_OFFLINE | CAN_OPEN_DB |
		CAN_CREATE_IN_KEYS | CAN_SOCKET | CAN_FORK | CAN_THREAD |
		IS_DUMPABLE | CAN_UNSHARE | CAN_UNIX_SOCKET);
	/* Yama may forbid tracing a sibling, unless we are root. */
	if (geteuid() == 0)
		assert_int_equal(can & (CAN_TRACE | CAN_READ_MEMORY),
		    CAN_TRACE | CAN_READ_MEMORY);
}

static void
test_main(void **state)
{
	const struct ops_sandbox_path paths[] = {
		{ "/usr", OPS_SANDBOX_READ, NULL },
		{ "/lib", OPS_SANDBOX_READ, NULL },
		{ "/nonexistent", OPS_SANDBOX_READ, NULL },
		{ state_dir, OPS_SANDBOX_CONTENTS, "offline-root" },
	};
	const struct ops_sandbox sb = { OPS_SANDBOX_MAIN, paths, 4 };
	int can = confined(&sb);

	(void)state;
	assert_true(can >= 0);
	assert_int_equal(can & (CAN_TRACE | CAN_READ_MEMORY | CAN_EXEC |
				   IS_DUMPABLE | CAN_UNSHARE),
	    0);
	assert_int_equal(can & (CAN_SOCKET | CAN_THREAD | CAN_OPEN_DB),
	    CAN_SOCKET | CAN_THREAD | CAN_OPEN_DB);
	if (ops_sandbox_probe() == 0) {
		print_message("this kernel has no Landlock\n");
		return;
	}
	assert_int_equal(
	    can & (CAN_OPEN_KEY | CAN_OPEN_OFFLINE | CAN_CREATE_IN_KEYS), 0);
}

static void
test_keys(void **state)
{
	const struct ops_sandbox sb = { OPS_SANDBOX_KEYS, NULL, 0 };

	(void)state;
	assert_int_equal(confined(&sb), CAN_THREAD);
}

/* The module of a token: the files that were listed, unix sockets, and no
 * other file, network, program or process. */
static void
test_token(void **state)
{
	const struct ops_sandbox_path paths[] = {
		{ "/usr", OPS_SANDBOX_READ, NULL },
		{ db, OPS_SANDBOX_WRITE, NULL },
	};
	const struct ops_sandbox sb = { OPS_SANDBOX_TOKEN, paths, 2 };
	int can = confined(&sb), files = 0;

	(void)state;
	if (ops_sandbox_probe() == 0)
		files = CAN_OPEN_KEY | CAN_OPEN_OFFLINE | CAN_CREATE_IN_KEYS;
	assert_int_equal(
	    can, files | CAN_OPEN_DB | CAN_THREAD | CAN_UNIX_SOCKET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unconfined),
		cmocka_unit_test(test_main),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
