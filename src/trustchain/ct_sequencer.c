/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sequencer: takes all that is queued, gives each entry its index and
 * timestamp, makes the batch durable as one record, and only then lets SCTs
 * be signed.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "loop/loop.h"
#include "ops/faults.h"
#include "store/disk.h"
#include "trustchain/ct_points.h"
#include "trustchain/ct_shard_internal.h"
#include "wire/hex.h"

/* What came of one round; handed to the loop as it is. */
struct round {
	struct ct_shard *shard;
	struct ct_shard_entry *first, **end;
};

static void
append(struct round *r, struct ct_shard_entry *e, int rc)
{
	e->rc = rc;
	e->next = NULL;
	*r->end = e;
	r->end = &e->next;
}

static void
deliver(void *ctx)
{
	struct round *r = ctx;
	struct ct_shard_entry *e, *next;

	for (e = r->first; e != NULL; e = next) {
		next = e->next;
		if (e->rc != 0)
			e->done(e, e->rc);
		else
			ct_shard_sign(r->shard, e);
	}
	free(r);
}

static void
hand_over(struct round *r)
{
	/* The loop's queue is bounded; what is durable must be answered. */
	while (loop_post(r->shard->opts.loop, deliver, r) != 0)
		(void)usleep(1000);
}

/* Each issuer's file is durable before the first record that names it. */
static int
write_issuers(struct ct_shard *s, const struct ct_shard_entry *e)
{
	char path[CT_SHARD_PATH_MAX], hex[65];
	const struct ct_shard_issuer *is;
	size_t i;
	int rc;

	for (i = 0; i < e->issuers; i++) {
		is = &e->issuer[i];
		if (base_map_get(s->issuers, is->fingerprint, 32) != NULL)
			continue;
		rc = ops_fault_point(s->opts.faults, CT_POINT_ISSUER);
		if (rc != 0)
			return rc;
		wire_hex_encode(is->fingerprint, 32, hex);
		rc = base_str_format(
		    path, sizeof(path), "%s/issuer/%s", s->dir, hex);
		if (rc == 0 && access(path, F_OK) != 0)
			rc = store_disk_replace(s->opts.disk, path,
			    is->der.data, is->der.len, 0644, "ct.issuer");
		if (rc != 0)
			return rc;
		(void)!base_map_put(
		    s->issuers, is->fingerprint, 32, s->issuers);
	}
	return 0;
}

/* Add an entry to the batch being made. */
static int
add(struct ct_shard *s, struct ct_batch *b, struct ct_shard_entry *e,
    struct buf *scratch)
{
	uint8_t chain[32 * CT_LEAF_CHAIN_MAX];
	struct ct_leaf leaf;
	size_t i, off;
	int rc;

	memset(&leaf, 0, sizeof(leaf));
	for (i = 0; i < e->issuers; i++)
		memcpy(chain + 32 * i, e->issuer[i].fingerprint, 32);
	leaf.timestamp_ms = e->sct.timestamp_ms = s->timestamp_ms;
	leaf.index = e->index = b->first + b->count;
	leaf.entry = e->entry;
	leaf.precert = e->precert;
	leaf.chain.data = chain;
	leaf.chain.len = 32 * e->issuers;
	scratch->len = 0;
	if ((rc = ct_leaf_encode(&leaf, scratch)) != 0)
		return rc;
	off = b->record.len + 4;
	rc = ct_wal_leaf(&b->record, scratch->data, scratch->len);
	if (rc == 0)
		rc = ct_shard_batch_item(b, b->count, off, scratch->len);
	if (rc == 0)
		b->count++;
	else
		b->record.len = off - 4;
	return rc;
}

/* Is the entry one of this batch?  Batches are small. */
static int
in_batch(const struct ct_batch *b, struct ct_shard_entry *e)
{
	struct ct_leaf leaf;
	unsigned i;
	size_t n;

	for (i = 0; i < b->count; i++) {
		if (memcmp(b->item[i].key.dedup, e->dedup, CT_LEAF_DEDUP_LEN) !=
		    0)
			continue;
		if (ct_leaf_parse(b->record.data + b->item[i].off,
			b->item[i].len, &leaf, &n) != 0 ||
		    !ct_leaf_same(&leaf.entry, &e->entry))
			continue;
		e->index = leaf.index;
		e->sct.timestamp_ms = leaf.timestamp_ms;
		return 1;
	}
	return 0;
}

static int
room_for(const struct ct_batch *b, const struct ct_shard_entry *e)
{
	return b->record.len + e->entry.cert.len + e->precert.len +
		   32 * e->issuers + 128 <=
	       CT_WAL_PAYLOAD_MAX;
}

