/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_recover.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/sha2.h"
#include "merkle/tree.h"
#include "pki/cert.h"
#include "pki/chain.h"
#include "pki/san.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_serial.h"
#include "trustchain/ca_store.h"
#include "trustchain/ct_leaf.h"
#include "trustchain/ct_tiles.h"

#define BATCH_MAX 200 /* rows in one transaction */
#define ROW_ARENA_BYTES 262144

struct bak_recover {
	struct bak_recover_opts o;
	struct ca_batch *batch;
	size_t in_batch, found;
};

int
bak_recover_new(const struct bak_recover_opts *o, struct bak_recover **ret)
{
	struct bak_recover *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_SYS_NOMEM;
	r->o = *o;
	*ret = r;
	return 0;
}

void
bak_recover_free(struct bak_recover *r)
{
	if (r == NULL)
		return;
	ca_batch_free(r->batch);
	free(r);
}

static int
flush(struct bak_recover *r)
{
	struct ca_batch *b = r->batch;
	int rc;

	if (b == NULL)
		return 0;
	r->batch = NULL;
	rc = r->o.store->ops->submit_wait(r->o.store, b);
	if (rc == 0)
		r->found += r->in_batch;
	r->in_batch = 0;
	return rc;
}

static const struct ca_authority_issuer *
issuer_of(const struct bak_recover *r, const uint8_t hash[32])
{
	const struct ca_authority *a = r->o.authority;
	size_t i;

	for (i = 0; i < a->n_issuers; i++)
		if (memcmp(a->issuer[i].key_hash, hash, 32) == 0)
			return &a->issuer[i];
	return NULL;
}

/* Signed by the issuer, or a log could make up revocable certificates. */
static int
is_ours(const struct bak_recover *r, const struct ca_authority_issuer *is,
    const struct pki_cert *cert)
{
	const struct pki_cert *chain[CA_AUTHORITY_CHAIN_MAX + 1];
	size_t i;

	chain[0] = cert;
	for (i = 0; i < is->chain_len; i++)
		chain[i + 1] = is->chain[i];
	return pki_chain_verify(
	    r->o.authority->roots, chain, is->chain_len + 1, -1, NULL);
}

static int
names_of(
    const struct pki_cert *cert, struct ca_name_octets **ret, size_t *ret_n)
{
	struct pki_san_list *sans = malloc(sizeof(*sans));
	struct ca_name_octets *v = NULL;
	char text[PKI_SAN_VALUE_MAX + 64];
	size_t i;
	int rc = sans == NULL ? ERR_SYS_NOMEM : pki_cert_sans(cert, sans);

	if (rc == 0 && (v = calloc(sans->n + 1, sizeof(*v))) == NULL)
		rc = ERR_SYS_NOMEM;
	for (i = 0; rc == 0 && i < sans->n; i++) {
		pki_san_text(&sans->item[i], text, sizeof(text));
		rc = ca_name_parse(text, &v[i]);
	}
	if (rc == 0) {
		*ret = v;
		*ret_n = sans->n;
		v = NULL;
	}
	free(v);
	free(sans);
	return rc;
}

/* Add the row to the batch. */
static int
put(struct bak_recover *r, const struct ca_authority_issuer *is,
    const struct pki_cert *cert, const struct ca_issuer *issuer)
{
	struct pki_bytes serial = pki_cert_serial(cert);
	struct pki_bytes der = pki_cert_der(cert), spki = pki_cert_spki(cert);
	struct ca_name_octets *octets;
	struct ca_name *names;
	uint8_t hash[32];
	uint32_t shard;
	size_t n, i;
	int rc;
	struct ca_cert row = { .issuer = is->id,
		.serial = { serial.data, serial.len },
		.epoch = issuer->epoch,
		.state = CA_CERT_ISSUED,
		.profile = "",
		.not_before = pki_cert_not_before_ms(cert),
		.not_after = pki_cert_not_after_ms(cert),
		.created = r->o.now_ms,
		.spki = { hash, sizeof(hash) },
		.precert = { der.data, der.len },
		.owner = BAK_RECOVER_OWNER };

	crypto_sha2_256(spki.data, spki.len, hash);
	if ((rc = ca_serial_shard(serial, is->crl_shards, &shard)) != 0 ||
	    (rc = names_of(cert, &octets, &n)) != 0)
		return rc;
	row.shard = shard;
	if ((names = calloc(n + 1, sizeof(*names))) == NULL)
		rc = ERR_SYS_NOMEM;
	for (i = 0; rc == 0 && i < n; i++)
		names[i] = octets[i].name;
	if (rc == 0 && r->batch == NULL && (r->batch = ca_batch_new()) == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0) {
		ca_batch_put_precert(r->batch, &row, names, n);
		if (r->o.revoke)
			ca_batch_revoke(
			    r->batch, is->id, row.serial, r->o.now_ms, 0);
		r->in_batch++;
	}
	free(names);
	free(octets);
	return rc;
}

