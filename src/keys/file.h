/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_FILE_H
#define KEYS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"

/*
 * Key and pass files on disk: mode 0600, written atomically and durably, an
 * existing one never replaced.
 */
struct crypto_pkey;
struct rng;
struct store_disk;

#define KEYS_FILE_PATH_MAX 4096
#define KEYS_FILE_PASS_MAX 1024

/**
 * keys_file_uri(uri, dir, out):
 * Write the path that the key URI "file:PATH" names; a relative PATH is below
 * ${dir}.  ${out} has KEYS_FILE_PATH_MAX bytes.  ERR_PEER_UNSUPPORTED for
 * another scheme, ERR_STATE_CONFIG when it is empty or too long.
 */
MUST_CHECK int keys_file_uri(const char *uri, const char *dir, char *out);

/**
 * keys_file_pass_load(path, ret, f):
 * Append the passphrase in ${path}: its content without one final newline.
 * ERR_STATE_NOT_FOUND, ERR_SYS_PERMISSION when others than the owner may
 * read it, ERR_STATE_CONFIG when it is empty or too long.
 */
MUST_CHECK int keys_file_pass_load(
    const char *path, struct buf *ret, struct fault *f);

/**
 * keys_file_pass_ensure(disk, path, rng, f):
 * Write 32 random bytes in base64 to ${path} unless it exists.
 */
MUST_CHECK int keys_file_pass_ensure(struct store_disk *disk, const char *path,
    const struct rng *rng, struct fault *f);

/**
 * keys_file_load(path, ret, f):
 * Append the encrypted key file ${path} as it is.  ERR_STATE_NOT_FOUND,
 * ERR_SYS_PERMISSION when others than the owner may read it, ERR_SYS_LIMIT.
 */
MUST_CHECK int keys_file_load(
    const char *path, struct buf *ret, struct fault *f);

/**
 * keys_file_open(path, pass_path, ret, f):
 * Load and decrypt a key.  Errors as above and ERR_PEER_DECRYPT.
 */
MUST_CHECK int keys_file_open(const char *path, const char *pass_path,
    struct crypto_pkey **ret, struct fault *f);

struct keys_file_new {
	struct store_disk *disk;
	const struct rng *rng;
	const char *path;
	const char *pass_path;
};

/**
 * keys_file_save(n, key, f):
 * Write ${key} encrypted under the passphrase in pass_path.
 * ERR_STATE_EXISTS when the file is there.
 */
MUST_CHECK int keys_file_save(const struct keys_file_new *n,
    const struct crypto_pkey *key, struct fault *f);

/**
 * keys_file_ensure(n, type, ret, ret_made, f):
 * Load the key at path, or make one of enum crypto_key_type ${type} and write
 * it if there is none, making the pass file first if that is missing too.
 * ${ret} may be NULL.  An existing key of another type is ERR_STATE_CONFIG.
 */
MUST_CHECK int keys_file_ensure(const struct keys_file_new *n, int type,
    struct crypto_pkey **ret, bool *ret_made, struct fault *f);

#endif
