/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEALED_FIXTURE_H
#define KEYS_SEALED_FIXTURE_H

#include "keys/sealed.h"

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

#include "crypto/rng.h"
#include "keys/guard.h"
#include "keys/seal.h"
#include "keys/seal_kind.h"
#include "store/disk.h"

static char dir[] = "/tmp/troth-sealed-XXXXXX";
static char path[64], guard_dir[64], guard_path[80], tmp[80], guard_tmp[96];
static struct keys_guard_file guard_file;
static struct keys_guard guard;
static struct keys_sealed_opts opts;

/* The least that the format allows: these tests open hundreds of files. */
static const struct keys_seal_kind kind = { "TESTSEAL",
	KEYS_SEAL_CHACHA20_POLY1305, { KEYS_SEAL_MEMORY_KIB_MIN, 1, 1 } };

#define PASS(s)                                                                \
	{                                                                      \
		KEYS_SEAL_PASS,                                                \
		{                                                              \
			(const uint8_t *)(s), sizeof(s) - 1                    \
		}                                                              \
	}
static const uint8_t key_bytes[KEYS_SEAL_KEY_LEN] = { 9, 8, 7 };
static const struct keys_seal_secret pass = PASS("correct horse"),
				     key = { KEYS_SEAL_KEY,
					     { key_bytes, sizeof(key_bytes) } };
static const struct crypto_bytes one = { (const uint8_t *)"one", 3 },
				 two = { (const uint8_t *)"twotwo", 6 };

/**
 * clean(): Remove what a test left.
 */
static void
clean(void)
{
	(void)unlink(path);
	(void)unlink(guard_path);
	(void)unlink(tmp);
	(void)unlink(guard_tmp);
}

/**
 * setup(): Make the folders.
 */
static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/secret", dir);
	(void)snprintf(guard_dir, sizeof(guard_dir), "%s/apart", dir);
	(void)snprintf(guard_path, sizeof(guard_path), "%s/guard", guard_dir);
	(void)snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	(void)snprintf(guard_tmp, sizeof(guard_tmp), "%s.tmp", guard_path);
	return mkdir(guard_dir, 0700);
}

/**
 * teardown(): Remove them.
 */
static int
teardown(void **state)
{
	(void)state;
	clean();
	return rmdir(guard_dir) != 0 || rmdir(dir) != 0;
}

/**
 * begin(): A new disk, no files.
 */
static int
begin(void **state)
{
	(void)state;
	clean();
	opts = (struct keys_sealed_opts){ .rng = crypto_rng_system(),
		.path = path,
		.kind = &kind,
		.guard = &guard };
	if (store_disk_new(&opts.disk) != 0)
		return -1;
	guard_file = (struct keys_guard_file){ opts.disk, guard_path };
	guard = keys_guard_file_hook(&guard_file);
	return 0;
}

/**
 * end(): Give the disk back.
 */
static int
end(void **state)
{
	(void)state;
	store_disk_free(opts.disk);
	return 0;
}

/**
 * create(secret, b):
 * Make the file with this content, and forget it.
 */
static void
create(const struct keys_seal_secret *secret, const struct crypto_bytes *b)
{
	struct keys_sealed *s = NULL;
	struct fault f;

	assert_int_equal(keys_sealed_create(&opts, secret, b, &s, &f), 0);
	keys_sealed_free(s);
}

#endif
