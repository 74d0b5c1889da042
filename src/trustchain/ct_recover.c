/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shard does when it starts, after whatever happened before: identity
 * spec section 9, the table of events.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "ops/log.h"
#include "store/file.h"
#include "trustchain/ct_shard_internal.h"
#include "trustchain/ct_sth.h"
#include "trustchain/ct_tiles.h"

enum { STATE_FILE_MAX = 64, CATCH_UP_MAX = 200000 };

struct recovery {
	struct ct_shard *s;
	struct ct_tiles *tiles; /* of the published tree */
	struct fault *f;
};

static int
damaged(struct recovery *r, const char *what)
{
	return base_fault_set(r->f, ERR_STATE_INTEGRITY, "shard %s: %s",
	    r->s->params.period.name[0] != '\0' ? r->s->params.period.name
						: r->s->dir,
	    what);
}

static int
load_file(struct recovery *r, const char *name, size_t max, uint8_t **ret,
    size_t *ret_len)
{
	char path[CT_SHARD_PATH_MAX];
	int rc;

	rc = base_str_format(path, sizeof(path), "%s/%s", r->s->dir, name);
	if (rc == 0)
		rc = store_file_load(path, max, ret, ret_len);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return base_fault_set(
		    r->f, rc, "%s: %s", path, base_err_text(rc));
	return rc;
}

