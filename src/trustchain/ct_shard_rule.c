/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_shard_rule.h"

#include <stdlib.h>

#include "base/str.h"
#include "merkle/proof.h"
#include "store/disk.h"
#include "trustchain/ct_shard_internal.h"
#include "trustchain/ct_tiles.h"

/* Whether a shard may sign: rollback, and the end (identity.md section 16). */

void
ct_shard_rule_release(struct ct_shard *s)
{
	s->held = false;
}

void
ct_shard_rule_hold(struct ct_shard *s)
{
	s->held = true;
}

int
ct_shard_rule_retire(struct ct_shard *s)
{
	int rc = ct_shard_rule_retire_dir(s->opts.disk, s->dir);

	if (rc == 0)
		s->fixed = CT_SHARD_RETIRED;
	return rc;
}

int
ct_shard_rule_retire_dir(struct store_disk *disk, const char *dir)
{
	char path[CT_SHARD_PATH_MAX];
	int rc;

	rc = base_str_format(path, sizeof(path), "%s/state", dir);
	return rc == 0 ? store_disk_replace(
			     disk, path, "retired\n", 8, 0644, "ct.state")
		       : rc;
}

int
ct_shard_rule_has(struct ct_shard *s, const struct merkle_head *head)
{
	struct ct_tiles *tiles;
	struct merkle_hash root;
	uint64_t sequenced;
	int rc;

	pthread_mutex_lock(&s->lock);
	sequenced = s->sequenced;
	pthread_mutex_unlock(&s->lock);
	if (head->size > sequenced)
		return ERR_STATE_INTEGRITY;
	if ((tiles = ct_tiles_new(s->dir, head->size)) == NULL)
		return ERR_SYS_NOMEM;
	rc = merkle_proof_root(ct_tiles_reader(tiles), head->size, &root);
	ct_tiles_free(tiles);
	/* Signed, but its tiles were not flushed: not what we do. */
	if (rc == ERR_STATE_NOT_FOUND)
		return ERR_STATE_INTEGRITY;
	if (rc != 0)
		return rc;
	return merkle_tree_equal(&root, &head->root) ? 0 : ERR_STATE_INTEGRITY;
}
