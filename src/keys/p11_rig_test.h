/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_RIG_TEST_H
#define KEYS_P11_RIG_TEST_H

/*
 * For tests: SoftHSM 2 with a token "Troth", PIN 1234, in a folder of the
 * test's own, behind the module that fails on demand (p11_shim_test.h).
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/p11_shim_test.h"

#define RIG_PIN "1234"

static struct {
	char dir[64]; /* holds softhsm2.conf and tokens/ */
	const char *softhsm, *shim;
	struct p11_shim *control;
} rig;

/**
 * rig_run(argv):
 * Run a program by its path, in silence; return its wait status.
 */
static inline int
rig_run(char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) != NULL)
			(void)execv(argv[0], argv);
		_exit(127);
	}
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	return status;
}

/**
 * rig_start():
 * Make token and environment; return 0.
 */
static inline int
rig_start(void)
{
	static const char *const paths[] = {
		"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
		"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"
	};
	static char util[] = "/usr/bin/softhsm2-util", init[] = "--init-token",
		    free_slot[] = "--free", label[] = "--label",
		    name[] = "Troth", pin[] = "--pin", user[] = RIG_PIN,
		    so[] = "--so-pin", officer[] = "12345678";
	char *const argv[] = { util, init, free_slot, label, name, pin, user,
		so, officer, NULL };
	struct p11_shim *(*control)(void);
	char path[128], conf[128];
	void *object, *symbol;
	FILE *out;

	rig.shim = TROTH_P11_SHIM;
	for (size_t i = 0; i < 3 && rig.softhsm == NULL; i++)
		if (access(paths[i], R_OK) == 0)
			rig.softhsm = paths[i];
	(void)snprintf(rig.dir, sizeof(rig.dir), "/tmp/troth-p11.XXXXXX");
	if (rig.softhsm == NULL || mkdtemp(rig.dir) == NULL)
		return -1;
	(void)snprintf(conf, sizeof(conf), "%s/softhsm2.conf", rig.dir);
	out = fopen(conf, "w");
	if (out == NULL)
		return -1;
	(void)fprintf(out,
	    "directories.tokendir = %s/tokens\nobjectstore.backend = file\n"
	    "log.level = ERROR\n",
	    rig.dir);
	(void)fclose(out);
	(void)snprintf(path, sizeof(path), "%s/tokens", rig.dir);
	if (setenv("SOFTHSM2_CONF", conf, 1) != 0 ||
	    setenv("TROTH_SHIM_MODULE", rig.softhsm, 1) != 0 ||
	    mkdir(path, 0700) != 0 || rig_run(argv) != 0)
		return -1;
	object = dlopen(rig.shim, RTLD_NOW | RTLD_NODELETE);
	symbol = object == NULL ? NULL : dlsym(object, "keys_p11_shim");
	if (symbol == NULL)
		return -1;
	memcpy(&control, &symbol, sizeof(control));
	rig.control = control();
	return 0;
}

/**
 * rig_end():
 * Remove the folder.
 */
static inline void
rig_end(void)
{
	static char rm[] = "/bin/rm", rf[] = "-rf";
	char *const argv[] = { rm, rf, rig.dir, NULL };

	if (rig.dir[0] != '\0')
		(void)rig_run(argv);
}

/**
 * rig_fail(n, rv):
 * Let the call after the next ${n} fail with ${rv}; none for -1.
 */
static inline void
rig_fail(long n, CK_RV rv)
{
	rig.control->left = n;
	rig.control->rv = rv;
	rig.control->all = 0;
}

#endif
