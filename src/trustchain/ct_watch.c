/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "merkle/checkpoint.h"
#include "merkle/evidence_file.h"
#include "merkle/note.h"
#include "merkle/proof.h"
#include "merkle/signed.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_sth.h"
#include "trustchain/trustchain_clock.h"
#include "trustchain/wit_paths.h"
#include "wire/hex.h"

enum { PATH_BYTES = 4096, PREFIX_BYTES = 512, KNOWN_MAX = 256 };

/* A signed head. */
struct seen {
	char *note; /* NULL: none */
	struct merkle_head head;
	uint64_t time_ms;
};

struct ct_watch {
	struct ct_watch_opts o;
	uint8_t spki[CT_PARAMS_SPKI_MAX];
	char prefix[PREFIX_BYTES], dir[PATH_BYTES], evidence[PATH_BYTES];
	struct seen last, now;
	struct ct_fetch_tiles source;
	struct ct_tiles *tiles; /* of now, or of last between rounds */
	bool accused;
	bool good; /* the last round ended well, so last is what is served */
	size_t known_count;
	struct known {
		uint8_t subject[CRYPTO_SHA256_LEN];
		char id[CT_EVIDENCE_ID_MAX];
	} known[KNOWN_MAX]; /* stored in this run */
};

void
ct_watch_now(char ret[32])
{
	ct_params_time(base_clock_now_ms(trustchain_clock_system()), ret);
}

