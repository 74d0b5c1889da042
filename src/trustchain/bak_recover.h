/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_RECOVER_H
#define TRUSTCHAIN_BAK_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A restored CA has forgotten what it issued after the backup.  The logs have
 * not: each of their precertificates that is ours, valid still and unknown
 * becomes a row in state I without final certificate, of owner "recovered",
 * so that it has a status and can be revoked.
 */
#define BAK_RECOVER_OWNER "recovered"

struct bak_recover;
struct ca_authority;
struct ca_store;
struct ct_leaf;
struct ct_tiles;

struct bak_recover_opts {
	struct ca_store *store; /* of ca_store_sqlite.h; submit_wait is used */
	const struct ca_authority *authority;
	int64_t now_ms;
	bool revoke; /* at once, with reason 0 */
};

/**
 * bak_recover_new(o, ret):
 * ${o} is copied.  ERR_SYS_NOMEM.
 */
MUST_CHECK int bak_recover_new(
    const struct bak_recover_opts *o, struct bak_recover **ret);

/**
 * bak_recover_free(r):
 * NULL is legal.
 */
void bak_recover_free(struct bak_recover *r);

/**
 * bak_recover_tree(r, tiles, root, size, f):
 * Read all entries of a tree of ${size} leaves and ${root}.
 * ERR_STATE_INTEGRITY when the entries do not have that root; then nothing of
 * the last ones may have been stored.
 */
MUST_CHECK int bak_recover_tree(struct bak_recover *r, struct ct_tiles *tiles,
    const uint8_t root[32], uint64_t size, struct fault *f);

/**
 * bak_recover_entry(r, leaf, f):
 * Look at one entry, a struct ct_leaf.
 */
MUST_CHECK int bak_recover_entry(
    struct bak_recover *r, const struct ct_leaf *leaf, struct fault *f);

/**
 * bak_recover_finish(r, ret_n, f):
 * Make what was found durable and count it.
 */
MUST_CHECK int bak_recover_finish(
    struct bak_recover *r, size_t *ret_n, struct fault *f);

#endif
