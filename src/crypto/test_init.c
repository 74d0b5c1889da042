/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The self-check, shown to notice: this program runs itself again with copies
 * of the two libraries loaded first, from a folder of our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/init.h"

static char top[] = "/tmp/troth-init-XXXXXX";
static char bin[64], lib[64], troth[64];
static const char *const names[] = { "libcrypto.so.3", "libssl.so.3" };

static void
copy(const char *name)
{
	char from[4096], to[128], buf[65536];
	FILE *in, *out;
	size_t n;

	(void)snprintf(from, sizeof(from), "%s/%s", TROTH_OPENSSL_LIBDIR, name);
	(void)snprintf(to, sizeof(to), "%s/%s", troth, name);
	in = fopen(from, "r");
	out = fopen(to, "w");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		assert_int_equal(fwrite(buf, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(top));
	(void)snprintf(bin, sizeof(bin), "%s/bin", top);
	(void)snprintf(lib, sizeof(lib), "%s/lib", top);
	(void)snprintf(troth, sizeof(troth), "%s/lib/troth", top);
	assert_int_equal(mkdir(bin, 0700), 0);
	assert_int_equal(mkdir(lib, 0700), 0);
	assert_int_equal(mkdir(troth, 0700), 0);
	for (int i = 0; i < 2; i++)
		copy(names[i]);
	return 0;
}

static int
teardown(void **state)
{
	char path[128];

	(void)state;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", troth, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(troth);
	(void)rmdir(lib);
	(void)rmdir(bin);
	(void)rmdir(top);
	return 0;
}

/* The check's result in a process with the copies, as a program ${exe}. */
static int
check_with_copies(const char *exe)
{
	char preload[256];
	int status;
	pid_t pid;

	(void)snprintf(preload, sizeof(preload), "%s/%s:%s/%s", troth, names[0],
	    troth, names[1]);
	pid = fork();
	if (pid == 0) {
		(void)setenv("LD_PRELOAD", preload, 1);
		execl("/proc/self/exe", "test", "check", exe, NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void
test_build(void **state)
{
	struct fault f = { 0, "" };

	(void)state;
	assert_int_equal(crypto_init_check(NULL, &f), 0);
	assert_int_equal(crypto_init_check("/nowhere/bin/x", &f), 0);
}

static void
test_other_copy(void **state)
{
	(void)state;
	assert_int_equal(check_with_copies(""), 1);
	assert_int_equal(check_with_copies("/usr/bin/env"), 1);
}

/* A program installed in PREFIX/bin has them in PREFIX/lib/troth. */
static void
test_installed(void **state)
{
	char exe[128];
	FILE *f;

	(void)state;
	(void)snprintf(exe, sizeof(exe), "%s/program", bin);
	f = fopen(exe, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(check_with_copies(exe), 0);
	assert_int_equal(unlink(exe), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_other_copy),
		cmocka_unit_test(test_installed),
	};
	struct fault f = { 0, "" };

	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return crypto_init_check(
			   argv[2][0] == '\0' ? NULL : argv[2], &f) == 0
			   ? 0
			   : 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
