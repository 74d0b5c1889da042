/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher: turns what is sequenced into tiles and a signed head.  It is
 * a chain of steps, each begun when the one before has succeeded:
 *
 *   tiles (pool) -> STH (key process) -> note (key process) ->
 *   cosignatures (witnesses) -> checkpoint (pool) -> visible (loop) ->
 *   clean up (pool) -> idle
 *
 * A step that fails ends the chain; the next tick begins again.  After a
 * failure of the disk there is no next tick.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "store/disk.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_points.h"
#include "trustchain/ct_quorum.h"
#include "trustchain/ct_shard_internal.h"

struct ct_publish {
	struct ct_shard *shard;
	struct loop_timer *timer;
	bool busy, dead, stop;
	void (*stopped)(void *);
	void *stopped_ctx;

	/* The head being made. */
	uint64_t size;
	struct ct_batch *from;
	struct ct_shard_head head;
	char text[MERKLE_CHECKPOINT_TEXT_MAX];
	char note[CT_SHARD_CHECKPOINT_MAX];
	size_t note_len;
	int rc; /* of the pool's step */
	const char *step;
	struct ct_quorum_shard *quorum; /* NULL: no witnesses */
};

static void
finish(struct ct_publish *p)
{
	void (*stopped)(void *) = p->stopped;

	p->busy = false;
	if (!p->stop || stopped == NULL)
		return;
	/* Stopping: not before all that was sequenced is published. */
	pthread_mutex_lock(&p->shard->lock);
	if (!p->dead &&
	    (!p->shard->sequencer_done ||
		(p->shard->published < p->shard->sequenced && !p->shard->held &&
		    p->shard->fixed != CT_SHARD_RETIRED)))
		stopped = NULL;
	pthread_mutex_unlock(&p->shard->lock);
	if (stopped == NULL)
		return;
	loop_timer_stop(p->timer);
	p->stopped = NULL;
	stopped(p->stopped_ctx);
}

/* A step on the pool failed for good. */
static void
disk_failed(struct ct_publish *p)
{
	p->dead = true;
	ct_shard_fail(p->shard, p->step, p->rc);
	finish(p);
}

/* A signature was not to be had now; the next tick tries again. */
static void
not_signed(struct ct_publish *p, const char *step, int rc)
{
	OPS_LOG(p->shard->opts.log, OPS_LOG_WARN, "ct", "head not signed",
	    OPS_LOG_STR("shard", p->shard->params.period.name),
	    OPS_LOG_STR("step", step), OPS_LOG_STR("error", base_err_name(rc)));
	finish(p);
}

static void
clean_work(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;

	ct_tail_prune(s->tail);
	p->step = "old segments";
	p->rc = ct_walfile_drop(s->wal, p->size);
	if (p->rc == 0)
		p->rc = ops_fault_point(s->opts.faults, CT_POINT_DROP);
	if (p->rc == 0)
		ct_indexer_run(s, p->size);
}

static void
clean_done(void *ctx)
{
	struct ct_publish *p = ctx;

	if (p->rc != 0)
		disk_failed(p);
	else
		finish(p);
}

/* The entries' octets are in tiles now; only their keys stay. */
static void
release_records(struct ct_shard *s)
{
	struct ct_batch *b;

	for (b = s->batches; b != NULL && b->first + b->count <= s->published;
	     b = b->next)
		if (b->record.data != NULL)
			base_buf_free(&b->record);
}

static void
checkpoint_done(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;

	if (p->rc != 0) {
		disk_failed(p);
		return;
	}
	memcpy(s->checkpoint, p->note, p->note_len + 1);
	s->head = p->head;
	s->head.checkpoint = s->checkpoint;
	s->head.checkpoint_len = p->note_len;
	s->has_head = true;
	pthread_mutex_lock(&s->lock);
	s->published = p->size;
	release_records(s);
	pthread_mutex_unlock(&s->lock);
	ops_metrics_set(s->opts.metrics, CT_METRIC_LOG_SIZE,
	    OPS_LABELS(s->params.period.name), (double)p->size);
	if (loop_pool_submit(s->opts.pool, clean_work, clean_done, p) != 0)
		finish(p);
}

static void
checkpoint_work(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	char path[CT_SHARD_PATH_MAX];

	p->step = "checkpoint";
	p->rc = base_str_format(path, sizeof(path), "%s/checkpoint", s->dir);
	if (p->rc == 0)
		p->rc = store_disk_replace(s->opts.disk, path, p->note,
		    p->note_len, 0644, "ct.checkpoint");
	if (p->rc == 0)
		p->rc = ops_fault_point(s->opts.faults, CT_POINT_CHECKPOINT);
}