/* Make the batch durable and visible. */
static int
commit(struct ct_shard *s, struct ct_batch *b)
{
	int rc;

	if ((rc = ops_fault_point(s->opts.faults, CT_POINT_WAL)) != 0 ||
	    (rc = ct_walfile_append(s->wal, &b->record, b->count)) != 0 ||
	    (rc = ops_fault_point(s->opts.faults, CT_POINT_SEQUENCED)) != 0) {
		ct_shard_fail(s, "write-ahead log", rc);
		return ERR_STATE_READ_ONLY;
	}
	pthread_mutex_lock(&s->lock);
	ct_shard_add_batch(s, b);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* One entry of a round: known already, new, or impossible. */
static int
place(struct ct_shard *s, struct ct_batch *b, struct ct_shard_entry *e,
    struct buf *scratch)
{
	int rc;

	if (in_batch(b, e))
		return 0;
	ct_shard_find(s, e);
	if (e->known)
		return 0;
	if (b->first + b->count >= s->opts.limits.max_entries)
		return ERR_STATE_READ_ONLY;
	if ((rc = write_issuers(s, e)) != 0) {
		ct_shard_fail(s, "issuer file", rc);
		return ERR_STATE_READ_ONLY;
	}
	return add(s, b, e, scratch);
}

/* Sequence a list of entries in one record; return the rest, which did not
 * fit into it. */
static struct ct_shard_entry *
sequence(struct ct_shard *s, struct ct_shard_entry *list, unsigned n)
{
	struct ct_shard_entry *e, *next;
	struct ct_batch *b;
	struct round *r;
	struct buf scratch;
	uint64_t now;
	int rc = 0;

	while ((r = calloc(1, sizeof(*r))) == NULL)
		(void)usleep(1000);
	r->shard = s;
	r->end = &r->first;
	base_buf_init(&scratch, CT_WAL_PAYLOAD_MAX);
	b = ct_shard_batch_new(ct_walfile_next(s->wal), n);
	if (b == NULL)
		rc = ERR_SYS_NOMEM;
	else
		rc = ct_wal_begin(&b->record, b->first);
	if (b != NULL)
		b->count = 0;
	now = (uint64_t)base_clock_now_ms(s->opts.clock);
	if (now > s->timestamp_ms)
		s->timestamp_ms = now;
	for (e = list; e != NULL; e = next) {
		if (rc == 0 && !room_for(b, e))
			break;
		next = e->next;
		append(r, e, rc == 0 ? place(s, b, e, &scratch) : rc);
	}
	list = e;
	base_buf_free(&scratch);
	if (rc == 0 && b->count > 0 && (rc = commit(s, b)) == 0)
		b = NULL;
	/* On failure nothing of the batch was promised. */
	if (rc != 0)
		for (e = r->first; e != NULL; e = e->next)
			if (e->rc == 0 && !e->known)
				e->rc = rc;
	ct_shard_batch_free(b);
	hand_over(r);
	return list;
}

/*
 * Let the first of the queue wait up to batch_ms for more, if more are on
 * their way; what came while the last batch was written has waited already.
 * The lock is held.
 */
static void
gather(struct ct_shard *s)
{
	uint64_t until_us = s->queued_us + 1000U * s->opts.limits.batch_ms;
	struct timespec until = { (time_t)(until_us / 1000000),
		(long)(until_us % 1000000) * 1000 };

	if (s->opts.limits.batch_ms == 0)
		return;
	while (!s->stopping && s->expected > 0 &&
	       s->queued < s->opts.limits.batch_max)
		if (pthread_cond_timedwait(&s->wake, &s->lock, &until) != 0)
			break;
}

/* Take up to batch_max from the queue; the lock is held. */
static struct ct_shard_entry *
take(struct ct_shard *s, unsigned *ret_n)
{
	struct ct_shard_entry *first = s->queue, *last = NULL, *e;
	unsigned n = 0;

	for (e = first; e != NULL && n < s->opts.limits.batch_max;
	     e = e->next) {
		last = e;
		n++;
	}
	if (last != NULL)
		last->next = NULL;
	s->queue = e;
	if (e == NULL)
		s->queue_end = &s->queue;
	s->queued -= n;
	*ret_n = n;
	return first;
}

static void
refuse(struct ct_shard *s, struct ct_shard_entry *list)
{
	struct ct_shard_entry *e, *next;
	struct round *r;

	while ((r = calloc(1, sizeof(*r))) == NULL)
		(void)usleep(1000);
	r->shard = s;
	r->end = &r->first;
	for (e = list; e != NULL; e = next) {
		next = e->next;
		append(r, e, ERR_STATE_READ_ONLY);
	}
	hand_over(r);
}

void *
ct_sequencer_run(void *ctx)
{
	struct ct_shard *s = ctx;
	struct ct_shard_entry *list;
	bool read_only;
	unsigned n;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (s->queued == 0 && !s->stopping)
			(void)pthread_cond_wait(&s->wake, &s->lock);
		if (s->queued == 0)
			break;
		gather(s);
		list = take(s, &n);
		read_only = s->read_only;
		pthread_mutex_unlock(&s->lock);
		if (read_only)
			refuse(s, list);
		else
			while (list != NULL)
				list = sequence(s, list, n);
		pthread_mutex_lock(&s->lock);
	}
	s->sequencer_done = true;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
