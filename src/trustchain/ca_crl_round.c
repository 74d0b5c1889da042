/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_crl_round.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/frame.h"
#include "ops/faults.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "store/disk.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_store.h"

enum { PATH_LEN = 4096, URL_MAX = 512, SIG_MAX = 8192 };

/* What the key process takes at most. */
#define ENTRIES_MAX (KEYS_PAYLOAD_MAX - PKI_CRL_FRAME_MAX)

struct ca_crl_round {
	struct ca_crl_round_opts o;
	struct buf shard[CA_CRL_SHARDS_MAX]; /* entries */
	bool drop[CA_CRL_SHARDS_MAX];	     /* the file is to go */
	size_t entries, octets;
	unsigned at; /* the CRL framed last; CA_CRL_WHOLE: that for all */
	bool begun;
	uint8_t *tbs;
	size_t tbs_len;
};

int
ca_crl_folder(const char *state_dir, const char *issuer, char *out, size_t cap)
{
	int n = snprintf(
	    out, cap, "%s/" CA_POINTS_CRL_FOLDER "/%s", state_dir, issuer);

	return n > 0 && (size_t)n < cap ? 0 : ERR_SYS_LIMIT;
}

int
ca_crl_path(const char *state_dir, const char *issuer, unsigned shard,
    char *out, size_t cap)
{
	char name[16] = "full";
	int n;

	if (shard != CA_CRL_WHOLE)
		(void)snprintf(name, sizeof(name), "%u", shard);
	n = snprintf(out, cap, "%s/" CA_POINTS_CRL_FOLDER "/%s/%s.crl",
	    state_dir, issuer, name);
	return n > 0 && (size_t)n < cap ? 0 : ERR_SYS_LIMIT;
}

static int
path_of(const struct ca_crl_round *r, unsigned shard, char out[PATH_LEN])
{
	return ca_crl_path(
	    r->o.state_dir, r->o.issuer->id, shard, out, PATH_LEN);
}

int
ca_crl_round_new(
    const struct ca_crl_round_opts *opts, struct ca_crl_round **ret)
{
	struct ca_crl_round *r = calloc(1, sizeof(*r));
	size_t i;

	if (r == NULL)
		return ERR_SYS_NOMEM;
	r->o = *opts;
	for (i = 0; i < CA_CRL_SHARDS_MAX; i++)
		base_buf_init(&r->shard[i], ENTRIES_MAX);
	*ret = r;
	return 0;
}

void
ca_crl_round_free(struct ca_crl_round *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < CA_CRL_SHARDS_MAX; i++)
		base_buf_free(&r->shard[i]);
	free(r->tbs);
	free(r);
}

size_t
ca_crl_round_entries(const struct ca_crl_round *r)
{
	return r->entries;
}

static int
on_revoked(void *ctx, int64_t shard, const struct ca_revoked *row)
{
	struct ca_crl_round *r = ctx;
	const struct pki_crl_entry e = {
		.serial = { row->serial.data, row->serial.len },
		.revoked_ms = row->revoked_at,
		.reason = (unsigned)row->reason,
	};
	uint8_t entry[PKI_CRL_ENTRY_MAX];
	size_t len;
	int rc;

	if (shard < 0 || shard >= CA_CRL_SHARDS_MAX)
		return ERR_SYS_CORRUPT;
	if ((rc = pki_crl_entry(&e, entry, &len)) != 0)
		return rc;
	r->entries++;
	r->octets += len;
	return base_buf_append(&r->shard[shard], entry, len);
}

/*
 * Shards that new certificates do not get any more live until their last
 * certificate is gone (identity spec section 8).
 */
static int
old_shards(struct ca_crl_round *r)
{
	char path[PATH_LEN];
	bool used;
	unsigned i;
	int rc;

	for (i = r->o.issuer->crl_shards; i < CA_CRL_SHARDS_MAX; i++) {
		if (r->shard[i].len > 0)
			continue;
		if ((rc = path_of(r, i, path)) != 0)
			return rc;
		if (access(path, F_OK) != 0)
			continue;
		rc = r->o.store->ops->shard_used(
		    r->o.store, r->o.issuer->id, i, r->o.since, &used);
		if (rc != 0)
			return rc;
		r->drop[i] = !used;
	}
	return 0;
}

int
ca_crl_round_collect(struct ca_crl_round *r)
{
	const struct ca_revoked_scan scan = { .issuer = r->o.issuer->id,
		.since = r->o.since,
		.fn = on_revoked,
		.ctx = r };
	int rc;

	if ((rc = ops_fault_point(r->o.faults, "ca.crl.collect")) != 0)
		return rc;
	rc = r->o.store->ops->scan_revoked(r->o.store, &scan);
	return rc == 0 ? old_shards(r) : rc;
}