/*
 * The note so far: text, empty line, the tree head's signature.  The process
 * with the note key looks at that when the log key is on a token.
 */
static int
begin_note(struct ct_publish *p)
{
	const struct ct_params *params = &p->shard->params;
	char sth_line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t body[MERKLE_STH_BODY_MAX];
	struct merkle_vkey key;
	size_t body_len;
	int rc;

	rc = merkle_vkey_init(
	    &key, params->origin, MERKLE_SIG_RFC6962, params->log_id);
	if (rc == 0)
		rc = merkle_sth_body(&p->head.sth, body, &body_len);
	if (rc == 0)
		rc = merkle_notekey_line(
		    params->origin, key.id, body, body_len, sth_line);
	if (rc == 0)
		rc = base_str_format(
		    p->note, sizeof(p->note), "%s\n%s", p->text, sth_line);
	p->note_len = rc == 0 ? strlen(p->note) : 0;
	return rc;
}

/* And our other signature. */
static int
compose(struct ct_publish *p, const uint8_t *sig, size_t len)
{
	const struct ct_params *params = &p->shard->params;
	char line[MERKLE_NOTEKEY_LINE_MAX];
	int rc;

	rc = merkle_notekey_line(
	    params->origin, params->note.id, sig, len, line);
	if (rc == 0)
		rc = base_str_copy(
		    p->note + p->note_len, sizeof(p->note) - p->note_len, line);
	p->note_len = rc == 0 ? strlen(p->note) : 0;
	return rc;
}

/* The witnesses have answered, or their time is over. */
static void
cosigned(void *ctx, bool met, const char *lines)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	size_t n = strlen(lines);
	int rc = 0;

	s->quorum_known = true;
	s->quorum_met = met;
	if (!met && s->opts.quorum_strict) {
		/* Withheld: the next tick asks again. */
		finish(p);
		return;
	}
	if (n < sizeof(p->note) - p->note_len) {
		memcpy(p->note + p->note_len, lines, n + 1);
		p->note_len += n;
	}
	rc =
	    loop_pool_submit(s->opts.pool, checkpoint_work, checkpoint_done, p);
	if (rc != 0)
		not_signed(p, "checkpoint", rc);
}

static void
note_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;

	if (rc == 0)
		rc = ops_fault_point(s->opts.faults, CT_POINT_NOTE);
	if (rc == 0)
		rc = compose(p, sig, len);
	if (rc == 0 && p->quorum != NULL)
		rc = ct_quorum_ask(
		    p->quorum, &p->head.tree, p->note, cosigned, p);
	else if (rc == 0)
		rc = loop_pool_submit(
		    s->opts.pool, checkpoint_work, checkpoint_done, p);
	if (rc != 0)
		not_signed(p, "note", rc);
}

static void
sth_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	struct merkle_sth *sth = &p->head.sth;
	struct keys_request req = { CT_OP_NOTE, s->opts.note_slot,
		(const uint8_t *)p->note, 0 };

	if (rc == 0 && len > sizeof(sth->sig) - 4)
		rc = ERR_SYS_LIMIT;
	if (rc == 0)
		rc = ops_fault_point(s->opts.faults, CT_POINT_STH);
	if (rc == 0)
		rc = merkle_checkpoint_encode(
		    s->params.origin, &p->head.tree, p->text);
	if (rc == 0) {
		/* TLS digitally-signed: sha256, ecdsa. */
		sth->sig[0] = 4;
		sth->sig[1] = 3;
		sth->sig[2] = (uint8_t)(len >> 8);
		sth->sig[3] = (uint8_t)len;
		memcpy(sth->sig + 4, sig, len);
		sth->sig_len = len + 4;
		rc = begin_note(p);
	}
	if (rc == 0) {
		req.len = p->note_len;
		rc = s->opts.signer.call(
		    s->opts.signer.ctx, &req, note_signed, p);
	}
	if (rc != 0)
		not_signed(p, "tree head", rc);
}

/* STH times never decrease and are not before the newest SCT's. */
static uint64_t
sth_time(const struct ct_publish *p)
{
	struct ct_shard *s = p->shard;
	uint64_t t = (uint64_t)base_clock_now_ms(s->opts.clock);
	const struct ct_batch *b;

	pthread_mutex_lock(&s->lock);
	for (b = s->batches; b != NULL && b->first < p->size; b = b->next)
		if (t < b->item[b->count - 1].key.timestamp_ms)
			t = b->item[b->count - 1].key.timestamp_ms;
	pthread_mutex_unlock(&s->lock);
	if (s->has_head && t < s->head.sth.timestamp_ms)
		t = s->head.sth.timestamp_ms;
	return t;
}

