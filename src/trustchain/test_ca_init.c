/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_init.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pkey.h"
#include "keys/file.h"

static char dir[] = "/tmp/troth-init-XXXXXX";
static char conf[64];

static const char text[] =
    "[server]\nenvironment = \"%s\"\n"
    "roots = \"certs/root.crt\"\nstate_dir = \"state\"\n"
    "seal_key = \"file:keys/seal.key\"\n"
    "seal_pass_file = \"keys/seal.pass\"\n"
    "[[issuer]]\nid = \"i1\"\ncert = \"certs/i1.crt\"\n"
    "chain = \"certs/i1.crt\"\nkey = \"file:keys/i1.key\"\n"
    "pass_file = \"keys/i1.pass\"\ndefault = true\n"
    "[[issuer]]\nid = \"i2\"\ncert = \"certs/i2.crt\"\n"
    "chain = \"certs/i2-chain.crt\"\nkey = \"file:keys/i2.key\"\n"
    "pass_file = \"keys/i2.pass\"\n";

static void
write_conf(const char *environment)
{
	FILE *f = fopen(conf, "w");

	assert_non_null(f);
	assert_true(fprintf(f, text, environment) > 0);
	assert_int_equal(fclose(f), 0);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(conf, sizeof(conf), "%s/ca.toml", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
run_init(bool generate, bool verify)
{
	const struct ops_cli cli = {
		.program = "trustchain-ca", .config = conf, .root = ""
	};
	const struct ca_init_opts o = { generate, verify };

	return ca_init_run(&cli, &o, NULL, 0);
}

static mode_t
mode_of(const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st) != 0)
		fail_msg("%s is not there", path);
	return st.st_mode & 07777;
}

/* Run the openssl program in the scratch folder. */
static int
openssl(const char *const *args)
{
	pid_t pid;
	int st;

	if ((pid = fork()) == 0) {
		if (chdir(dir) == 0)
			(void)execv(
			    "/usr/bin/openssl", (char *const *)(uintptr_t)args);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

#define OPENSSL(...)                                                           \
	openssl((const char *const[]){ "openssl", __VA_ARGS__, NULL })

static void
test_generate(void **state)
{
	struct crypto_pkey *key = NULL;
	char path[128], pass[128];
	struct fault f = { 0 };

	(void)state;
	write_conf("local");
	assert_int_equal(run_init(false, false), OPS_EXIT_FAILED);
	assert_int_equal(run_init(true, false), OPS_EXIT_OK);
	assert_int_equal(mode_of("state/offline-root/root-ca.key"), 0600);
	assert_int_equal(mode_of("state"), 0700);
	assert_int_equal(mode_of("state/offline-root"), 0700);
	assert_int_equal(mode_of("keys/i1.key"), 0600);
	assert_int_equal(mode_of("keys/i1.pass"), 0600);
	assert_int_equal(mode_of("certs/root.crt"), 0644);
	/* Judged by another implementation, as X.509 wants it. */
	assert_int_equal(OPENSSL("verify", "-x509_strict", "-CAfile",
			     "certs/root.crt", "certs/i1.crt"),
	    0);
	assert_int_equal(OPENSSL("verify", "-x509_strict", "-CAfile",
			     "certs/root.crt", "certs/i2-chain.crt"),
	    0);
	assert_int_not_equal(
	    OPENSSL("verify", "-CAfile", "certs/i2.crt", "certs/i1.crt"), 0);
	/* The key opens with its passphrase.  (The openssl program cannot do
	 * it: it allows scrypt half the memory that section 3 wants.) */
	(void)snprintf(path, sizeof(path), "%s/keys/i1.key", dir);
	(void)snprintf(pass, sizeof(pass), "%s/keys/i1.pass", dir);
	assert_int_equal(keys_file_open(path, pass, &key, &f), 0);
	assert_int_equal(crypto_pkey_type(key), CRYPTO_KEY_P256);
	crypto_pkey_free(key);
	assert_int_equal(mode_of("keys/seal.key"), 0600);
	(void)snprintf(path, sizeof(path), "%s/keys/seal.key", dir);
	(void)snprintf(pass, sizeof(pass), "%s/keys/seal.pass", dir);
	assert_int_equal(keys_file_open(path, pass, &key, &f), 0);
	assert_int_equal(crypto_pkey_type(key), CRYPTO_KEY_X25519);
	crypto_pkey_free(key);
}

/* A second run changes nothing; a missing intermediate is made again only
 * while the root's key is there. */
static void
test_again(void **state)
{
	char key[128], cert[128];

	(void)state;
	(void)snprintf(
	    key, sizeof(key), "%s/state/offline-root/root-ca.key", dir);
	(void)snprintf(cert, sizeof(cert), "%s/certs/i2.crt", dir);
	assert_int_equal(run_init(true, false), OPS_EXIT_OK);
	assert_int_equal(run_init(false, true), OPS_EXIT_OK);
	assert_int_equal(unlink(cert), 0);
	assert_int_equal(run_init(false, true), OPS_EXIT_FAILED);
	assert_int_equal(run_init(true, false), OPS_EXIT_OK);
	assert_int_equal(unlink(cert), 0);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(run_init(true, false), OPS_EXIT_FAILED);
}

static void
test_production(void **state)
{
	(void)state;
	write_conf("production");
	assert_int_equal(run_init(true, false), OPS_EXIT_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generate),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_production),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
