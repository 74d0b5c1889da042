/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SHARD_RULE_H
#define TRUSTCHAIN_CT_SHARD_RULE_H

#include "base/err.h"
#include "merkle/types.h"

/*
 * Whether a shard may sign at all: not before its witnesses agree with its
 * disk, and not after it was retired (identity.md sections 9, 16).
 */
struct ct_shard;
struct store_disk;

/**
 * ct_shard_rule_hold(s), ct_shard_rule_release(s):
 * Reads only from now on; or no longer.  Before it is started, or on the loop.
 */
void ct_shard_rule_hold(struct ct_shard *s);
void ct_shard_rule_release(struct ct_shard *s);

/**
 * ct_shard_rule_retire(s), ct_shard_rule_retire_dir(disk, dir):
 * It signs nothing any more, for ever; the second is for a shard that is not
 * open.  Errors of the disk.
 */
MUST_CHECK int ct_shard_rule_retire(struct ct_shard *s);
MUST_CHECK int ct_shard_rule_retire_dir(
    struct store_disk *disk, const char *dir);

/**
 * ct_shard_rule_has(s, head):
 * 0 if ${head} is of the tree on disk, ERR_STATE_INTEGRITY if it is larger or
 * has another root; ERR_SYS_*.
 */
MUST_CHECK int ct_shard_rule_has(
    struct ct_shard *s, const struct merkle_head *head);

#endif
