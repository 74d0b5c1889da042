/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_audit_ca.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "merkle/proof.h"
#include "pki/cert.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_promise.h"
#include "trustchain/trustchain_clock.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/json.h"
#include "wire/pem.h"

enum {
	ISSUERS_MAX = 64,
	PAGE = 100,
	ANSWER_MAX = 4 << 20,
	SERIAL_MAX = 20,
	PATH_BYTES = 4096,
	CURSOR_MAX = 24
};

#define DAY_MS INT64_C(86400000)

struct ct_audit_ca {
	struct ct_fetch *fetch;
	struct store_disk *disk;
	struct trustchain_peer peer;
	char *token;
	char path[PATH_BYTES];
	size_t issuers;					/* 0: not known yet */
	uint8_t issuer[ISSUERS_MAX][CRYPTO_SHA256_LEN]; /* key hashes */
	char cursor[CURSOR_MAX];			/* of the page */
	size_t done; /* certificates of the page that are decided */
};

/* A certificate with its issuer, and what the CA says of it. */
struct record {
	json_t *json;
	struct pki_cert *cert, *issuer;
};

static int
get(struct ct_audit_ca *a, const char *path, uint8_t **ret, size_t *ret_len)
{
	const struct ct_fetch_what what = { &a->peer, path, a->token,
		ANSWER_MAX };

	return ct_fetch_get(a->fetch, &what, ret, ret_len);
}

static void
load_cursor(struct ct_audit_ca *a)
{
	uint8_t *data;
	uint64_t v;
	size_t len;

	if (store_file_load(a->path, CURSOR_MAX - 1, &data, &len) != 0)
		return;
	if (base_str_u64((const char *)data, len, &v) == 0)
		(void)snprintf(a->cursor, sizeof(a->cursor), "%.*s", (int)len,
		    (const char *)data);
	free(data);
}

int
ct_audit_ca_new(const struct ct_audit_ca_opts *opts, struct ct_audit_ca **ret,
    struct fault *f)
{
	struct ct_audit_ca *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL || (a->token = strdup(opts->token)) == NULL) {
		free(a);
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	a->fetch = opts->fetch;
	a->disk = opts->disk;
	(void)snprintf(a->cursor, sizeof(a->cursor), "0");
	if ((rc = trustchain_peer_parse(opts->url, &a->peer)) != 0 ||
	    (rc = base_str_format(
		 a->path, sizeof(a->path), "%s/ca-cursor", opts->dir)) != 0) {
		ct_audit_ca_free(a);
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "--ca %.100s: too long", opts->url);
	}
	load_cursor(a);
	*ret = a;
	return 0;
}

void
ct_audit_ca_free(struct ct_audit_ca *a)
{
	if (a == NULL)
		return;
	free(a->token);
	free(a);
}

