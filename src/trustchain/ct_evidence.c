/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_evidence.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "merkle/evidence_file.h"
#include "merkle/proof.h"
#include "merkle/proofjson.h"
#include "merkle/tree.h"
#include "store/disk.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_sth.h"
#include "wire/base64.h"
#include "wire/cursor.h"
#include "wire/hex.h"
#include "wire/json.h"

#define PROMISE "broken_promise"
#define ISSUANCE "unauthorised_issuance"
#define TEXT_MAX (WIRE_BASE64_ENCODED_MAX(CT_EVIDENCE_LEAF_MAX) + 1024)
#define NOTE_MAX 65536

/* A file of one of our own types, read. */
struct own {
	json_t *json;
	bool promise;
	const char *head;
	size_t head_len;
	uint8_t leaf[CT_EVIDENCE_LEAF_MAX];
	size_t leaf_len;
	struct pki_ct_sct sct;
	uint64_t index;
	struct merkle_proof proof;
};

static char *
line_of(const uint8_t *data, size_t len, const char *before)
{
	char *text = malloc(strlen(before) + WIRE_BASE64_ENCODED_MAX(len) + 2);
	size_t n = strlen(before);

	if (text == NULL)
		return NULL;
	memcpy(text, before, n);
	n += wire_base64_encode(WIRE_BASE64_STD, data, len, text + n);
	memcpy(text + n, "\n", 2);
	return text;
}

/* The lines of member a. */
static char *
subject(const struct ct_evidence_leaf *e)
{
	uint8_t sct[PKI_CT_SCT_MAX];
	char *first, *both;
	size_t n;

	if (e->sct == NULL)
		return line_of(e->leaf, e->leaf_len, "");
	if (pki_ct_sct_encode(e->sct, sct, sizeof(sct), &n) != 0 ||
	    (first = line_of(sct, n, "")) == NULL)
		return NULL;
	both = line_of(e->leaf, e->leaf_len, first);
	free(first);
	return both;
}

/* The index that a MerkleTreeLeaf carries in its extensions. */
static int
leaf_index(const uint8_t *leaf, size_t len, uint64_t *ret)
{
	struct cursor c, ext;

	wire_cursor_init(&c, leaf, len);
	(void)wire_cursor_bytes(&c, 2 + 8); /* version, type, timestamp */
	if (wire_cursor_u16(&c) == PKI_CT_PRECERT)
		(void)wire_cursor_bytes(&c, 32);
	(void)wire_cursor_vec(&c, 3, 1, 0xffffff);
	ext = wire_cursor_vec(&c, 2, 0, 0xffff);
	if (c.rc != 0 || wire_cursor_done(&c) != 0)
		return ERR_PEER_MALFORMED;
	return pki_ct_leaf_index_parse(
	    (struct pki_bytes){ ext.pos, wire_cursor_left(&ext) }, ret);
}

static int
take_lines(struct own *o, const char *a, size_t len)
{
	uint8_t sct[PKI_CT_SCT_MAX];
	const char *end = memchr(a, '\n', len);
	size_t n;

	if (o->promise) {
		if (end == NULL ||
		    wire_base64_decode(WIRE_BASE64_STD, a, (size_t)(end - a),
			sct, sizeof(sct), &n) != 0 ||
		    pki_ct_sct_parse((struct pki_bytes){ sct, n }, &o->sct) !=
			0)
			return ERR_PEER_MALFORMED;
		len -= (size_t)(end + 1 - a);
		a = end + 1;
		end = memchr(a, '\n', len);
	}
	if (end == NULL || end + 1 != a + len ||
	    wire_base64_decode(WIRE_BASE64_STD, a, len - 1, o->leaf,
		sizeof(o->leaf), &o->leaf_len) != 0)
		return ERR_PEER_MALFORMED;
	return leaf_index(o->leaf, o->leaf_len, &o->index);
}

