/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_shard.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/str.h"
#include "loop/loop.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "trustchain/ct_points.h"
#include "trustchain/ct_shard_internal.h"
#include "trustchain/ct_tiles.h"

#define DAY_MS INT64_C(86400000)

struct ct_batch *
ct_shard_batch_new(uint64_t first, unsigned count)
{
	struct ct_batch *b;

	b = calloc(1, sizeof(*b) + count * sizeof(b->item[0]));
	if (b == NULL)
		return NULL;
	b->first = first;
	b->count = count;
	base_buf_init(&b->record,
	    CT_WAL_RECORD_LEN + CT_WAL_PAYLOAD_MAX + CT_WAL_TRAILER_LEN);
	return b;
}

void
ct_shard_batch_free(struct ct_batch *batch)
{
	if (batch == NULL)
		return;
	base_buf_free(&batch->record);
	free(batch);
}

int
ct_shard_batch_item(struct ct_batch *batch, unsigned i, size_t off, size_t len)
{
	struct ct_item *item = &batch->item[i];
	struct ct_leaf leaf;
	size_t n;

	if (ct_leaf_parse(batch->record.data + off, len, &leaf, &n) != 0 ||
	    n != len || leaf.index != batch->first + i)
		return ERR_PEER_MALFORMED;
	ct_leaf_hash(&leaf, &item->key.leaf);
	ct_leaf_dedup(&leaf.entry, item->key.dedup);
	item->key.index = leaf.index;
	item->key.timestamp_ms = leaf.timestamp_ms;
	item->batch = batch;
	item->off = (uint32_t)off;
	item->len = (uint32_t)len;
	return 0;
}

void
ct_shard_add_batch(struct ct_shard *s, struct ct_batch *batch)
{
	struct ct_item *item;
	unsigned i;

	for (i = 0; i < batch->count; i++) {
		item = &batch->item[i];
		/* A full map costs duplicates, not correctness. */
		(void)!base_map_put(
		    s->by_dedup, item->key.dedup, CT_LEAF_DEDUP_LEN, item);
		(void)!base_map_put(
		    s->by_leaf, item->key.leaf.b, MERKLE_HASH_LEN, item);
	}
	batch->next = NULL;
	*s->batches_end = batch;
	s->batches_end = &batch->next;
	s->sequenced = batch->first + batch->count;
	s->unindexed += batch->count;
}

static void
forget(struct map *m, const uint8_t *key, size_t len, struct ct_item *item)
{
	if (base_map_get(m, key, len) == item)
		(void)base_map_take(m, key, len);
}

void
ct_shard_drop_indexed(struct ct_shard *s, uint64_t size)
{
	struct ct_batch *b;
	unsigned i;

	while ((b = s->batches) != NULL && b->first + b->count <= size) {
		for (i = 0; i < b->count; i++) {
			forget(s->by_dedup, b->item[i].key.dedup,
			    CT_LEAF_DEDUP_LEN, &b->item[i]);
			forget(s->by_leaf, b->item[i].key.leaf.b,
			    MERKLE_HASH_LEN, &b->item[i]);
		}
		s->unindexed -= b->count;
		s->batches = b->next;
		if (s->batches == NULL)
			s->batches_end = &s->batches;
		ct_shard_batch_free(b);
	}
}

void
ct_shard_fail(struct ct_shard *s, const char *what, int rc)
{
	pthread_mutex_lock(&s->lock);
	s->read_only = true;
	pthread_mutex_unlock(&s->lock);
	OPS_LOG(s->opts.log, OPS_LOG_ERROR, "ct", "ct.readonly",
	    OPS_LOG_STR("shard", s->params.period.name),
	    OPS_LOG_STR("step", what), OPS_LOG_STR("error", base_err_name(rc)));
}

const struct ct_params *
ct_shard_params(const struct ct_shard *s)
{
	return &s->params;
}

const char *
ct_shard_dir(const struct ct_shard *s)
{
	return s->dir;
}

enum ct_shard_state
ct_shard_state(const struct ct_shard *s)
{
	int64_t now = base_clock_now_ms(s->opts.clock);

	if (s->fixed != CT_SHARD_OPEN)
		return s->fixed;
	if (now >= s->params.period.end_ms + 90 * DAY_MS)
		return CT_SHARD_ARCHIVED;
	return now >= s->params.period.end_ms ? CT_SHARD_FROZEN : CT_SHARD_OPEN;
}

const struct ct_shard_head *
ct_shard_head(const struct ct_shard *s)
{
	return s->has_head ? &s->head : NULL;
}