static void
tiles_done(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	uint8_t input[MERKLE_STH_INPUT_LEN];
	struct keys_request req = { CT_OP_STH, s->opts.log_slot, input,
		sizeof(input) };
	int rc;

	if (p->rc != 0) {
		disk_failed(p);
		return;
	}
	p->head.sth.timestamp_ms = sth_time(p);
	merkle_sth_input(p->head.sth.timestamp_ms, p->head.tree.size,
	    p->head.tree.root.b, input);
	rc = s->opts.signer.call(s->opts.signer.ctx, &req, sth_signed, p);
	if (rc != 0)
		not_signed(p, "tree head", rc);
}

/* Entries up to p->size are immutable and linked: no lock. */
static void
tiles_work(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	const struct ct_item *item;
	const struct ct_batch *b;
	unsigned i;

	p->step = "tiles";
	p->rc = ops_fault_point(s->opts.faults, CT_POINT_TILES);
	for (b = p->from; p->rc == 0 && ct_tail_size(s->tail) < p->size;
	     b = b->next)
		for (i = 0; i < b->count && p->rc == 0; i++) {
			item = &b->item[i];
			/* An earlier attempt may have come this far. */
			if (item->key.index < ct_tail_size(s->tail))
				continue;
			p->rc = ct_tail_add(s->tail, b->record.data + item->off,
			    item->len, &item->key.leaf);
		}
	if (p->rc == 0)
		p->rc = ct_tail_flush(s->tail);
	if (p->rc == 0)
		p->rc = ops_fault_point(s->opts.faults, CT_POINT_TILES_DONE);
	if (p->rc == 0) {
		p->head.tree.size = p->size;
		ct_tail_root(s->tail, &p->head.tree.root);
	}
}

static void
tick(void *ctx)
{
	struct ct_publish *p = ctx;
	struct ct_shard *s = p->shard;
	struct ct_batch *b;
	uint64_t published;
	int64_t age;
	bool due, behind;
	int rc;

	if (p->busy || p->dead)
		return;
	if (s->held || s->fixed == CT_SHARD_RETIRED) {
		if (p->stop)
			finish(p);
		return;
	}
	age = base_clock_now_ms(s->opts.clock) -
	      (int64_t)s->head.sth.timestamp_ms;
	/* After 90 days (identity.md section 9) its head is not refreshed. */
	due = !s->has_head ||
	      (age >= (int64_t)s->opts.limits.sth_refresh_s * 1000 &&
		  ct_shard_state(s) != CT_SHARD_ARCHIVED);
	pthread_mutex_lock(&s->lock);
	published = s->published;
	p->size = s->sequenced;
	for (b = s->batches; b != NULL && b->first + b->count <= published;)
		b = b->next;
	p->from = b;
	behind = s->unindexed > 0 || s->indexing;
	pthread_mutex_unlock(&s->lock);
	p->busy = true;
	if (p->size == published && !due) {
		/* Nothing to publish; perhaps to index. */
		rc = behind ? loop_pool_submit(
				  s->opts.pool, clean_work, clean_done, p)
			    : ERR_STATE_CLOSED;
	} else {
		rc = loop_pool_submit(s->opts.pool, tiles_work, tiles_done, p);
	}
	/* p->rc is the job's from here on. */
	if (rc != 0)
		finish(p);
}

int
ct_publish_start(struct ct_shard *s)
{
	struct ct_publish *p;
	int rc;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_SYS_NOMEM;
	p->shard = s;
	rc = loop_timer_new(s->opts.loop, tick, p, &p->timer);
	if (rc == 0 && s->opts.quorum != NULL)
		rc = ct_quorum_shard_new(s->opts.quorum, s->dir, &p->quorum);
	if (rc != 0) {
		loop_timer_free(p->timer);
		free(p);
		return rc;
	}
	s->publish = p;
	loop_timer_start(p->timer, 0, s->opts.limits.checkpoint_ms);
	return 0;
}

void
ct_publish_stop(struct ct_shard *s, void (*stopped)(void *), void *ctx)
{
	s->publish->stop = true;
	s->publish->stopped = stopped;
	s->publish->stopped_ctx = ctx;
	if (s->publish->dead)
		finish(s->publish);
	else
		loop_timer_start(
		    s->publish->timer, 1, s->opts.limits.checkpoint_ms);
}

bool
ct_publish_busy(const struct ct_shard *s)
{
	return s->publish != NULL && s->publish->busy;
}

void
ct_publish_free(struct ct_shard *s)
{
	if (s->publish == NULL)
		return;
	loop_timer_free(s->publish->timer);
	ct_quorum_shard_free(s->publish->quorum);
	free(s->publish);
	s->publish = NULL;
}