/* Store ${text} unless it was; the id is stored in ${id}. */
static int
store_once(struct ct_watch *w, const char *subject, const char *text,
    char id[CT_EVIDENCE_ID_MAX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	struct known *k;
	int rc;

	crypto_sha2_256(subject, strlen(subject), digest);
	for (size_t i = 0; i < w->known_count; i++)
		if (memcmp(w->known[i].subject, digest, sizeof(digest)) == 0) {
			memcpy(id, w->known[i].id, CT_EVIDENCE_ID_MAX);
			return 0;
		}
	rc = ct_evidence_store(w->o.disk, w->evidence, text, id);
	if (rc == 0 && w->known_count < KNOWN_MAX) {
		k = &w->known[w->known_count++];
		memcpy(k->subject, digest, sizeof(digest));
		memcpy(k->id, id, CT_EVIDENCE_ID_MAX);
	}
	return rc;
}

void
ct_watch_accuse(struct ct_watch *w, const char *type, const char *subject,
    const char *text, const char *detail)
{
	char id[CT_EVIDENCE_ID_MAX] = "", about[64];
	uint8_t digest[CRYPTO_SHA256_LEN];
	int rc = 0;

	if (text != NULL) {
		crypto_sha2_256(subject, strlen(subject), digest);
		(void)snprintf(about, sizeof(about), "%.31s", type);
		wire_hex_encode(digest, 12, about + strlen(about));
		rc = store_once(w, about, text, id);
	}
	w->accused = true;
	w->o.alert(w->o.ctx, w->o.vkey.name, type, rc == 0 ? id : "",
	    rc == 0 ? detail : "the evidence could not be stored");
}

static void
seen_free(struct seen *s)
{
	free(s->note);
	memset(s, 0, sizeof(*s));
}

/* Open a head that this log signed.  Takes ${note} over. */
static int
open_head(struct ct_watch *w, char *note, size_t len, struct seen *ret)
{
	const struct ct_sth_key key = { w->o.vkey.name, w->o.spki,
		w->o.spki_len, &w->o.vkey };
	struct merkle_note *n = malloc(sizeof(*n));
	struct merkle_checkpoint cp;
	struct merkle_sth sth;
	int rc = ERR_SYS_NOMEM;

	memset(ret, 0, sizeof(*ret));
	if (n != NULL && w->o.spki == NULL) {
		rc = merkle_signed_head(note, len, &w->o.vkey, n, &ret->head);
	} else if (n != NULL) {
		rc = ct_sth_open(&key, note, len, &cp, &sth);
		if (rc == 0) {
			ret->head = cp.head;
			ret->time_ms = sth.timestamp_ms;
		}
	}
	free(n);
	if (rc == 0)
		ret->note = note;
	else
		free(note);
	return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
}

static int
head_path(const struct ct_watch *w, char ret[PATH_BYTES])
{
	return base_str_format(ret, PATH_BYTES, "%s/head", w->dir);
}

static int
load_last(struct ct_watch *w)
{
	char path[PATH_BYTES];
	uint8_t *data;
	size_t len;
	int rc;

	rc = head_path(w, path);
	if (rc == 0)
		rc = store_file_load(path, MERKLE_NOTE_MAX, &data, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = open_head(w, (char *)data, len, &w->last);
	return base_err_class(rc) == ERR_CLASS_PEER ? ERR_STATE_INTEGRITY : rc;
}

int
ct_watch_new(const struct ct_watch_opts *opts, struct ct_watch **ret)
{
	struct ct_watch *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return ERR_SYS_NOMEM;
	w->o = *opts;
	if (opts->spki != NULL) {
		if (opts->spki_len > sizeof(w->spki)) {
			free(w);
			return ERR_SYS_LIMIT;
		}
		memcpy(w->spki, opts->spki, opts->spki_len);
		w->o.spki = w->spki;
	}
	w->source.fetch = opts->fetch;
	w->source.peer = &w->o.peer;
	w->source.prefix = w->prefix;
	if ((rc = base_str_copy(w->prefix, sizeof(w->prefix), opts->prefix)) !=
		0 ||
	    (rc = base_str_copy(w->dir, sizeof(w->dir), opts->dir)) != 0 ||
	    (rc = base_str_copy(
		 w->evidence, sizeof(w->evidence), opts->evidence_dir)) != 0 ||
	    (rc = store_disk_mkdirs(opts->disk, w->dir, 0700, "ct.monitor")) !=
		0 ||
	    (rc = load_last(w)) != 0) {
		ct_watch_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void
ct_watch_free(struct ct_watch *w)
{
	if (w == NULL)
		return;
	ct_tiles_free(w->tiles);
	seen_free(&w->last);
	seen_free(&w->now);
	free(w);
}

/* Two heads that cannot both be of this log, the smaller one first. */
static void
accuse_heads(struct ct_watch *w, const struct seen *a, const struct seen *b,
    const struct merkle_proof *proof)
{
	struct merkle_evidence e = { a->head.size == b->head.size
					 ? MERKLE_EVIDENCE_EQUIVOCATION
					 : MERKLE_EVIDENCE_FORK,
		a->note, b->note, strlen(a->note), strlen(b->note), *proof };
	const char *detail = a->head.size == b->head.size
				 ? "two roots for one size"
				 : "the larger tree does not continue the "
				   "smaller one";
	char now[32], *text;

	ct_watch_now(now);
	text = merkle_evidence_file_encode(&e, w->o.vkey.name, detail, now);
	if (text != NULL && merkle_evidence_verify(&e, &w->o.vkey) != 0) {
		free(text);
		text = NULL;
		detail = "heads contradict each other, but the log serves no "
			 "tiles that show it";
	}
	ct_watch_accuse(
	    w, merkle_evidence_type_name(e.type), a->note, text, detail);
	free(text);
	/* A witness that stood by both. */
	e.type = MERKLE_EVIDENCE_BAD_COSIGNATURE;
	for (size_t i = 0; i < w->o.witnesses; i++) {
		if (merkle_evidence_verify(&e, &w->o.witness[i].key) != 0)
			continue;
		text = merkle_evidence_file_encode(
		    &e, w->o.vkey.name, w->o.witness[i].name, now);
		ct_watch_accuse(w, merkle_evidence_type_name(e.type),
		    w->o.witness[i].name, text, w->o.witness[i].name);
		free(text);
	}
}

/*
 * Is the head ${m} a prefix of ${n}, by tiles of the size of ${n}?  The sizes
 * differ.
 */
static int
compare(struct ct_watch *w, const struct seen *m, const struct seen *n,
    struct ct_tiles *tiles)
{
	const struct merkle_reader *reader = ct_tiles_reader(tiles);
	struct merkle_proof proof, evidence;
	struct merkle_head real = { m->head.size, { { 0 } } };
	int rc;

	rc = merkle_proof_root(reader, m->head.size, &real.root);
	if (rc == 0)
		rc = merkle_proof_consistency(
		    reader, m->head.size, n->head.size, &proof);
	if (rc != 0)
		return rc;
	if (merkle_tree_equal(&real.root, &m->head.root))
		return merkle_proof_verify_consistency(
		    &m->head, &n->head, &proof);
	evidence.count = 1;
	evidence.hash[0] = real.root;
	for (size_t i = 0; i < proof.count && evidence.count < MERKLE_PROOF_MAX;
	     i++)
		evidence.hash[evidence.count++] = proof.hash[i];
	accuse_heads(w, m, n, &evidence);
	return ERR_STATE_INTEGRITY;
}

static int
new_tiles(struct ct_watch *w, uint64_t size)
{
	const struct ct_tiles_store store = { ct_fetch_tile, &w->source };

	ct_tiles_free(w->tiles);
	w->tiles = ct_tiles_from(&store, size);
	return w->tiles == NULL ? ERR_SYS_NOMEM : 0;
}

/* The log went back: to where it was, or to something else. */
static int
went_back(struct ct_watch *w)
{
	int rc;

	if ((rc = new_tiles(w, w->last.head.size)) != 0)
		return rc;
	rc = compare(w, &w->now, &w->last, w->tiles);
	if (rc == ERR_STATE_INTEGRITY)
		return rc;
	/* A cache may serve an old head for a while; its time is older. */
	if (rc == 0 &&
	    (w->now.time_ms == 0 || w->now.time_ms <= w->last.time_ms))
		return 0;
	ct_watch_accuse(w, "rewind", "", NULL,
	    rc == 0 ? "a later head is smaller than one before"
		    : "a head is smaller than one before, and the tiles of "
		      "that are gone");
	return ERR_STATE_INTEGRITY;
}

static int
check_tiles(struct ct_watch *w)
{
	struct merkle_hash root;
	int rc;

	if ((rc = new_tiles(w, w->now.head.size)) != 0 ||
	    (rc = merkle_proof_root(
		 ct_tiles_reader(w->tiles), w->now.head.size, &root)) != 0)
		return rc;
	if (merkle_tree_equal(&root, &w->now.head.root))
		return 0;
	ct_watch_accuse(
	    w, "tiles", "", NULL, "the tiles do not hash to the signed root");
	return ERR_STATE_INTEGRITY;
}

/* Entries from the last head on hash to the tiles, which hash to the root. */
static int
check_entries(struct ct_watch *w)
{
	const struct merkle_reader *reader = ct_tiles_reader(w->tiles);
	struct merkle_hash want, got;
	struct ct_leaf leaf;
	int rc = 0;

	for (uint64_t i = w->last.head.size; i < w->now.head.size && rc == 0;
	     i++) {
		rc = ct_tiles_leaf(w->tiles, i, &leaf);
		if (rc == 0)
			rc = reader->node(reader->ctx, 0, i, &want);
		if (rc == 0)
			ct_leaf_hash(&leaf, &got);
		if (rc == ERR_SYS_CORRUPT ||
		    (rc == 0 && !merkle_tree_equal(&want, &got))) {
			ct_watch_accuse(w, "entries", "", NULL,
			    "entries do not hash to the tiles");
			return ERR_STATE_INTEGRITY;
		}
		if (rc == 0 && w->o.entry != NULL)
			rc = w->o.entry(w->o.ctx, w, &leaf);
	}
	return rc;
}

/* The head that a witness stands by is one of the same tree. */
static void
check_witness(struct ct_watch *w, const struct ct_watch_witness *witness)
{
	char path[WIT_PATHS_HASH_MAX + 16], hash[WIT_PATHS_HASH_MAX];
	const struct ct_fetch_what what = { &witness->peer, path, NULL,
		MERKLE_NOTE_MAX };
	const struct merkle_proof none = { .count = 0 };
	struct seen copy;
	uint8_t *data = NULL;
	size_t len;

	wit_paths_hash(w->o.vkey.name, hash);
	(void)snprintf(path, sizeof(path), "/%s/checkpoint", hash);
	if (ct_fetch_get(w->o.fetch, &what, &data, &len) != 0) {
		free(data); /* not every witness answers this */
		return;
	}
	if (open_head(w, (char *)data, len, &copy) != 0)
		return;
	if (copy.head.size == w->now.head.size) {
		if (!merkle_tree_equal(&copy.head.root, &w->now.head.root))
			accuse_heads(w, &copy, &w->now, &none);
	} else if (copy.head.size < w->now.head.size) {
		(void)!compare(w, &copy, &w->now, w->tiles);
	}
	/* A larger one is compared when the log has come so far. */
	seen_free(&copy);
}

static int
fetch_head(struct ct_watch *w)
{
	char path[PREFIX_BYTES + 16];
	const struct ct_fetch_what what = { &w->o.peer, path, NULL,
		MERKLE_NOTE_MAX };
	uint8_t *data = NULL;
	size_t len;
	int rc;

	seen_free(&w->now);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", w->prefix);
	rc = ct_fetch_get(w->o.fetch, &what, &data, &len);
	if (rc != 0) {
		free(data);
		return rc;
	}
	rc = open_head(w, (char *)data, len, &w->now);
	if (base_err_class(rc) == ERR_CLASS_PEER) {
		ct_watch_accuse(w, "head", "", NULL,
		    "the checkpoint is not one that this log signed");
		return ERR_STATE_INTEGRITY;
	}
	return rc;
}

static int
check_head(struct ct_watch *w)
{
	const struct merkle_proof none = { .count = 0 };
	int rc;

	if (w->last.note != NULL && w->now.head.size < w->last.head.size)
		return went_back(w);
	if (w->last.note != NULL && w->now.head.size == w->last.head.size &&
	    !merkle_tree_equal(&w->now.head.root, &w->last.head.root)) {
		accuse_heads(w, &w->last, &w->now, &none);
		return ERR_STATE_INTEGRITY;
	}
	if ((rc = check_tiles(w)) != 0)
		return rc;
	if (w->last.note != NULL && w->last.head.size < w->now.head.size)
		rc = compare(w, &w->last, &w->now, w->tiles);
	return rc == 0 && w->o.entries ? check_entries(w) : rc;
}

/* What was checked is where the next run begins. */
static int
keep(struct ct_watch *w)
{
	char path[PATH_BYTES];
	int rc;

	rc = head_path(w, path);
	if (rc == 0 &&
	    (w->last.note == NULL || w->now.head.size != w->last.head.size))
		rc = store_disk_replace(w->o.disk, path, w->now.note,
		    strlen(w->now.note), 0600, "ct.monitor");
	if (rc != 0)
		return rc;
	seen_free(&w->last);
	w->last = w->now;
	memset(&w->now, 0, sizeof(w->now));
	return 0;
}

int
ct_watch_round(struct ct_watch *w)
{
	int rc;

	w->accused = w->good = false;
	if ((rc = fetch_head(w)) == 0)
		rc = check_head(w);
	if (rc == 0 &&
	    (w->last.note == NULL || w->now.head.size >= w->last.head.size)) {
		for (size_t i = 0; i < w->o.witnesses; i++)
			check_witness(w, &w->o.witness[i]);
		rc = keep(w);
	}
	seen_free(&w->now);
	w->good = rc == 0;
	if (rc == 0 && w->accused)
		rc = ERR_STATE_INTEGRITY;
	return rc;
}

const char *
ct_watch_origin(const struct ct_watch *w)
{
	return w->o.vkey.name;
}

const struct merkle_head *
ct_watch_head(const struct ct_watch *w)
{
	return &w->last.head;
}

uint64_t
ct_watch_time_ms(const struct ct_watch *w)
{
	return w->last.time_ms;
}

const char *
ct_watch_checkpoint(const struct ct_watch *w)
{
	return w->now.note != NULL ? w->now.note : w->last.note;
}

struct ct_tiles *
ct_watch_tiles(struct ct_watch *w)
{
	uint64_t size =
	    w->now.note != NULL ? w->now.head.size : w->last.head.size;

	if (!w->good && w->now.note == NULL)
		return NULL;
	if (w->tiles != NULL && ct_tiles_size(w->tiles) == size)
		return w->tiles;
	return new_tiles(w, size) == 0 ? w->tiles : NULL;
}

const uint8_t *
ct_watch_spki(const struct ct_watch *w, size_t *ret_len)
{
	*ret_len = w->o.spki_len;
	return w->o.spki;
}

const struct merkle_vkey *
ct_watch_vkey(const struct ct_watch *w)
{
	return &w->o.vkey;
}
