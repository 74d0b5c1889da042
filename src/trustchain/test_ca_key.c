/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pkey.h"
#include "crypto/rng.h"
#include "keys/file.h"
#include "store/disk.h"

static char dir[] = "/tmp/troth-key-XXXXXX";
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

/* Another passphrase; the file stays as it is when that fails. */
static void
test_repass(void **state)
{
	const struct keys_file_new n = { disk, crypto_rng_system(), key_path,
		pass_path };
	static const uint8_t fresh[] = "another passphrase";
	struct crypto_pkey *before, *after = NULL;
	struct fault f = { 0 };
	FILE *file;

	(void)state;
	(void)unlink(key_path);
	(void)unlink(pass_path);
	assert_int_equal(
	    keys_file_ensure(&n, CRYPTO_KEY_P256, &before, NULL, &f), 0);
	assert_int_equal(ca_key_repass(&n, fresh, sizeof(fresh) - 1, &f), 0);
	/* The old one is in the pass file still. */
	assert_int_equal(
	    keys_file_open(key_path, pass_path, &after, &f), ERR_PEER_DECRYPT);
	assert_int_equal(
	    ca_key_repass(&n, fresh, sizeof(fresh) - 1, &f), ERR_PEER_DECRYPT);
	assert_non_null(file = fopen(pass_path, "w"));
	assert_true(fputs("another passphrase\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(keys_file_open(key_path, pass_path, &after, &f), 0);
	assert_true(crypto_pkey_equal(before, after));
	crypto_pkey_free(before);
	crypto_pkey_free(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repass),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
