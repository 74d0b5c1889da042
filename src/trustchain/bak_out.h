/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_OUT_H
#define TRUSTCHAIN_BAK_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A backup being written (identity.md section 16): an ustar stream inside an
 * age file.  Its last member, SHA256SUMS, holds the digests of all the others
 * in the form of sha256sum(1).
 */
#define BAK_OUT_SUMS "SHA256SUMS"
#define BAK_OUT_SUMS_MAX (512U << 20)

struct bak_out;
struct rng;
struct store_disk;

struct bak_out_opts {
	struct store_disk *disk;
	const char *path; /* made anew, mode 0600 */
	const uint8_t (*recipients)[32];
	size_t n_recipients;
	const struct rng *rng;
};

struct bak_out_result {
	uint64_t bytes;
	uint8_t sha256[32]; /* of the age file */
	size_t members;
};

/**
 * bak_out_new(o, ret, f):
 * Begin.  Errors of crypto_age_writer_new and of the disk.
 */
MUST_CHECK int bak_out_new(
    const struct bak_out_opts *o, struct bak_out **ret, struct fault *f);

/**
 * bak_out_free(o):
 * Close; what was written stays.  NULL is legal.
 */
void bak_out_free(struct bak_out *o);

/**
 * bak_out_bytes(o, name, data, len, f):
 * Add a member from memory.
 */
MUST_CHECK int bak_out_bytes(struct bak_out *o, const char *name,
    const void *data, size_t len, struct fault *f);

/**
 * bak_out_file(o, path, name, f):
 * Add the file ${path}, as long as it is now: one that grows meanwhile is cut
 * there.  ERR_STATE_NOT_FOUND, without a message, when it is gone.
 */
MUST_CHECK int bak_out_file(
    struct bak_out *o, const char *path, const char *name, struct fault *f);

/**
 * bak_out_has(o, name):
 * Return whether there is a member ${name} already, 1 or 0.
 */
int bak_out_has(const struct bak_out *o, const char *name);

/**
 * bak_out_end(o, ret, f):
 * Add SHA256SUMS, finish and make the file durable under its name.
 */
MUST_CHECK int bak_out_end(
    struct bak_out *o, struct bak_out_result *ret, struct fault *f);

#endif