static int
take_own(struct own *o, const char *text, size_t len)
{
	static const char *const names[] = { "type", "origin", "a", "b",
		"proof", "detail", "found_at" };
	const char *s, *a;
	size_t n, a_len;

	if (len > MERKLE_EVIDENCE_FILE_MAX)
		return ERR_PEER_TOO_LARGE;
	if (wire_json_parse(text, len, &o->json, NULL) != 0)
		return ERR_PEER_MALFORMED;
	if (wire_json_only(o->json, names, 7) != NULL ||
	    wire_json_string(o->json, "type", 64, &s, &n) != 0 ||
	    wire_json_string(o->json, "a", TEXT_MAX, &a, &a_len) != 0 ||
	    wire_json_string(o->json, "b", NOTE_MAX, &o->head, &o->head_len) !=
		0)
		return ERR_PEER_MALFORMED;
	o->promise = strcmp(s, PROMISE) == 0;
	if (!o->promise && strcmp(s, ISSUANCE) != 0)
		return ERR_PEER_UNSUPPORTED;
	if (merkle_proofjson_take(o->json, &o->proof) != 0)
		return ERR_PEER_MALFORMED;
	return take_lines(o, a, a_len);
}

char *
ct_evidence_encode(const struct ct_evidence_leaf *e, const char *origin,
    const char *detail, const char *found_at)
{
	char *a = subject(e), *text = NULL;
	struct own *back = NULL;
	int rc = ERR_SYS_NOMEM;
	json_t *j;
	size_t len;

	if (a == NULL)
		return NULL;
	j = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "type",
	    e->sct != NULL ? PROMISE : ISSUANCE, "origin", origin, "a", a, "b",
	    e->head, "proof", merkle_proofjson_make(e->proof), "detail", detail,
	    "found_at", found_at);
	if (j != NULL)
		text = wire_json_dump(j, &len);
	json_decref(j);
	free(a);
	/* Short of memory jansson 2.14 leaves a member's name out, silently;
	 * what cannot be read back is no evidence. */
	if (text != NULL && (back = calloc(1, sizeof(*back))) != NULL)
		rc = take_own(back, text, len);
	if (back != NULL)
		json_decref(back->json);
	free(back);
	if (rc != 0) {
		free(text);
		text = NULL;
	}
	return text;
}

/* The SCT is the log's, and about this leaf.  What it signs is the leaf,
 * octet for octet: version and type are zero in both. */
static int
check_promise(const struct own *o, const struct ct_evidence_keys *keys)
{
	const struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256, o->leaf,
		o->leaf_len, o->sct.sig, o->sct.sig_len };
	uint8_t id[CRYPTO_SHA256_LEN];
	struct crypto_pkey *key;
	uint64_t time_ms, index;
	struct cursor c;
	int rc;

	wire_cursor_init(&c, o->leaf, o->leaf_len);
	if (wire_cursor_u16(&c) != 0)
		return ERR_PEER_MALFORMED;
	time_ms = wire_cursor_u64(&c);
	crypto_sha2_256(keys->spki, keys->spki_len, id);
	if (c.rc != 0 || time_ms != o->sct.timestamp_ms ||
	    memcmp(id, o->sct.log_id, sizeof(id)) != 0 ||
	    pki_ct_leaf_index_parse(
		(struct pki_bytes){ o->sct.ext, o->sct.ext_len }, &index) !=
		0 ||
	    index != o->index || o->sct.hash_alg != 4 || o->sct.sig_alg != 3)
		return ERR_PEER_MISMATCH;
	rc = crypto_pkey_from_spki(keys->spki, keys->spki_len, &key);
	if (rc != 0)
		return rc;
	rc = crypto_pkey_verify(key, &s);
	crypto_pkey_free(key);
	return rc;
}

static int
judge_promise(const struct own *o, const struct merkle_checkpoint *cp,
    const struct merkle_sth *sth)
{
	struct merkle_proof path;
	struct merkle_hash own;

	if (o->proof.count == 0)
		return cp->head.size <= o->index &&
			       sth->timestamp_ms >
				   o->sct.timestamp_ms + CT_PARAMS_MMD_S * 1000
			   ? 0
			   : ERR_PEER_PROOF;
	merkle_tree_leaf(o->leaf, o->leaf_len, &own);
	path.count = o->proof.count - 1;
	memcpy(path.hash, o->proof.hash + 1, path.count * sizeof(path.hash[0]));
	if (merkle_tree_equal(&own, &o->proof.hash[0]))
		return ERR_PEER_PROOF;
	return merkle_proof_verify_inclusion(
	    &o->proof.hash[0], o->index, &cp->head, &path);
}