static int
next_pem(const char *text, size_t len, size_t *pos, struct pki_cert **ret)
{
	struct buf der;
	int rc;

	base_buf_init(&der, 65536);
	rc = wire_pem_next(text, len, pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

/* Whose precertificates are its. */
static int
load_issuers(struct ct_audit_ca *a)
{
	struct pki_cert *cert;
	uint8_t *pem = NULL;
	size_t len, pos = 0;
	int rc;

	if (a->issuers > 0)
		return 0;
	rc = get(a, "/api/v1/ca/chain", &pem, &len);
	while (rc == 0 && a->issuers < ISSUERS_MAX &&
	       next_pem((const char *)pem, len, &pos, &cert) == 0) {
		rc = pki_ct_key_hash(
		    pki_cert_spki(cert), a->issuer[a->issuers++]);
		pki_cert_free(cert);
	}
	free(pem);
	return rc == 0 && a->issuers == 0 ? ERR_PEER_MALFORMED : rc;
}

static bool
is_ours(const struct ct_audit_ca *a, const uint8_t key_hash[32])
{
	for (size_t i = 0; i < a->issuers; i++)
		if (memcmp(a->issuer[i], key_hash, 32) == 0)
			return true;
	return false;
}

static int
accuse_issuance(
    struct ct_watch *w, const struct ct_leaf *leaf, const char *statement)
{
	struct ct_tiles *tiles = ct_watch_tiles(w);
	struct ct_evidence_leaf e = { .sct = NULL,
		.head = ct_watch_checkpoint(w) };
	uint8_t octets[CT_EVIDENCE_LEAF_MAX] = { 0, 0 };
	struct merkle_proof proof;
	char detail[1024], now[32], *text = NULL;
	uint64_t size = ct_tiles_size(tiles);

	if (leaf->timestamped.len + 2 > sizeof(octets))
		return ERR_SYS_LIMIT;
	memcpy(octets + 2, leaf->timestamped.data, leaf->timestamped.len);
	e.leaf = octets;
	e.leaf_len = leaf->timestamped.len + 2;
	e.proof = &proof;
	(void)snprintf(detail, sizeof(detail),
	    "the CA does not know the certificate; it said: %.800s", statement);
	ct_watch_now(now);
	if (merkle_proof_inclusion(
		ct_tiles_reader(tiles), leaf->index, size, &proof) == 0)
		text = ct_evidence_encode(&e, ct_watch_origin(w), detail, now);
	(void)snprintf(
	    detail, sizeof(detail), "%llu", (unsigned long long)leaf->index);
	ct_watch_accuse(w, "unauthorised_issuance", detail, text,
	    "a precertificate of our issuer that the CA does not know");
	free(text);
	return 0;
}

/* The serial of a precertificate that is still of interest, in hex. */
static bool
serial_of(const struct ct_leaf *leaf, char hex[2 * SERIAL_MAX + 1])
{
	int64_t now = base_clock_now_ms(trustchain_clock_system());
	struct pki_bytes serial;
	struct pki_cert *cert;
	bool ok;

	if (pki_cert_parse(leaf->precert, &cert) != 0)
		return false;
	serial = pki_cert_serial(cert);
	/* The CA forgets what ended long ago. */
	ok = serial.len > 0 && serial.len <= SERIAL_MAX &&
	     pki_cert_not_after_ms(cert) + DAY_MS > now;
	if (ok)
		wire_hex_encode(serial.data, serial.len, hex);
	pki_cert_free(cert);
	return ok;
}

int
ct_audit_ca_entry(
    struct ct_audit_ca *a, struct ct_watch *w, const struct ct_leaf *leaf)
{
	char path[128], serial[2 * SERIAL_MAX + 1];
	uint8_t *body = NULL;
	size_t len;
	int rc;

	if (leaf->entry.type != PKI_CT_PRECERT)
		return 0;
	if ((rc = load_issuers(a)) != 0)
		return rc;
	if (!is_ours(a, leaf->entry.issuer_key_hash) ||
	    !serial_of(leaf, serial))
		return 0;
	(void)snprintf(
	    path, sizeof(path), "/api/v1/ca/certificates/%s", serial);
	rc = get(a, path, &body, &len);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = accuse_issuance(w, leaf, (const char *)body);
	free(body);
	return rc;
}

static void
record_free(struct record *r)
{
	pki_cert_free(r->cert);
	pki_cert_free(r->issuer);
	json_decref(r->json);
}

static int
load_record(struct ct_audit_ca *a, const char *serial, struct record *r)
{
	const char *pem, *chain;
	char path[128];
	uint8_t *body = NULL;
	size_t len, chain_len, pos = 0;
	int rc;

	memset(r, 0, sizeof(*r));
	(void)snprintf(
	    path, sizeof(path), "/api/v1/ca/certificates/%.64s", serial);
	rc = get(a, path, &body, &len);
	if (rc == 0)
		rc = wire_json_parse((const char *)body, len, &r->json, NULL);
	free(body);
	if (rc != 0)
		return rc;
	/* A row that has no final certificate yet promises nothing. */
	if (wire_json_string(r->json, "certificate", 1 << 17, &pem, &len) != 0)
		return 0;
	chain = json_string_value(
	    json_array_get(json_object_get(r->json, "chain"), 0));
	if (chain == NULL)
		return ERR_PEER_MALFORMED;
	chain_len = strlen(chain);
	rc = next_pem(pem, len, &pos, &r->cert);
	pos = 0;
	return rc == 0 ? next_pem(chain, chain_len, &pos, &r->issuer) : rc;
}

static struct ct_watch *
watch_of(const uint8_t log_id[32], struct ct_watch *const *watch, size_t n)
{
	uint8_t id[CRYPTO_SHA256_LEN];
	const uint8_t *spki;
	size_t len;

	for (size_t i = 0; i < n; i++) {
		spki = ct_watch_spki(watch[i], &len);
		if (spki == NULL)
			continue;
		crypto_sha2_256(spki, len, id);
		if (memcmp(id, log_id, sizeof(id)) == 0)
			return watch[i];
	}
	return NULL;
}

static void
accuse_promise(
    struct ct_watch *w, const struct ct_evidence_leaf *e, const char *detail)
{
	char now[32], *text, type[CT_EVIDENCE_TYPE_MAX], subject[128];
	struct ct_evidence_keys keys = { .vkeys = 1 };
	int rc;

	keys.vkey = ct_watch_vkey(w);
	keys.spki = ct_watch_spki(w, &keys.spki_len);
	ct_watch_now(now);
	text = ct_evidence_encode(e, ct_watch_origin(w), detail, now);
	rc = text == NULL ? ERR_SYS_NOMEM
			  : ct_evidence_verify(text, strlen(text), &keys, type);
	if (rc == ERR_PEER_SIGNATURE)
		ct_watch_accuse(w, "sct", "", NULL,
		    "a certificate has an SCT that the log did not sign");
	if (rc != 0) {
		free(text);
		return;
	}
	wire_hex_encode(e->sct->sig, e->sct->sig_len > 40 ? 40 : 8, subject);
	ct_watch_accuse(w, "broken_promise", subject, text, detail);
	free(text);
}

/* Whether the leaf is where the SCT says; PENDING while that is open. */
static int
check_promise(
    struct ct_watch *w, const struct ct_evidence_leaf *of, uint64_t index)
{
	struct ct_evidence_leaf e = *of;
	const struct merkle_head *head = ct_watch_head(w);
	struct merkle_proof proof = { .count = 0 }, path;
	struct ct_tiles *tiles = ct_watch_tiles(w);
	const struct merkle_reader *reader;
	struct merkle_hash own;
	int rc;

	e.head = ct_watch_checkpoint(w);
	e.proof = &proof;
	if (e.head == NULL || tiles == NULL)
		return ERR_STATE_PENDING;
	if (index >= head->size) {
		if (ct_watch_time_ms(w) <=
		    e.sct->timestamp_ms + CT_PARAMS_MMD_S * 1000)
			return ERR_STATE_PENDING;
		accuse_promise(w, &e, "not in the log after the maximum delay");
		return 0;
	}
	reader = ct_tiles_reader(tiles);
	merkle_tree_leaf(e.leaf, e.leaf_len, &own);
	rc = reader->node(reader->ctx, 0, index, &proof.hash[0]);
	if (rc != 0 || merkle_tree_equal(&proof.hash[0], &own))
		return rc;
	rc = merkle_proof_inclusion(reader, index, head->size, &path);
	if (rc != 0 || path.count >= MERKLE_PROOF_MAX)
		return rc;
	memcpy(proof.hash + 1, path.hash, path.count * sizeof(path.hash[0]));
	proof.count = path.count + 1;
	accuse_promise(w, &e, "another entry is at the index of the SCT");
	return 0;
}

static int
check_sct(const struct record *r, const struct pki_ct_sct *sct,
    struct ct_watch *const *watch, size_t n)
{
	uint8_t octets[CT_PROMISE_LEAF_MAX];
	struct ct_evidence_leaf e = { .sct = sct, .leaf = octets };
	struct ct_watch *w = watch_of(sct->log_id, watch, n);
	uint64_t index;
	int rc;

	/* Another log, or a foreign one whose SCTs carry no index. */
	if (w == NULL ||
	    pki_ct_leaf_index_parse(
		(struct pki_bytes){ sct->ext, sct->ext_len }, &index) != 0)
		return 0;
	rc = ct_promise_leaf(
	    r->cert, r->issuer, sct, octets, sizeof(octets), &e.leaf_len);
	return rc == 0 ? check_promise(w, &e, index) : rc;
}

static int
check_certificate(struct ct_audit_ca *a, const char *serial,
    struct ct_watch *const *watch, size_t n)
{
	struct pki_ct_sct scts[PKI_CT_LIST_MAX];
	struct pki_bytes value;
	struct record r;
	size_t count = 0;
	int rc;

	rc = load_record(a, serial, &r);
	if (rc == 0 && r.cert != NULL &&
	    pki_cert_extension(r.cert, PKI_OID_CT_SCT_LIST, &value, NULL))
		rc = pki_ct_list_parse(value, scts, &count);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = check_sct(&r, &scts[i], watch, n);
	record_free(&r);
	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

/* The rest of a page; how many certificates it has. */
static int
check_page(struct ct_audit_ca *a, const json_t *certs,
    struct ct_watch *const *watch, size_t n)
{
	const char *serial;
	int rc = 0;

	for (; a->done < json_array_size(certs) && rc == 0; a->done++) {
		serial = json_string_value(
		    json_object_get(json_array_get(certs, a->done), "serial"));
		if (serial == NULL)
			return ERR_PEER_MALFORMED;
		rc = check_certificate(a, serial, watch, n);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
ct_audit_ca_round(
    struct ct_audit_ca *a, struct ct_watch *const *watch, size_t n)
{
	char path[128];
	const char *next;
	uint8_t *body;
	json_t *json;
	size_t len;
	int rc;

	for (;;) {
		(void)snprintf(path, sizeof(path),
		    "/api/v1/ca/certificates?limit=%d&cursor=%s", PAGE,
		    a->cursor);
		body = NULL;
		json = NULL;
		rc = get(a, path, &body, &len);
		if (rc == 0)
			rc = wire_json_parse(
			    (const char *)body, len, &json, NULL);
		free(body);
		if (rc != 0)
			return rc;
		rc = check_page(
		    a, json_object_get(json, "certificates"), watch, n);
		next = json_string_value(json_object_get(json, "next"));
		if (rc == 0 && next != NULL) {
			rc = base_str_copy(a->cursor, sizeof(a->cursor), next);
			a->done = 0;
			if (rc == 0)
				rc = store_disk_replace(a->disk, a->path,
				    a->cursor, strlen(a->cursor), 0600,
				    "ct.monitor");
		}
		json_decref(json);
		if (rc == ERR_STATE_PENDING)
			return 0; /* the next round goes on there */
		if (rc != 0 || next == NULL)
			return rc;
	}
}