/* Whether there is a CRL for that shard. */
static bool
wanted(const struct ca_crl_round *r, unsigned shard)
{
	char path[PATH_LEN];

	if (shard < r->o.issuer->crl_shards || r->shard[shard].len > 0)
		return true;
	return !r->drop[shard] && path_of(r, shard, path) == 0 &&
	       access(path, F_OK) == 0;
}

/* All entries one after the other; they are in no order anyway. */
static int
join(const struct ca_crl_round *r, struct buf *out)
{
	uint8_t *room;
	size_t i;
	int rc;

	if ((rc = base_buf_reserve(out, r->octets, &room)) != 0)
		return rc;
	for (i = 0; i < CA_CRL_SHARDS_MAX && rc == 0; i++)
		rc = base_buf_append(out, r->shard[i].data, r->shard[i].len);
	return rc;
}

static int
frame(struct ca_crl_round *r, struct pki_bytes entries)
{
	const struct pki_cert *issuer = r->o.issuer->cert;
	size_t cap = entries.len + PKI_CRL_FRAME_MAX;
	char url[URL_MAX];
	struct pki_crl crl = { .issuer = pki_cert_subject(issuer),
		.issuer_spki = pki_cert_spki(issuer),
		.this_update_ms = r->o.this_update_ms,
		.next_update_ms = r->o.next_update_ms,
		.number = (uint64_t)r->o.number };

	if (r->at != CA_CRL_WHOLE) {
		/* As the certificates point to it (pki/tbs.h). */
		(void)snprintf(url, sizeof(url), "%s/crl/%s/%u.crl",
		    r->o.status_url, r->o.issuer->id, r->at);
		crl.idp_url = url;
	}
	free(r->tbs);
	if ((r->tbs = malloc(cap)) == NULL)
		return ERR_SYS_NOMEM;
	return pki_crl_tbs(&crl, entries, r->tbs, cap, &r->tbs_len);
}

static int
frame_whole(struct ca_crl_round *r)
{
	struct buf all;
	int rc;

	base_buf_init(&all, ENTRIES_MAX);
	if ((rc = join(r, &all)) == 0)
		rc = frame(r, (struct pki_bytes){ all.data, all.len });
	base_buf_free(&all);
	return rc;
}

int
ca_crl_round_next(struct ca_crl_round *r, struct pki_bytes *ret_tbs)
{
	const struct buf *entries;
	int rc;

	*ret_tbs = (struct pki_bytes){ NULL, 0 };
	if (r->begun && r->at == CA_CRL_WHOLE)
		return 0;
	if (r->begun)
		r->at++;
	r->begun = true;
	while (r->at < CA_CRL_WHOLE && !wanted(r, r->at))
		r->at++;
	if (r->at == CA_CRL_WHOLE && ca_crl_round_too_large(r))
		return 0;
	if (r->at == CA_CRL_WHOLE) {
		rc = frame_whole(r);
	} else {
		entries = &r->shard[r->at];
		rc =
		    frame(r, (struct pki_bytes){ entries->data, entries->len });
	}
	if (rc == 0)
		*ret_tbs = (struct pki_bytes){ r->tbs, r->tbs_len };
	return rc;
}

int
ca_crl_round_write(struct ca_crl_round *r, const uint8_t *sig, size_t len)
{
	const struct pki_bytes tbs = { r->tbs, r->tbs_len };
	size_t cap = r->tbs_len + SIG_MAX, out_len;
	char path[PATH_LEN];
	uint8_t *out;
	int rc;

	if ((out = malloc(cap)) == NULL)
		return ERR_SYS_NOMEM;
	rc = pki_crl_assemble(
	    tbs, (struct pki_bytes){ sig, len }, out, cap, &out_len);
	if (rc == 0)
		rc = path_of(r, r->at, path);
	if (rc == 0)
		rc = ops_fault_point(r->o.faults, "ca.crl.write");
	if (rc == 0)
		rc = store_disk_place(
		    r->o.disk, path, out, out_len, 0644, "ca.crl");
	free(out);
	return rc;
}

bool
ca_crl_round_too_large(const struct ca_crl_round *r)
{
	return r->octets > ENTRIES_MAX;
}

/* No CRL rather than one that nobody renews. */
static int
drop(const struct ca_crl_round *r, unsigned shard)
{
	char path[PATH_LEN];
	int rc;

	if ((rc = path_of(r, shard, path)) == 0)
		rc = store_disk_unlink(r->o.disk, path);
	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

int
ca_crl_round_end(struct ca_crl_round *r)
{
	char path[PATH_LEN];
	unsigned i;
	int rc = 0;

	if (ca_crl_round_too_large(r))
		rc = drop(r, CA_CRL_WHOLE);

	for (i = 0; i < CA_CRL_SHARDS_MAX && rc == 0; i++)
		if (r->drop[i])
			rc = drop(r, i);
	if (rc == 0)
		rc = ca_crl_folder(
		    r->o.state_dir, r->o.issuer->id, path, sizeof(path));
	if (rc == 0)
		rc = store_disk_sync_dir(r->o.disk, path, "ca.crl.dir");
	return rc;
}
