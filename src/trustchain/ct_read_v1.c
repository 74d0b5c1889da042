/* SPDX-License-Identifier: Apache-2.0 */
/* The get- verbs of RFC 6962 section 4. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/request.h"
#include "pki/cert.h"
#include "pki/chain.h"
#include "pki/roots.h"
#include "store/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_read.h"
#include "trustchain/ct_read_internal.h"
#include "wire/base64.h"
#include "wire/builder.h"
#include "wire/hex.h"

enum { ISSUER_MAX = 65536, LEAF_INPUT_MAX = 1 << 20 };

/* Entries of one answer are also bounded in octets: base64 of 32 MiB. */
#define ENTRIES_BYTES_MAX ((size_t)32 << 20)

/* A decimal query parameter. */
static bool
number(const struct http_request *r, const char *name, uint64_t *ret)
{
	const char *s = http_request_param(r, name);

	return s != NULL && base_str_u64(s, strlen(s), ret) == 0;
}

static void
get_sth(struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	const struct ct_shard_head *h = ct_shard_head(shard);
	static const struct ct_reply_error none = { 503, "not_yet_published",
		"the log has not published its first head yet" };

	(void)l;
	if (h == NULL) {
		ct_reply_fail(r, CT_REPLY_V1, &none);
		return;
	}
	ct_reply_json(
	    r, json_pack("{s:I, s:I, s:o, s:o}", "tree_size",
		   (json_int_t)h->tree.size, "timestamp",
		   (json_int_t)h->sth.timestamp_ms, "sha256_root_hash",
		   ct_reply_base64(h->tree.root.b, MERKLE_HASH_LEN),
		   "tree_head_signature",
		   ct_reply_base64(h->sth.sig, h->sth.sig_len)));
}

static int
consistency_work(struct ct_read *q, struct ct_tiles *tiles)
{
	struct merkle_proof proof;
	int rc;

	rc = merkle_proof_consistency(
	    ct_tiles_reader(tiles), q->first, q->second, &proof);
	if (rc == 0)
		q->json =
		    json_pack("{s:o}", "consistency", ct_read_path(&proof));
	return rc;
}

static void
get_consistency(
    struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	struct ct_read *q = ct_read_new(l, shard, r, CT_REPLY_V1);

	if (q == NULL)
		return;
	q->metric = "consistency";
	q->work = consistency_work;
	if (!number(r, "first", &q->first) ||
	    !number(r, "second", &q->second) || q->first > q->second ||
	    q->second > q->size)
		ct_read_fail(q, &ct_read_malformed);
	else
		ct_read_run(q);
}

static int
by_hash_work(struct ct_read *q, struct ct_tiles *tiles)
{
	const struct merkle_reader *reader = ct_tiles_reader(tiles);
	struct merkle_proof proof;
	struct merkle_hash found;
	uint64_t index;
	int rc;

	if ((rc = ct_shard_by_leaf(q->shard, &q->hash, &index)) != 0)
		return rc;
	if (index >= q->second)
		return ERR_STATE_NOT_FOUND;
	/* The index knows 16 octets of the hash; the tile has them all. */
	if ((rc = reader->node(reader->ctx, 0, index, &found)) != 0)
		return rc;
	if (!merkle_tree_equal(&found, &q->hash))
		return ERR_STATE_NOT_FOUND;
	rc = merkle_proof_inclusion(reader, index, q->second, &proof);
	if (rc == 0)
		q->json = json_pack("{s:I, s:o}", "leaf_index",
		    (json_int_t)index, "audit_path", ct_read_path(&proof));
	return rc;
}

static void
get_by_hash(struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	struct ct_read *q = ct_read_new(l, shard, r, CT_REPLY_V1);
	const char *s;
	size_t n;

	if (q == NULL)
		return;
	q->metric = "inclusion";
	q->work = by_hash_work;
	s = http_request_param(r, "hash");
	if (s == NULL ||
	    wire_base64_decode(WIRE_BASE64_STD, s, strlen(s), q->hash.b,
		MERKLE_HASH_LEN, &n) != 0 ||
	    n != MERKLE_HASH_LEN || !number(r, "tree_size", &q->second) ||
	    q->second == 0 || q->second > q->size)
		ct_read_fail(q, &ct_read_malformed);
	else
		ct_read_run(q);
}

/* ASN.1Cert certificate_chain<0..2^24-1> from the issuer files. */
static int
put_chain(
    const struct ct_read *q, const struct ct_leaf *leaf, struct builder *b)
{
	size_t mark = wire_builder_vec_begin(b, 3), i, len;
	char path[4096], hex[65];
	uint8_t *der;
	int rc;

	for (i = 0; i < leaf->chain.len; i += 32) {
		wire_hex_encode(leaf->chain.data + i, 32, hex);
		rc = base_str_format(path, sizeof(path), "%s/issuer/%s",
		    ct_shard_dir(q->shard), hex);
		if (rc == 0)
			rc = store_file_load(path, ISSUER_MAX, &der, &len);
		if (rc != 0)
			return rc == ERR_STATE_NOT_FOUND ? ERR_SYS_CORRUPT : rc;
		wire_builder_u24(b, (uint32_t)len);
		wire_builder_bytes(b, der, len);
		free(der);
	}
	wire_builder_vec_end(b, mark, 3);
	return b->rc;
}

/* RFC 6962 section 4.6: X509ChainEntry without its leaf, or
 * PrecertChainEntry. */
