/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_PSEUDONYM_H
#define AUDIT_PSEUDONYM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Pseudonyms of identities under a key that changes with time: within one
 * period the same value has the same pseudonym; once the period is over its
 * key is overwritten, and nobody can link or test a value any more.  Keys are
 * random, none follows from another.
 */
struct audit_pseudonym;
struct rng;
struct store_disk;

enum { AUDIT_PSEUDONYM_TEXT_MAX = 19 }; /* "p-", 16 hex digits, zero */

struct audit_pseudonym_opts {
	struct store_disk *disk;
	const char *path; /* where the key is kept; NULL: until the process
			   * ends */
	const struct rng *rng;
	uint64_t period_ms; /* 0: the key stays until it is forgotten */
};

/**
 * audit_pseudonym_open(opts, now_ms, ret):
 * Read the key, or make and keep one.  ${opts}'s pointers must outlive it.
 * ERR_SYS_CORRUPT for a file that is none of ours, ERR_SYS codes.
 */
MUST_CHECK int audit_pseudonym_open(const struct audit_pseudonym_opts *opts,
    int64_t now_ms, struct audit_pseudonym **ret);

/** audit_pseudonym_close(p): Wipe and free; NULL is allowed. */
void audit_pseudonym_close(struct audit_pseudonym *p);

/**
 * audit_pseudonym_of(p, kind, value, len, ret):
 * Write "p-" and the first 16 hex digits of HMAC-SHA256, under the present
 * key, of SHA-256 of ${kind}, a zero and ${value}.
 */
void audit_pseudonym_of(const struct audit_pseudonym *p, const char *kind,
    const void *value, size_t len, char ret[AUDIT_PSEUDONYM_TEXT_MAX]);

/**
 * audit_pseudonym_rotate(p, now_ms):
 * Take a new key if the period of the present one is over; a clock that goes
 * back changes nothing.  On ERR_SYS codes the key is new nevertheless, unless
 * it is ERR_SYS_RNG, but the file still has the old one: call again.
 */
MUST_CHECK int audit_pseudonym_rotate(
    struct audit_pseudonym *p, int64_t now_ms);

/**
 * audit_pseudonym_forget(p, now_ms):
 * Take a new key now: what was written stays, and stays unlinkable.  Errors
 * as audit_pseudonym_rotate.
 */
MUST_CHECK int audit_pseudonym_forget(
    struct audit_pseudonym *p, int64_t now_ms);

#endif