/* A precertificate of ours: is it known, and does it still matter? */
static int
consider(struct bak_recover *r, const struct ca_authority_issuer *is,
    const struct pki_cert *cert)
{
	struct pki_bytes serial = pki_cert_serial(cert);
	struct arena *arena;
	struct ca_issuer issuer;
	struct ca_status st;
	int rc;

	if (pki_cert_not_after_ms(cert) <= r->o.now_ms ||
	    is_ours(r, is, cert) != 0)
		return 0;
	rc = r->o.store->ops->get_status(r->o.store, is->id,
	    (struct ca_blob){ serial.data, serial.len }, &st);
	if (rc != 0 || st.kind != CA_STATUS_UNKNOWN)
		return rc;
	if ((arena = base_arena_new(ROW_ARENA_BYTES)) == NULL)
		return ERR_SYS_NOMEM;
	rc = r->o.store->ops->get_issuer(r->o.store, is->id, arena, &issuer);
	if (rc == 0)
		rc = put(r, is, cert, &issuer);
	base_arena_free(arena);
	return rc == 0 && r->in_batch == BATCH_MAX ? flush(r) : rc;
}

int
bak_recover_entry(
    struct bak_recover *r, const struct ct_leaf *leaf, struct fault *f)
{
	const struct ca_authority_issuer *is;
	struct pki_cert *cert;
	int rc;

	if (leaf->entry.type != PKI_CT_PRECERT ||
	    (is = issuer_of(r, leaf->entry.issuer_key_hash)) == NULL)
		return 0;
	/* What does not parse is not ours. */
	if (pki_cert_parse(leaf->precert, &cert) != 0)
		return 0;
	rc = consider(r, is, cert);
	pki_cert_free(cert);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "entry %llu: %s",
			 (unsigned long long)leaf->index, base_err_text(rc));
}

int
bak_recover_tree(struct bak_recover *r, struct ct_tiles *tiles,
    const uint8_t root[32], uint64_t size, struct fault *f)
{
	struct merkle_hash want, have;
	struct merkle_edge edge;
	struct ct_leaf leaf;
	uint64_t i;
	int rc;

	merkle_edge_init(&edge);
	for (i = 0; i < size; i++) {
		if ((rc = ct_tiles_leaf(tiles, i, &leaf)) != 0)
			return base_fault_set(f, rc, "entry %llu: %s",
			    (unsigned long long)i, base_err_text(rc));
		ct_leaf_hash(&leaf, &have);
		merkle_edge_append(&edge, &have);
		if ((rc = bak_recover_entry(r, &leaf, f)) != 0)
			return rc;
	}
	memcpy(want.b, root, sizeof(want.b));
	merkle_edge_root(&edge, &have);
	if (!merkle_tree_equal(&want, &have))
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "the entries do not have the root that is signed");
	return 0;
}

int
bak_recover_finish(struct bak_recover *r, size_t *ret_n, struct fault *f)
{
	int rc = flush(r);

	if (rc != 0)
		return base_fault_set(
		    f, rc, "recovered rows: %s", base_err_text(rc));
	*ret_n = r->found;
	return 0;
}
