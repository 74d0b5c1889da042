/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEALED_INTERNAL_H
#define KEYS_SEALED_INTERNAL_H

#include "keys/sealed.h"

struct keys_seal;

struct keys_sealed {
	const struct keys_sealed_opts *o;
	struct keys_seal *seal;
	uint64_t generation; /* of the file, as far as we know */
};

/**
 * keys_sealed_refuse(o, rc, f):
 * Say why the file cannot be opened, to whoever has to do something about it,
 * and return ${rc}.
 */
int keys_sealed_refuse(
    const struct keys_sealed_opts *o, int rc, struct fault *f);

/**
 * keys_sealed_counter(o, ret, f):
 * Store the guard's counter; 0 without a guard.  ERR_STATE_NOT_FOUND, without
 * a message, when it has none yet.
 */
MUST_CHECK int keys_sealed_counter(
    const struct keys_sealed_opts *o, uint64_t *ret, struct fault *f);

/**
 * keys_sealed_advance(o, to, f):
 * Let the guard, if there is one, follow.
 */
MUST_CHECK int keys_sealed_advance(
    const struct keys_sealed_opts *o, uint64_t to, struct fault *f);

/**
 * keys_sealed_load(o, image, f):
 * Append the file.
 */
MUST_CHECK int keys_sealed_load(
    const struct keys_sealed_opts *o, struct buf *image, struct fault *f);

/**
 * keys_sealed_write(s, seal, content, f):
 * Write an image made by ${seal}, then let the guard follow.
 */
MUST_CHECK int keys_sealed_write(struct keys_sealed *s, struct keys_seal *seal,
    const struct crypto_bytes *content, struct fault *f);

#endif