int
ct_shard_submit(struct ct_shard *s, struct ct_shard_entry *e)
{
	int rc = 0;

	e->shard = s;
	e->next = NULL;
	e->rc = 0;
	if (s->held)
		return ERR_STATE_READ_ONLY;
	if (e->known && s->fixed != CT_SHARD_RETIRED) {
		ct_shard_sign(s, e);
		return 0;
	}
	if (!s->started || ct_shard_state(s) != CT_SHARD_OPEN)
		return ERR_STATE_CLOSED;
	pthread_mutex_lock(&s->lock);
	if (s->stopping)
		rc = ERR_STATE_CLOSED;
	else if (s->read_only || s->sequenced >= s->opts.limits.max_entries)
		rc = ERR_STATE_READ_ONLY;
	else if (s->queued >= s->opts.limits.queue_max)
		rc = ERR_STATE_FULL;
	if (rc == 0) {
		if (s->queued == 0)
			s->queued_us = loop_monotonic_us();
		*s->queue_end = e;
		s->queue_end = &e->next;
		s->queued++;
		pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void
ct_shard_expect(struct ct_shard *s)
{
	pthread_mutex_lock(&s->lock);
	s->expected++;
	pthread_mutex_unlock(&s->lock);
}

void
ct_shard_expected(struct ct_shard *s)
{
	pthread_mutex_lock(&s->lock);
	TROTH_ASSERT(s->expected > 0);
	s->expected--;
	/* It waits for nobody now. */
	if (s->expected == 0 && s->queued > 0)
		pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

/* Compare with an unpublished entry, in memory; the lock is held. */
static bool
same_in_batch(const struct ct_item *item, const struct ct_shard_entry *e)
{
	struct ct_leaf leaf;
	size_t n;

	return ct_leaf_parse(item->batch->record.data + item->off, item->len,
		   &leaf, &n) == 0 &&
	       ct_leaf_same(&leaf.entry, &e->entry);
}

static bool
same_in_tile(struct ct_shard *s, uint64_t index, uint64_t size,
    const struct ct_shard_entry *e)
{
	struct ct_tiles *tiles;
	struct ct_leaf leaf;
	bool same = false;

	if ((tiles = ct_tiles_new(s->dir, size)) == NULL)
		return false;
	if (ct_tiles_leaf(tiles, index, &leaf) == 0)
		same = ct_leaf_same(&leaf.entry, &e->entry);
	ct_tiles_free(tiles);
	return same;
}

void
ct_shard_find(struct ct_shard *s, struct ct_shard_entry *e)
{
	uint64_t index = 0, timestamp_ms = 0, size;
	struct ct_item *item;
	int where = 0; /* 1: confirm in the tile, 2: confirmed */

	e->known = false;
	pthread_mutex_lock(&s->lock);
	size = s->published;
	item = base_map_get(s->by_dedup, e->dedup, CT_LEAF_DEDUP_LEN);
	if (item != NULL) {
		index = item->key.index;
		timestamp_ms = item->key.timestamp_ms;
		if (item->batch->record.data == NULL)
			where = 1;
		else
			where = same_in_batch(item, e) ? 2 : 0;
	}
	pthread_mutex_unlock(&s->lock);
	if (item == NULL && s->index != NULL &&
	    ct_index_by_dedup(s->index, e->dedup, &index, &timestamp_ms) == 0) {
		/* Indexed implies published, but perhaps only just now. */
		where = 1;
		pthread_mutex_lock(&s->lock);
		size = s->published;
		pthread_mutex_unlock(&s->lock);
	}
	if (where == 2 || (where == 1 && same_in_tile(s, index, size, e))) {
		e->known = true;
		e->index = index;
		e->sct.timestamp_ms = timestamp_ms;
	}
}

int
ct_shard_by_leaf(
    struct ct_shard *s, const struct merkle_hash *leaf, uint64_t *ret)
{
	struct ct_item *item;
	bool indexing, found = false;
	int rc;

	pthread_mutex_lock(&s->lock);
	indexing = s->indexing;
	item = base_map_get(s->by_leaf, leaf->b, MERKLE_HASH_LEN);
	if (item != NULL && item->key.index < s->published) {
		*ret = item->key.index;
		found = true;
	}
	pthread_mutex_unlock(&s->lock);
	if (found)
		return 0;
	rc = s->index == NULL ? ERR_STATE_NOT_FOUND
			      : ct_index_by_leaf(s->index, leaf, ret);
	return rc == ERR_STATE_NOT_FOUND && indexing ? ERR_STATE_PENDING : rc;
}

static void
signed_sct(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ct_shard_entry *e = ctx;

	if (rc == 0 && len > sizeof(e->sct.sig))
		rc = ERR_SYS_LIMIT;
	if (rc == 0) {
		memcpy(e->sct.sig, sig, len);
		e->sct.sig_len = (uint16_t)len;
		rc = ops_fault_point(e->shard->opts.faults, CT_POINT_REPLY);
	}
	e->done(e, rc);
}

/* An error before the request is under way is reported like one after it:
 * later. */
static void
sign_failed(void *ctx)
{
	struct ct_shard_entry *e = ctx;

	e->done(e, e->rc);
}

void
ct_shard_sign(struct ct_shard *s, struct ct_shard_entry *e)
{
	size_t cap = e->entry.cert.len + 128, len;
	struct keys_request req;
	struct pki_bytes ext;
	uint8_t *input;
	int rc;

	e->rc = ops_fault_point(s->opts.faults, CT_POINT_SIGN);
	memcpy(e->sct.log_id, s->params.log_id, 32);
	e->sct.hash_alg = 4; /* sha256 */
	e->sct.sig_alg = 3;  /* ecdsa */
	pki_ct_leaf_index_encode(e->index, e->sct.ext);
	e->sct.ext_len = PKI_CT_LEAF_INDEX_LEN;
	ext.data = e->sct.ext;
	ext.len = e->sct.ext_len;
	if ((input = malloc(cap)) == NULL) {
		rc = ERR_SYS_NOMEM;
	} else {
		rc = pki_ct_signed_input(
		    &e->entry, e->sct.timestamp_ms, ext, input, cap, &len);
		if (rc == 0) {
			req.op = CT_OP_SCT;
			req.slot = s->opts.log_slot;
			req.payload = input;
			req.len = len;
			rc = e->rc != 0
				 ? e->rc
				 : s->opts.signer.call(
				       s->opts.signer.ctx, &req, signed_sct, e);
		}
		free(input);
	}
	if (rc == 0)
		return;
	e->rc = rc;
	if (loop_post(s->opts.loop, sign_failed, e) != 0)
		e->done(e, rc);
}

void
ct_shard_stats(struct ct_shard *s, struct ct_shard_stats *ret)
{
	int64_t now = base_clock_now_ms(s->opts.clock);
	const struct ct_batch *b;

	memset(ret, 0, sizeof(*ret));
	pthread_mutex_lock(&s->lock);
	ret->queued = s->queued;
	ret->sequenced = s->sequenced;
	ret->read_only = s->read_only;
	ret->indexing = s->indexing;
	for (b = s->batches; b != NULL; b = b->next)
		if (b->first + b->count > s->published) {
			ret->lag_ms =
			    now - (int64_t)b->item[0].key.timestamp_ms;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	ret->publishing = ct_publish_busy(s);
	ret->held = s->held;
	ret->quorum_known = s->quorum_known;
	ret->quorum_met = s->quorum_met;
	if (s->has_head)
		ret->head_age_ms = now - (int64_t)s->head.sth.timestamp_ms;
}

int
ct_shard_open(
    const struct ct_shard_opts *opts, struct ct_shard **ret, struct fault *f)
{
	pthread_condattr_t attr;
	struct ct_shard *s;
	int rc;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_SYS_NOMEM;
	s->opts = *opts;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	s->queue_end = &s->queue;
	s->batches_end = &s->batches;
	s->by_dedup = base_map_new(CT_SHARD_UNINDEXED_MAX, opts->siphash_key);
	s->by_leaf = base_map_new(CT_SHARD_UNINDEXED_MAX, opts->siphash_key);
	s->issuers = base_map_new(CT_SHARD_ISSUERS_MAX, opts->siphash_key);
	if (s->by_dedup == NULL || s->by_leaf == NULL || s->issuers == NULL)
		rc = ERR_SYS_NOMEM;
	else
		rc = base_str_copy(s->dir, sizeof(s->dir), opts->dir);
	if (rc == 0)
		rc = ct_shard_recover(s, f);
	if (rc != 0) {
		ct_shard_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

int
ct_shard_start(struct ct_shard *s)
{
	int rc;

	if ((rc = ct_publish_start(s)) != 0)
		return rc;
	if (pthread_create(&s->thread, NULL, ct_sequencer_run, s) != 0)
		return ERR_SYS_OS;
	s->started = true;
	return 0;
}

void
ct_shard_stop(struct ct_shard *s, void (*stopped)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	ct_publish_stop(s, stopped, ctx);
}

void
ct_shard_free(struct ct_shard *s)
{
	struct ct_batch *b;

	if (s == NULL)
		return;
	if (s->started) {
		pthread_mutex_lock(&s->lock);
		s->stopping = true;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->lock);
		(void)pthread_join(s->thread, NULL);
	}
	ct_publish_free(s);
	ct_walfile_close(s->wal);
	ct_tail_free(s->tail);
	ct_index_close(s->index);
	while ((b = s->batches) != NULL) {
		s->batches = b->next;
		ct_shard_batch_free(b);
	}
	base_map_free(s->by_dedup);
	base_map_free(s->by_leaf);
	base_map_free(s->issuers);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->wake);
	free(s);
}