static int
judge_own(const struct own *o, const struct ct_evidence_keys *keys)
{
	struct ct_sth_key log = { NULL, keys->spki, keys->spki_len, NULL };
	struct merkle_checkpoint cp;
	struct merkle_hash leaf;
	struct merkle_sth sth;
	int rc = ERR_PEER_SIGNATURE;

	if (keys->spki == NULL)
		return ERR_PEER_SIGNATURE;
	for (size_t i = 0; i < keys->vkeys && rc != 0; i++) {
		log.origin = keys->vkey[i].name;
		log.note = &keys->vkey[i];
		rc = ct_sth_open(&log, o->head, o->head_len, &cp, &sth);
	}
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
	if (o->promise) {
		rc = check_promise(o, keys);
		return rc == 0 ? judge_promise(o, &cp, &sth) : rc;
	}
	merkle_tree_leaf(o->leaf, o->leaf_len, &leaf);
	rc =
	    merkle_proof_verify_inclusion(&leaf, o->index, &cp.head, &o->proof);
	return rc == 0 ? ERR_STATE_PENDING : rc;
}

static int
verify_own(const char *text, size_t len, const struct ct_evidence_keys *keys,
    char *ret_type)
{
	struct own *o = calloc(1, sizeof(*o));
	int rc;

	if (o == NULL)
		return ERR_SYS_NOMEM;
	rc = take_own(o, text, len);
	if (rc == 0) {
		(void)snprintf(ret_type, CT_EVIDENCE_TYPE_MAX, "%s",
		    o->promise ? PROMISE : ISSUANCE);
		rc = judge_own(o, keys);
	}
	json_decref(o->json);
	free(o);
	return rc;
}

int
ct_evidence_verify(const char *text, size_t len,
    const struct ct_evidence_keys *keys, char ret_type[CT_EVIDENCE_TYPE_MAX])
{
	struct merkle_evidence_file *file;
	struct merkle_evidence e;
	int rc;

	ret_type[0] = '\0';
	rc = merkle_evidence_file_parse(text, len, &file, &e);
	if (rc == ERR_PEER_UNSUPPORTED)
		return verify_own(text, len, keys, ret_type);
	if (rc != 0)
		return rc;
	(void)snprintf(ret_type, CT_EVIDENCE_TYPE_MAX, "%s",
	    merkle_evidence_type_name(e.type));
	rc = ERR_PEER_SIGNATURE;
	for (size_t i = 0; i < keys->vkeys && rc != 0; i++)
		rc = merkle_evidence_verify(&e, &keys->vkey[i]);
	merkle_evidence_file_free(file);
	return rc;
}

int
ct_evidence_store(struct store_disk *disk, const char *dir, const char *text,
    char ret_id[CT_EVIDENCE_ID_MAX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	char path[4096];
	int rc;

	crypto_sha2_256(text, strlen(text), digest);
	wire_hex_encode(digest, sizeof(digest), ret_id);
	rc = base_str_format(path, sizeof(path), "%s/%s.json", dir, ret_id);
	if (rc == 0)
		rc = store_disk_mkdirs(disk, dir, 0755, "ct.evidence");
	return rc == 0 ? store_disk_replace(disk, path, text, strlen(text),
			     0644, "ct.evidence")
		       : rc;
}

void
ct_evidence_each(
    const char *dir, int (*fn)(void *ctx, const char *id), void *ctx)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	while (d != NULL && n < CT_EVIDENCE_FILES_MAX &&
	       (e = readdir(d)) != NULL) {
		if (strlen(e->d_name) != 64 + 5 ||
		    strspn(e->d_name, "0123456789abcdef") != 64 ||
		    strcmp(e->d_name + 64, ".json") != 0)
			continue;
		e->d_name[64] = '\0';
		n++;
		if (fn(ctx, e->d_name) != 0)
			break;
	}
	if (d != NULL)
		closedir(d);
}
