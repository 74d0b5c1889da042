/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "store/disk.h"

static char dir[] = "/tmp/troth-keys-XXXXXX";
static char key_path[64], pass_path[64];
static struct store_disk *disk;

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(key_path, sizeof(key_path), "%s/a.key", dir);
	(void)snprintf(pass_path, sizeof(pass_path), "%s/a.pass", dir);
	return store_disk_new(&disk);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(key_path);
	(void)unlink(pass_path);
	(void)rmdir(dir);
	store_disk_free(disk);
	return 0;
}

static void
test_uri(void **state)
{
	char out[KEYS_FILE_PATH_MAX];

	(void)state;
	assert_int_equal(keys_file_uri("file:/a/b", "/d", out), 0);
	assert_string_equal(out, "/a/b");
	assert_int_equal(keys_file_uri("file:b", "/d", out), 0);
	assert_string_equal(out, "/d/b");
	assert_int_equal(
	    keys_file_uri("pkcs11:token=T", "/d", out), ERR_PEER_UNSUPPORTED);
	assert_int_equal(keys_file_uri("file:", "/d", out), ERR_STATE_CONFIG);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_ensure(void **state)
{
	const struct keys_file_new n = { disk, crypto_rng_system(), key_path,
		pass_path };
	struct crypto_pkey *a = NULL, *b = NULL;
	struct fault f = { 0, "" };
	struct buf pass;
	bool made = false;

	(void)state;
	assert_int_equal(
	    keys_file_ensure(&n, CRYPTO_KEY_ED25519, &a, &made, &f), 0);
	assert_true(made);
	assert_int_equal(mode_of(key_path), 0600);
	assert_int_equal(mode_of(pass_path), 0600);
	/* The same key again, never a new one in its place. */
	assert_int_equal(
	    keys_file_ensure(&n, CRYPTO_KEY_ED25519, &b, &made, &f), 0);
	assert_false(made);
	assert_true(crypto_pkey_equal(a, b));
	crypto_pkey_free(b);
	assert_int_equal(keys_file_save(&n, a, &f), ERR_STATE_EXISTS);
	assert_int_equal(keys_file_ensure(&n, CRYPTO_KEY_P256, &b, &made, &f),
	    ERR_STATE_CONFIG);
	base_buf_init(&pass, 4096);
	assert_int_equal(keys_file_pass_load(pass_path, &pass, &f), 0);
	assert_int_equal(pass.len, 44);
	base_buf_free(&pass);
	crypto_pkey_free(a);
}

static void
write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void
test_refusals(void **state)
{
	struct crypto_pkey *k = NULL;
	struct fault f = { 0, "" };
	struct buf b;

	(void)state;
	base_buf_init(&b, 65536);
	/* test_ensure left a good pair behind. */
	assert_int_equal(keys_file_open(key_path, pass_path, &k, &f), 0);
	crypto_pkey_free(k);
	assert_int_equal(chmod(key_path, 0640), 0);
	assert_int_equal(
	    keys_file_open(key_path, pass_path, &k, &f), ERR_SYS_PERMISSION);
	assert_non_null(strstr(f.msg, "0640"));
	assert_int_equal(chmod(key_path, 0600), 0);
	write_text(pass_path, "wrong\n");
	assert_int_equal(
	    keys_file_open(key_path, pass_path, &k, &f), ERR_PEER_DECRYPT);
	write_text(pass_path, "\n");
	assert_int_equal(
	    keys_file_pass_load(pass_path, &b, &f), ERR_STATE_CONFIG);
	assert_int_equal(b.len, 0);
	write_text(key_path, "no key\n");
	write_text(pass_path, "x");
	assert_int_not_equal(keys_file_open(key_path, pass_path, &k, &f), 0);
	assert_int_equal(unlink(key_path), 0);
	assert_int_equal(
	    keys_file_open(key_path, pass_path, &k, &f), ERR_STATE_NOT_FOUND);
	base_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_ensure),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
