/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_IN_H
#define TRUSTCHAIN_BAK_IN_H

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/bak_tar.h"
#include "wire/json.h"

/* A backup being read: bak_out.h the other way round. */
struct bak_in_opts {
	const char *path; /* of the .tar.age */
	const uint8_t (*identities)[32];
	size_t n_identities;
	/* As in bak_tar.h; not called for SHA256SUMS.  NULL: only verify. */
	const struct bak_tar_hooks *hooks;
};

/**
 * bak_in_identities(path, ids, cap, ret_n, f):
 * Read an identity file as age-keygen writes it.  ERR_STATE_CONFIG.
 */
MUST_CHECK int bak_in_identities(const char *path, uint8_t (*ids)[32],
    size_t cap, size_t *ret_n, struct fault *f);

/**
 * bak_in_check(path, note, f):
 * Compare size and digest of the file with its note.  ERR_STATE_INTEGRITY.
 */
MUST_CHECK int bak_in_check(
    const char *path, const json_t *note, struct fault *f);

/**
 * bak_in_read(o, ret_members, f):
 * Decrypt and read it all, and compare every member with SHA256SUMS at the
 * end.  ERR_STATE_INTEGRITY when something in it is wrong,
 * ERR_STATE_UNAUTHORIZED when no identity opens it, the hooks' own, ERR_SYS_*.
 */
MUST_CHECK int bak_in_read(
    const struct bak_in_opts *o, size_t *ret_members, struct fault *f);

#endif
