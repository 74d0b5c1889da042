/* SPDX-License-Identifier: Apache-2.0 */
/* The files of static-ct-api, and the proof for an SCT. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/request.h"
#include "loop/timer.h"
#include "merkle/tlogproof.h"
#include "store/file.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_read.h"
#include "trustchain/ct_read_internal.h"
#include "wire/base64.h"

enum { ISSUER_MAX = 65536, SCT_WAIT_MS = 2000, SCT_POLL_MS = 50 };

static int
tile_work(struct ct_read *q, struct ct_tiles *tiles)
{
	(void)tiles;
	q->type = "application/octet-stream";
	q->gzip = q->tile.level == MERKLE_TILE_LEVEL_DATA;
	return ct_tiles_file(
	    ct_shard_dir(q->shard), &q->tile, &q->data, &q->len);
}

static int
issuer_work(struct ct_read *q, struct ct_tiles *tiles)
{
	char path[4096];
	int rc;

	(void)tiles;
	q->type = "application/pkix-cert";
	rc = base_str_format(path, sizeof(path), "%s/issuer/%s",
	    ct_shard_dir(q->shard), q->name);
	return rc != 0 ? rc
		       : store_file_load(path, ISSUER_MAX, &q->data, &q->len);
}

/* Is this tile part of a tree that was published?  Tiles are on disk a little
 * earlier than the checkpoint that covers them. */
static bool
published(const struct merkle_tile *tile, uint64_t size)
{
	unsigned level =
	    tile->level == MERKLE_TILE_LEVEL_DATA ? 0 : tile->level;

	return tile->index * MERKLE_TILE_WIDTH + tile->width <= size >>
	       (8 * level);
}

