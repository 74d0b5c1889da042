/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEALED_H
#define KEYS_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A file that holds a secret under a passphrase or key (keys/seal.h), replaced
 * atomically and durably, mode 0600, with a guard (keys/guard.h) that tells
 * when an older one was put back.  The file is written first and the guard
 * follows: after a power cut the file may be one ahead, never behind.
 *
 * One process writes a file at a time; its user locks.
 */
struct buf;
struct crypto_bytes;
struct keys_guard;
struct keys_seal_kind;
struct keys_seal_secret;
struct keys_sealed;
struct rng;
struct store_disk;

struct keys_sealed_opts {
	struct store_disk *disk;
	const struct rng *rng;
	const char *path;
	const struct keys_seal_kind *kind;
	const struct keys_guard *guard; /* NULL: an old copy is not noticed */
	/* The operator says that an old copy, or one without its guard, is
	 * to be taken.  It is written anew, above all generations before. */
	bool accept_rollback;
};

/**
 * keys_sealed_create(o, secret, content, ret, f):
 * Make the file and, if it is missing, the guard; a guard that is there goes
 * on from where it was, so that no file from before it comes back.  Release
 * with keys_sealed_free; ${o}, with what it points to, must outlive it.
 * ERR_STATE_EXISTS, errors of keys_seal_new, keys_seal_make, store/disk.h and
 * the guard.
 */
MUST_CHECK int keys_sealed_create(const struct keys_sealed_opts *o,
    const struct keys_seal_secret *secret, const struct crypto_bytes *content,
    struct keys_sealed **ret, struct fault *f);

/**
 * keys_sealed_open(o, secret, content, ret, f):
 * Append the content to ${content}.  ERR_STATE_NOT_FOUND, ERR_SYS_PERMISSION
 * when others than the owner may read the file, errors of keys_seal_open, and
 *   ERR_STATE_STALE      the file is older than the guard: rolled back;
 *   ERR_STATE_INTEGRITY  the guard is missing (or the content is forged);
 * each with a message that names the file.
 */
MUST_CHECK int keys_sealed_open(const struct keys_sealed_opts *o,
    const struct keys_seal_secret *secret, struct buf *content,
    struct keys_sealed **ret, struct fault *f);

/**
 * keys_sealed_save(s, content, f):
 * Replace the content.  On failure the file has the old content or the new
 * one, and can be opened.  Errors as keys_sealed_create.
 */
MUST_CHECK int keys_sealed_save(
    struct keys_sealed *s, const struct crypto_bytes *content, struct fault *f);

/**
 * keys_sealed_rekey(s, secret, content, f):
 * Replace the content and the secret, and the cost by that of the options'
 * kind.  On failure the file opens by the old secret or by the new one, as
 * its content is the old or the new; ${s} goes on with the old secret.
 */
MUST_CHECK int keys_sealed_rekey(struct keys_sealed *s,
    const struct keys_seal_secret *secret, const struct crypto_bytes *content,
    struct fault *f);

/**
 * keys_sealed_generation(s):
 * Return the generation of the file, for an audit record.
 */
uint64_t keys_sealed_generation(const struct keys_sealed *s);

/**
 * keys_sealed_free(s):
 * Wipe and free; NULL is allowed.  The file stays as it is.
 */
void keys_sealed_free(struct keys_sealed *s);

#endif
