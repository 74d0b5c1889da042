/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_read.h"

#include <stdlib.h>
#include <string.h>

#include "http/request.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "ops/metrics.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_read_internal.h"

const struct ct_reply_error ct_read_not_found = { 404, "not_found",
	"there is no such thing in this log" };
const struct ct_reply_error ct_read_malformed = { 400, "malformed",
	"a parameter is missing or out of range" };
static const struct ct_reply_error no_head = { 503, "not_yet_published",
	"the log has not published its first head yet" };
static const struct ct_reply_error busy = { 503, "queue_full",
	"too many requests wait" };
static const struct ct_reply_error rebuilding = { 503, "not_yet_published",
	"the index is being rebuilt" };
static const struct ct_reply_error broken = { 500, "internal",
	"the log's files cannot be read" };

struct ct_read *
ct_read_new(struct ct_log *l, struct ct_shard *shard, struct http_request *r,
    enum ct_reply_style style)
{
	const struct ct_shard_head *head = ct_shard_head(shard);
	struct ct_read *q;

	if (head == NULL) {
		ct_reply_fail(r, style, &no_head);
		return NULL;
	}
	if ((q = calloc(1, sizeof(*q))) == NULL) {
		ct_reply_fail(r, style, &busy);
		return NULL;
	}
	q->log = l;
	q->shard = shard;
	q->r = r;
	q->style = style;
	q->size = head->tree.size;
	q->started_us = loop_monotonic_us();
	return q;
}

void
ct_read_free(struct ct_read *q)
{
	json_decref(q->json);
	loop_timer_free(q->timer);
	free(q->data);
	free(q->checkpoint);
	free(q);
}

void
ct_read_fail(struct ct_read *q, const struct ct_reply_error *error)
{
	ct_reply_fail(q->r, q->style, error);
	ct_read_free(q);
}

static void
work(void *ctx)
{
	struct ct_read *q = ctx;
	struct ct_tiles *tiles;
	int rc;

	if ((tiles = ct_tiles_new(ct_shard_dir(q->shard), q->size)) == NULL) {
		q->error = &busy;
		return;
	}
	rc = q->work(q, tiles);
	ct_tiles_free(tiles);
	if (rc == 0 || q->error != NULL)
		return;
	if (rc == ERR_STATE_NOT_FOUND)
		q->error = &ct_read_not_found;
	else if (rc == ERR_STATE_PENDING)
		q->error = &rebuilding;
	else
		q->error = &broken;
}

static void
done(void *ctx)
{
	struct ct_read *q = ctx;
	uint8_t *data = q->data;

	if (q->metric != NULL)
		ops_metrics_observe(ct_log_metrics(q->log),
		    CT_METRIC_PROOF_SECONDS, OPS_LABELS(q->metric),
		    (double)(loop_monotonic_us() - q->started_us) / 1e6);
	if (q->error != NULL) {
		ct_read_fail(q, q->error);
		return;
	}
	if (data != NULL) {
		q->data = NULL;
		ct_reply_file(q->r, data, q->len, q->type, q->gzip);
	} else {
		ct_reply_json(q->r, q->json);
		q->json = NULL;
	}
	ct_read_free(q);
}

void
ct_read_run(struct ct_read *q)
{
	if (loop_pool_submit(ct_log_pool(q->log), work, done, q) != 0)
		ct_read_fail(q, &busy);
}

json_t *
ct_read_path(const struct merkle_proof *proof)
{
	json_t *path = json_array();
	size_t i;

	for (i = 0; i < proof->count; i++)
		if (json_array_append_new(path,
			ct_reply_base64(proof->hash[i].b, MERKLE_HASH_LEN)) !=
		    0) {
			json_decref(path);
			return NULL;
		}
	return path;
}