static json_t *
extra_data(const struct ct_read *q, const struct ct_leaf *leaf)
{
	struct builder b;
	json_t *json = NULL;
	uint8_t *raw;

	if ((raw = malloc(LEAF_INPUT_MAX)) == NULL)
		return NULL;
	wire_builder_init(&b, raw, LEAF_INPUT_MAX);
	if (leaf->entry.type == PKI_CT_PRECERT) {
		wire_builder_u24(&b, (uint32_t)leaf->precert.len);
		wire_builder_bytes(&b, leaf->precert.data, leaf->precert.len);
	}
	if (put_chain(q, leaf, &b) == 0)
		json = ct_reply_base64(raw, b.len);
	free(raw);
	return json;
}

/* MerkleTreeLeaf: version 0, type 0, timestamped entry. */
static json_t *
leaf_input(const struct ct_leaf *leaf)
{
	json_t *json = NULL;
	struct builder b;
	uint8_t *raw;

	if ((raw = malloc(2 + leaf->timestamped.len)) == NULL)
		return NULL;
	wire_builder_init(&b, raw, 2 + leaf->timestamped.len);
	wire_builder_u16(&b, 0);
	wire_builder_bytes(&b, leaf->timestamped.data, leaf->timestamped.len);
	json = ct_reply_base64(raw, b.len);
	free(raw);
	return json;
}

static int
entries_work(struct ct_read *q, struct ct_tiles *tiles)
{
	json_t *list = json_array(), *one;
	struct ct_leaf leaf;
	size_t bytes = 0;
	uint64_t i;
	int rc = 0;

	for (i = q->first; i <= q->second && bytes < ENTRIES_BYTES_MAX; i++) {
		if ((rc = ct_tiles_leaf(tiles, i, &leaf)) != 0)
			break;
		one = json_pack("{s:o, s:o}", "leaf_input", leaf_input(&leaf),
		    "extra_data", extra_data(q, &leaf));
		if (one == NULL || json_array_append_new(list, one) != 0) {
			rc = ERR_SYS_IO;
			break;
		}
		bytes += leaf.timestamped.len + leaf.precert.len;
	}
	if (rc != 0)
		json_decref(list);
	else
		q->json = json_pack("{s:o}", "entries", list);
	return rc;
}

static void
get_entries(struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	struct ct_read *q = ct_read_new(l, shard, r, CT_REPLY_V1);
	uint64_t max;

	if (q == NULL)
		return;
	q->work = entries_work;
	max = (uint64_t)ct_log_config(l)->log.get_entries_max;
	if (!number(r, "start", &q->first) || !number(r, "end", &q->second) ||
	    q->first > q->second || q->first >= q->size) {
		ct_read_fail(q, &ct_read_malformed);
		return;
	}
	/* Fewer than asked for are allowed. */
	if (q->second >= q->size)
		q->second = q->size - 1;
	if (q->second - q->first >= max)
		q->second = q->first + max - 1;
	ct_read_run(q);
}

static int
entry_and_proof_work(struct ct_read *q, struct ct_tiles *tiles)
{
	struct merkle_proof proof;
	struct ct_leaf leaf;
	int rc;

	if ((rc = ct_tiles_leaf(tiles, q->first, &leaf)) != 0 ||
	    (rc = merkle_proof_inclusion(
		 ct_tiles_reader(tiles), q->first, q->second, &proof)) != 0)
		return rc;
	q->json = json_pack("{s:o, s:o, s:o}", "leaf_input", leaf_input(&leaf),
	    "extra_data", extra_data(q, &leaf), "audit_path",
	    ct_read_path(&proof));
	return 0;
}

static void
get_entry_and_proof(
    struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	struct ct_read *q = ct_read_new(l, shard, r, CT_REPLY_V1);

	if (q == NULL)
		return;
	q->metric = "inclusion";
	q->work = entry_and_proof_work;
	if (!number(r, "leaf_index", &q->first) ||
	    !number(r, "tree_size", &q->second) || q->first >= q->second ||
	    q->second > q->size)
		ct_read_fail(q, &ct_read_malformed);
	else
		ct_read_run(q);
}

static void
get_roots(struct ct_log *l, struct ct_shard *shard, struct http_request *r)
{
	const struct pki_roots *roots = ct_log_roots(l);
	json_t *list = json_array();
	struct pki_bytes der;
	size_t i;

	(void)shard;
	for (i = 0; i < pki_roots_count(roots); i++) {
		der = pki_cert_der(pki_roots_get(roots, i));
		(void)json_array_append_new(
		    list, ct_reply_base64(der.data, der.len));
	}
	ct_reply_json(r, json_pack("{s:o}", "certificates", list));
}

int
ct_read_v1(struct ct_log *l, struct ct_shard *shard, const char *verb,
    struct http_request *r)
{
	static const struct {
		const char *verb;
		void (*get)(
		    struct ct_log *, struct ct_shard *, struct http_request *);
	} table[] = {
		{ "get-sth", get_sth },
		{ "get-sth-consistency", get_consistency },
		{ "get-proof-by-hash", get_by_hash },
		{ "get-entries", get_entries },
		{ "get-roots", get_roots },
		{ "get-entry-and-proof", get_entry_and_proof },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].verb, verb) == 0) {
			table[i].get(l, shard, r);
			return 1;
		}
	return 0;
}
