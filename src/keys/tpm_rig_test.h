/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_RIG_TEST_H
#define KEYS_TPM_RIG_TEST_H

/*
 * For tests: software TPMs (swtpm) in a folder of the test's own.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "keys/tpm.h"

#define RIG_TPMS 2

static struct {
	char dir[48];
	pid_t pid[RIG_TPMS];
	char tcti[RIG_TPMS][96];
} rig;

/**
 * rig_sh(cmd):
 * Run a shell command in the rig's folder and return its status; what it
 * prints is in the file "out" there.
 */
static inline int
rig_sh(const char *cmd)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (chdir(rig.dir) == 0 && freopen("out", "w", stdout) &&
		    dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
			(void)execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	return status;
}

/**
 * rig_tool(cmd):
 * The same, and it has to succeed.
 */
static inline void
rig_tool(const char *cmd)
{
	char text[2048] = "", path[96];
	FILE *f;

	if (rig_sh(cmd) == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/out", rig.dir);
	if ((f = fopen(path, "r")) != NULL) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		(void)fclose(f);
	}
	fail_msg("%s: %s", cmd, text);
}

/**
 * rig_wait(path):
 * Wait up to ten seconds for the file to exist.
 */
static inline int
rig_wait(const char *path)
{
	const struct timespec nap = { 0, 10000000 };

	for (int i = 0; i < 1000; i++) {
		if (access(path, F_OK) == 0)
			return 0;
		(void)nanosleep(&nap, NULL);
	}
	return -1;
}

/**
 * rig_start(n):
 * Start TPM ${n} with the state that it had.
 */
static inline int
rig_start(int n)
{
	char state[128], server[128], control[128], path[64];

	(void)snprintf(path, sizeof(path), "%s/tpm%d", rig.dir, n);
	(void)mkdir(path, 0700);
	(void)snprintf(state, sizeof(state), "dir=%s", path);
	(void)snprintf(path, sizeof(path), "%s/sock%d", rig.dir, n);
	(void)unlink(path);
	(void)snprintf(server, sizeof(server), "type=unixio,path=%s", path);
	(void)snprintf(
	    control, sizeof(control), "type=unixio,path=%s.ctrl", path);
	(void)snprintf(rig.tcti[n], sizeof(rig.tcti[n]), "swtpm:path=%s", path);
	rig.pid[n] = fork();
	if (rig.pid[n] == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		(void)execl("/usr/bin/swtpm", "swtpm", "socket", "--tpm2",
		    "--tpmstate", state, "--server", server, "--ctrl", control,
		    "--flags", "startup-clear,not-need-init", (char *)NULL);
		_exit(127);
	}
	return rig.pid[n] < 0 ? -1 : rig_wait(path);
}

/**
 * rig_kill(n):
 * Kill TPM ${n}.
 */
static inline void
rig_kill(int n)
{
	if (rig.pid[n] <= 0)
		return;
	(void)kill(rig.pid[n], SIGKILL);
	(void)waitpid(rig.pid[n], NULL, 0);
	rig.pid[n] = 0;
}

/**
 * rig_setup(state):
 * The group's: a folder with one TPM running.
 */
static inline int
rig_setup(void **state)
{
	(void)state;
	(void)snprintf(rig.dir, sizeof(rig.dir), "/tmp/troth-tpm.XXXXXX");
	/* The libraries' own messages; ours say the same. */
	if (mkdtemp(rig.dir) == NULL || setenv("TSS2_LOG", "all+NONE", 1) != 0)
		return -1;
	return rig_start(0);
}

/**
 * rig_teardown(state):
 * Kill the TPMs and remove the folder.
 */
static inline int
rig_teardown(void **state)
{
	char cmd[96];

	(void)state;
	for (int i = 0; i < RIG_TPMS; i++)
		rig_kill(i);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", rig.dir);
	return rig_sh(cmd);
}

#endif