static bool
is_fingerprint(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

void
ct_read_static(struct ct_log *l, struct ct_shard *shard, const char *path,
    struct http_request *r)
{
	struct ct_read *q = ct_read_new(l, shard, r, CT_REPLY_API);
	const struct ct_shard_head *head = ct_shard_head(shard);

	if (q == NULL)
		return;
	if (strcmp(path, "checkpoint") == 0) {
		ct_reply_text(r, head->checkpoint, head->checkpoint_len,
		    "text/plain; charset=utf-8");
		ct_read_free(q);
		return;
	}
	if (strncmp(path, "issuer/", 7) == 0 && is_fingerprint(path + 7)) {
		memcpy(q->name, path + 7, 65);
		q->work = issuer_work;
	} else if (merkle_tile_parse(path, strlen(path), &q->tile) == 0 &&
		   published(&q->tile, q->size)) {
		q->work = tile_work;
	} else {
		ct_read_fail(q, &ct_read_not_found);
		return;
	}
	ct_read_run(q);
}

/* The SCT is this log's, over the entry at its index. */
static int
check_sct(struct ct_read *q, struct ct_tiles *tiles, struct ct_leaf *leaf)
{
	const struct ct_params *p = ct_shard_params(q->shard);
	struct pki_bytes spki = { p->spki, p->spki_len };
	int rc;

	if ((rc = ct_tiles_leaf(tiles, q->first, leaf)) != 0)
		return rc;
	if (leaf->timestamp_ms != q->sct.timestamp_ms ||
	    pki_ct_sct_verify(&q->sct, &leaf->entry, spki) != 0)
		return ERR_STATE_NOT_FOUND;
	return 0;
}

static int
sct_json(struct ct_read *q, const struct merkle_proof *proof)
{
	q->json = json_pack("{s:{s:I, s:I, s:o, s:o}, s:s%, s:s}", "proof",
	    "leaf_index", (json_int_t)q->first, "tree_size",
	    (json_int_t)q->size, "audit_path", ct_read_path(proof), "root_hash",
	    ct_reply_base64(q->head.root.b, MERKLE_HASH_LEN), "checkpoint",
	    q->checkpoint, q->checkpoint_len, "shard",
	    ct_shard_params(q->shard)->period.name);
	return 0;
}

static int
sct_text(struct ct_read *q, const struct merkle_proof *proof)
{
	struct merkle_tlogproof p;
	size_t cap = q->checkpoint_len + 4096;
	int rc;

	memset(&p, 0, sizeof(p));
	p.index = q->first;
	p.proof = *proof;
	p.checkpoint = q->checkpoint;
	p.checkpoint_len = q->checkpoint_len;
	if ((q->data = malloc(cap)) == NULL)
		return ERR_SYS_NOMEM;
	q->type = "text/plain; charset=utf-8";
	rc = merkle_tlogproof_encode(&p, (char *)q->data, cap, &q->len);
	return rc;
}

static int
sct_work(struct ct_read *q, struct ct_tiles *tiles)
{
	struct merkle_proof proof;
	struct ct_leaf leaf;
	int rc;

	if ((rc = check_sct(q, tiles, &leaf)) != 0 ||
	    (rc = merkle_proof_inclusion(
		 ct_tiles_reader(tiles), q->first, q->size, &proof)) != 0)
		return rc;
	return q->as_text ? sct_text(q, &proof) : sct_json(q, &proof);
}

/* Wait until a head covers the entry, but not for long. */
static void
wait_for_head(void *ctx)
{
	static const struct ct_reply_error late = { 503, "not_yet_published",
		"no checkpoint covers the entry yet" };
	struct ct_read *q = ctx;
	const struct ct_shard_head *head = ct_shard_head(q->shard);
	struct ct_shard_stats st;

	ct_shard_stats(q->shard, &st);
	if (q->first >= st.sequenced) {
		ct_read_fail(q, &ct_read_not_found);
		return;
	}
	if (head->tree.size <= q->first) {
		q->waited_ms += SCT_POLL_MS;
		if (q->waited_ms > SCT_WAIT_MS)
			ct_read_fail(q, &late);
		return;
	}
	loop_timer_free(q->timer);
	q->timer = NULL;
	q->size = head->tree.size;
	q->head = head->tree;
	q->checkpoint = malloc(head->checkpoint_len + 1);
	if (q->checkpoint == NULL) {
		ct_read_fail(q, &late);
		return;
	}
	memcpy(q->checkpoint, head->checkpoint, head->checkpoint_len);
	q->checkpoint_len = head->checkpoint_len;
	ct_read_run(q);
}

void
ct_read_sct(struct ct_log *l, const char *text, struct http_request *r)
{
	uint8_t raw[PKI_CT_SCT_MAX];
	struct pki_bytes in = { raw, 0 }, ext;
	struct pki_ct_sct sct;
	struct ct_shard *shard;
	struct ct_read *q;
	const char *accept;
	uint64_t index;

	if (wire_base64_decode(WIRE_BASE64_URL, text, strlen(text), raw,
		sizeof(raw), &in.len) != 0 ||
	    pki_ct_sct_parse(in, &sct) != 0) {
		ct_reply_fail(r, CT_REPLY_API, &ct_read_malformed);
		return;
	}
	ext.data = sct.ext;
	ext.len = sct.ext_len;
	shard = ct_log_by_id(l, sct.log_id);
	if (shard == NULL || pki_ct_leaf_index_parse(ext, &index) != 0) {
		ct_reply_fail(r, CT_REPLY_API, &ct_read_not_found);
		return;
	}
	if ((q = ct_read_new(l, shard, r, CT_REPLY_API)) == NULL)
		return;
	accept = http_request_header(r, "accept");
	q->as_text = accept != NULL && strncmp(accept, "text/plain", 10) == 0;
	q->sct = sct;
	q->first = index;
	q->metric = "inclusion";
	q->work = sct_work;
	if (loop_timer_new(ct_log_loop(l), wait_for_head, q, &q->timer) != 0)
		ct_read_fail(q, &ct_read_malformed);
	else
		loop_timer_start(q->timer, 0, SCT_POLL_MS);
}