static int
load_params(struct recovery *r)
{
	uint8_t *data;
	size_t len;
	int rc;

	rc = load_file(r, "log.json", CT_PARAMS_FILE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return damaged(r, "log.json is missing");
	if (rc != 0)
		return rc;
	rc = ct_params_parse((const char *)data, len, &r->s->params);
	free(data);
	return rc == 0 ? 0 : damaged(r, "log.json is not what was written");
}

static int
load_state(struct recovery *r)
{
	static const char *const names[] = { "open\n", "frozen\n", "archived\n",
		"retired\n" };
	uint8_t *data;
	size_t len, i;
	int rc;

	rc = load_file(r, "state", STATE_FILE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0; /* open: made but never changed */
	if (rc != 0)
		return rc;
	for (i = 0; i < 4; i++)
		if (strcmp((const char *)data, names[i]) == 0)
			break;
	free(data);
	if (i == 4)
		return damaged(r, "unknown content of the file state");
	r->s->fixed = (enum ct_shard_state)i;
	return 0;
}

/* Check both signatures of the published head and remember it. */
static int
load_head(struct recovery *r)
{
	struct ct_shard *s = r->s;
	struct merkle_checkpoint cp;
	struct ct_sth_key key;
	uint8_t *data;
	size_t len;
	int rc;

	rc = load_file(r, "checkpoint", sizeof(s->checkpoint) - 1, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0; /* nothing was ever published */
	if (rc != 0)
		return rc;
	memcpy(s->checkpoint, data, len);
	free(data);
	key.origin = s->params.origin;
	key.spki = s->params.spki;
	key.spki_len = s->params.spki_len;
	key.note = &s->params.note;
	rc = ct_sth_open(&key, s->checkpoint, len, &cp, &s->head.sth);
	if (rc != 0)
		return damaged(r, "the checkpoint is not signed by this log");
	s->head.tree = cp.head;
	s->head.checkpoint = s->checkpoint;
	s->head.checkpoint_len = len;
	s->has_head = true;
	s->published = s->sequenced = cp.head.size;
	s->timestamp_ms = s->head.sth.timestamp_ms;
	return 0;
}

static int
load_tail(struct recovery *r)
{
	struct ct_shard *s = r->s;
	struct merkle_hash root;
	int rc;

	rc = ct_tail_open(s->opts.disk, s->dir, s->published, &s->tail);
	if (rc == ERR_STATE_INTEGRITY)
		return damaged(r, "the right-edge tiles are incomplete");
	if (rc != 0)
		return base_fault_set(
		    r->f, rc, "%s: cannot read tiles", s->dir);
	ct_tail_root(s->tail, &root);
	if (s->has_head && !merkle_tree_equal(&root, &s->head.tree.root))
		return damaged(
		    r, "the tiles do not have the root that was signed");
	return 0;
}

/* An entry that is published already must be the one in the tree. */
static int
check_published(struct recovery *r, const struct ct_item *item)
{
	const struct merkle_reader *reader = ct_tiles_reader(r->tiles);
	struct merkle_hash hash;

	if (reader->node(reader->ctx, 0, item->key.index, &hash) != 0)
		return damaged(r, "a tile is missing");
	if (!merkle_tree_equal(&hash, &item->key.leaf))
		return damaged(r, "the write-ahead log and the tiles differ");
	return 0;
}

static int
replay_leaves(
    struct recovery *r, struct ct_batch *b, const struct ct_wal_record *record)
{
	struct ct_shard *s = r->s;
	const uint8_t *leaf;
	size_t pos = 0, len;
	unsigned i;
	int rc;

	for (i = 0; i < record->count; i++) {
		if (ct_wal_next_leaf(record, &pos, &leaf, &len) != 1 ||
		    ct_shard_batch_item(
			b, i, (size_t)(leaf - record->payload), len) != 0)
			return damaged(
			    r, "an entry of the write-ahead log is malformed");
		if (b->item[i].key.index < s->published &&
		    (rc = check_published(r, &b->item[i])) != 0)
			return rc;
		if (s->timestamp_ms < b->item[i].key.timestamp_ms)
			s->timestamp_ms = b->item[i].key.timestamp_ms;
	}
	if (pos != record->payload_len)
		return damaged(
		    r, "a record of the write-ahead log is too long");
	return 0;
}

static int
replay(void *ctx, const struct ct_wal_record *record)
{
	struct recovery *r = ctx;
	struct ct_shard *s = r->s;
	struct ct_batch *b;
	int rc;

	b = ct_shard_batch_new(record->first, record->count);
	if (b == NULL)
		return ERR_SYS_NOMEM;
	rc = base_buf_append(&b->record, record->payload, record->payload_len);
	if (rc == 0)
		rc = replay_leaves(r, b, record);
	if (rc == 0 && record->first < s->published &&
	    record->first + record->count > s->published)
		/* Heads are made between records, never inside one. */
		rc = damaged(r, "the checkpoint ends inside a record");
	if (rc != 0 || record->first < s->published) {
		ct_shard_batch_free(b);
		return rc;
	}
	ct_shard_add_batch(s, b);
	return 0;
}

static int
load_wal(struct recovery *r)
{
	struct ct_shard *s = r->s;
	struct ct_walfile_opts opts;
	int rc;

	memset(&opts, 0, sizeof(opts));
	opts.disk = s->opts.disk;
	opts.dir = s->dir;
	opts.published = s->published;
	memcpy(opts.digest, s->params.digest, sizeof(opts.digest));
	opts.segment_max = s->opts.limits.segment_max != 0
			       ? s->opts.limits.segment_max
			       : CT_WAL_SEGMENT_MAX;
	opts.each = replay;
	opts.ctx = r;
	if ((r->tiles = ct_tiles_new(s->dir, s->published)) == NULL)
		return ERR_SYS_NOMEM;
	rc = ct_walfile_open(&opts, &s->wal, r->f);
	ct_tiles_free(r->tiles);
	return rc;
}

/* Does the index hold what the tiles hold, at its newest entry? */
static bool
index_fits(struct ct_shard *s, uint64_t indexed)
{
	const struct merkle_reader *reader;
	struct ct_tiles *tiles;
	struct merkle_hash hash;
	uint64_t index = 0;
	bool fits;

	if (indexed == 0)
		return true;
	if (indexed > s->published ||
	    (tiles = ct_tiles_new(s->dir, s->published)) == NULL)
		return false;
	reader = ct_tiles_reader(tiles);
	fits = reader->node(reader->ctx, 0, indexed - 1, &hash) == 0 &&
	       ct_index_by_leaf(s->index, &hash, &index) == 0 &&
	       index == indexed - 1;
	ct_tiles_free(tiles);
	return fits;
}

/* The index can be lost without harm: look-ups by hash wait until it is
 * rebuilt. */
static int
load_index(struct recovery *r)
{
	struct ct_shard *s = r->s;
	char path[CT_SHARD_PATH_MAX];
	uint64_t indexed;
	int rc;

	rc = base_str_format(path, sizeof(path), "%s/index", s->dir);
	if (rc != 0)
		return rc;
	rc = ct_index_open(path, &s->index);
	if (rc == ERR_SYS_DATABASE) {
		(void)!ct_index_remove(path);
		rc = ct_index_open(path, &s->index);
	}
	if (rc != 0)
		return base_fault_set(
		    r->f, rc, "%s: %s", path, base_err_text(rc));
	if (ct_index_size(s->index, &indexed) != 0 || !index_fits(s, indexed))
		rc = ct_index_clear(s->index);
	if (rc == 0)
		rc = ct_index_size(s->index, &indexed);
	if (rc != 0)
		return base_fault_set(
		    r->f, rc, "%s: %s", path, base_err_text(rc));
	s->indexing = indexed < s->published;
	/* A short gap is closed before the first submission, so that what was
	 * logged just before a crash is known afterwards. */
	while (s->indexing && s->published - indexed <= CATCH_UP_MAX) {
		ct_indexer_run(s, s->published);
		if (ct_index_size(s->index, &indexed) != 0)
			break;
	}
	return 0;
}

int
ct_shard_recover(struct ct_shard *s, struct fault *f)
{
	struct recovery r = { s, NULL, f };
	int rc;

	if ((rc = load_params(&r)) != 0 || (rc = load_state(&r)) != 0 ||
	    (rc = load_head(&r)) != 0 || (rc = load_tail(&r)) != 0 ||
	    (rc = load_wal(&r)) != 0)
		return rc;
	return load_index(&r);
}
