/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_retire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "merkle/note.h"
#include "merkle/signed.h"
#include "merkle/tree.h"
#include "ops/cli.h"
#include "store/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_fetch.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_paths.h"
#include "trustchain/ct_shard_rule.h"
#include "trustchain/trustchain_peer.h"
#include "trustchain/wit_paths.h"

#define CHECKPOINT_MAX 65536

/* One shard as it was restored. */
struct shard {
	const char *name;
	char dir[CT_PATHS_MAX];
	struct ct_params params;
	struct merkle_head head;
};

/* By the note's signature: a witness keeps no other. */
static int
open_head(const struct ct_params *p, const uint8_t *data, size_t len,
    struct merkle_head *ret)
{
	struct merkle_note *n = malloc(sizeof(*n));
	int rc = n == NULL ? ERR_SYS_NOMEM
			   : merkle_signed_head(
				 (const char *)data, len, &p->note, n, ret);

	free(n);
	return rc;
}

static int
load(struct shard *s, const char *name, size_t max, uint8_t **ret, size_t *len)
{
	char path[CT_PATHS_MAX];
	int rc = base_str_format(path, sizeof(path), "%s/%s", s->dir, name);

	return rc == 0 ? store_file_load(path, max, ret, len) : rc;
}

static int
open_shard(struct shard *s, const char *state, const char *name)
{
	uint8_t *data;
	size_t len;
	int rc;

	s->name = name;
	memset(&s->head, 0, sizeof(s->head));
	merkle_tree_empty(&s->head.root);
	rc = ct_paths_make(CT_PATHS_SHARD, state, name, s->dir);
	if (rc == 0)
		rc = load(s, "log.json", CT_PARAMS_FILE_MAX, &data, &len);
	if (rc != 0)
		return rc;
	rc = ct_params_parse((const char *)data, len, &s->params);
	free(data);
	if (rc != 0)
		return rc;
	rc = load(s, "checkpoint", CHECKPOINT_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0; /* nothing was published */
	if (rc == 0) {
		rc = open_head(&s->params, data, len, &s->head);
		free(data);
	}
	return rc;
}

/* Whether the witness stands by a head that this shard does not have. */
static bool
is_behind(const struct shard *s, struct ct_fetch *fetch,
    const struct ct_config_witness *w)
{
	char path[WIT_PATHS_HASH_MAX + 16], hash[WIT_PATHS_HASH_MAX];
	struct trustchain_peer peer;
	const struct ct_fetch_what what = { &peer, path, NULL, CHECKPOINT_MAX };
	struct merkle_head head;
	uint8_t *data = NULL;
	size_t len;
	int rc;

	wit_paths_hash(s->params.origin, hash);
	(void)snprintf(path, sizeof(path), "/%s/checkpoint", hash);
	rc = trustchain_peer_parse(w->url, &peer);
	if (rc == 0)
		rc = ct_fetch_get(fetch, &what, &data, &len);
	/* It never saw a head of that shard. */
	if (rc == ERR_STATE_NOT_FOUND) {
		free(data);
		return false;
	}
	if (rc == 0) {
		rc = open_head(&s->params, data, len, &head);
		free(data);
	}
	if (rc != 0) {
		ops_cli_warn("witness %s about shard %s: %s; the log asks it "
			     "again when it starts",
		    w->name, s->name, base_err_text(rc));
		return false;
	}
	return head.size > s->head.size ||
	       (head.size == s->head.size &&
		   !merkle_tree_equal(&head.root, &s->head.root));
}

static int
judge(const struct ct_config *c, struct shard *s, struct ct_fetch *fetch,
    struct store_disk *disk)
{
	const struct ct_config_witness *w = c->witnesses.v;
	size_t i;
	int rc;

	for (i = 0; i < c->witnesses.n; i++) {
		if (!is_behind(s, fetch, &w[i]))
			continue;
		if ((rc = ct_shard_rule_retire_dir(disk, s->dir)) != 0)
			return rc;
		ops_cli_warn("shard %s retired", s->name);
		ops_cli_info("witness %s has a head of it that the backup has "
			     "not; next: trustchain-ct shard create %sb",
		    w[i].name, s->name);
		return 0;
	}
	return 0;
}

int
bak_retire_behind(const struct ct_config *config, const char *state,
    struct store_disk *disk, struct fault *f)
{
	struct ct_paths_shards shards;
	struct shard *s = malloc(sizeof(*s));
	struct ct_fetch *fetch = NULL;
	size_t i;
	int rc = s == NULL ? ERR_SYS_NOMEM : ct_paths_shards(state, &shards);

	if (rc == 0)
		rc = ct_fetch_new(config->server.roots, &fetch);
	for (i = 0; rc == 0 && i < shards.n; i++) {
		rc = open_shard(s, state, shards.shard[i].name);
		if (rc == 0)
			rc = judge(config, s, fetch, disk);
	}
	ct_fetch_free(fetch);
	free(s);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%s: %s", state, base_err_text(rc));
}
