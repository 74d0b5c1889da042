/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PATHS_H
#define TRUSTCHAIN_CT_PATHS_H

#include <stddef.h>

#include "base/err.h"
#include "trustchain/ct_period.h"

/*
 * Where trustchain-ct keeps what: shard S in <state_dir>/S, its keys in
 * <keys>/S.log.key (P-256) and <keys>/S.note.key (Ed25519), both under the
 * one pass file; the list it has published last in <state_dir>/logs.packed
 * (ct_list_pack form).  The
 * supervisor and main must agree on the order of shards, because slots are
 * numbered by it: both use ct_paths_shards.
 */
#define CT_PATHS_MAX 4096
#define CT_PATHS_SHARDS_MAX 100

enum ct_paths_kind {
	CT_PATHS_SHARD,	     /* folder of the shard; root is state_dir */
	CT_PATHS_LOG_KEY,    /* root is the folder of keys */
	CT_PATHS_NOTE_KEY,   /* the same */
	CT_PATHS_CHECKPOINT, /* root is state_dir */
	CT_PATHS_OWN_LIST    /* root is state_dir; shard is not used */
};

struct ct_paths_shards {
	size_t n;
	struct ct_period shard[CT_PATHS_SHARDS_MAX];
};

/**
 * ct_paths_make(kind, root, shard, ret):
 * Write a path.  ERR_SYS_LIMIT if it is too long.
 */
MUST_CHECK int ct_paths_make(enum ct_paths_kind kind, const char *root,
    const char *shard, char ret[CT_PATHS_MAX]);

/**
 * ct_paths_shards(state_dir, ret):
 * List the folders that are shards (the name of one, and a log.json inside),
 * by name; the newest CT_PATHS_SHARDS_MAX if there are more.  None if the
 * folder does not exist.  ERR_SYS_*.
 */
MUST_CHECK int ct_paths_shards(
    const char *state_dir, struct ct_paths_shards *ret);

#endif
