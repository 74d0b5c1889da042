/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "keys/client.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "pki/ocsp.h"
#include "pki/pubkey.h"
#include "pki/tbs_ocsp.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_serial.h"
#include "trustchain/ca_signer_internal.h"
#include "trustchain/ca_store.h"
#include "trustchain/keyop.h"
#include "wire/hex.h"

#define LOOK_MS 1000
#define RETRY_MS 5000
#define RENEW_MS (5 * 86400 * INT64_C(1000))
#define LIFE_MS (7 * 86400 * INT64_C(1000))
#define BACKDATE_MS (300 * INT64_C(1000))

enum { ARENA = 16384, AUDIT_MAX = 512 };

void
ca_signer_failed(struct ca_signer_one *one, const char *what, int rc)
{
	one->step = CA_SIGNER_IDLE;
	one->not_until_ms = base_clock_now_ms(one->s->o.clock) + RETRY_MS;
	if (rc == ERR_SYS_CANCELLED)
		return;
	OPS_LOG(one->s->o.log, OPS_LOG_WARN, "ocsp", "no new OCSP signer",
	    OPS_LOG_STR("issuer", one->issuer->id), OPS_LOG_STR("step", what),
	    OPS_LOG_STR("error", base_err_text(rc)));
}

/* What was waited for belongs to an attempt that was given up. */
static bool
stale(struct ca_signer_call *call)
{
	bool yes = call->attempt != call->one->attempt;

	if (yes)
		free(call);
	return yes;
}

static int
ask(struct ca_signer_one *one, const struct keys_request *req,
    keys_client_fn *fn)
{
	struct ca_signer_call *call = malloc(sizeof(*call));
	int rc;

	if (call == NULL)
		return ERR_SYS_NOMEM;
	call->one = one;
	call->attempt = one->attempt;
	rc = keys_client_call(one->s->o.keys, req, fn, call);
	if (rc != 0)
		free(call);
	return rc;
}

int
ca_signer_use(struct ca_signer_one *one, const struct pki_cert *cert)
{
	struct pki_bytes der = pki_cert_der(cert);
	uint8_t hash[32];
	uint8_t *copy;
	size_t len;
	int rc;

	rc = pki_ocsp_key_hash(pki_cert_spki(cert), PKI_OCSP_SHA1, hash, &len);
	if (rc != 0)
		return rc;
	if ((copy = malloc(der.len)) == NULL)
		return ERR_SYS_NOMEM;
	memcpy(copy, der.data, der.len);
	free((void *)(uintptr_t)one->ready.cert.data);
	memcpy(one->ready.key_hash, hash, sizeof(one->ready.key_hash));
	one->ready.cert = (struct pki_bytes){ copy, der.len };
	one->ready.slot = one->slot;
	one->ready.not_after_ms = pki_cert_not_after_ms(cert);
	one->ready.generation = ++one->s->generations;
	one->is_ready = true;
	one->since_ms = base_clock_now_ms(one->s->o.clock);
	return 0;
}

/* Durable and audited: it may answer now. */
static void
stored(void *ctx, int rc)
{
	struct ca_signer_call *call = ctx;
	struct ca_signer_one *one = call->one;
	struct pki_cert *cert = NULL;

	if (stale(call))
		return;
	free(call);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ one->der, one->der_len }, &cert);
	if (rc == 0)
		rc = ca_signer_use(one, cert);
	pki_cert_free(cert);
	if (rc != 0) {
		ca_signer_failed(one, "store", rc);
		return;
	}
	one->step = CA_SIGNER_IDLE;
	OPS_LOG(one->s->o.log, OPS_LOG_INFO, "ocsp", "OCSP signer ready",
	    OPS_LOG_STR("issuer", one->issuer->id));
	if (one->configured)
		ca_signer_save(one);
}

static void
audit(struct ca_signer_one *one, struct ca_batch *b, const uint8_t fp[32])
{
	char text[AUDIT_MAX], serial[2 * PKI_SERIAL_LEN + 1], hex[65];

	wire_hex_encode(one->serial, PKI_SERIAL_LEN, serial);
	wire_hex_encode(fp, 32, hex);
	/* None of these holds a character that JSON escapes. */
	(void)snprintf(text, sizeof(text),
	    "{\"serial\":\"%s\",\"fingerprint\":\"%s\",\"issuer\":\"%s\","
	    "\"profile\":\"%s\",\"log_ids\":[],\"indexes\":[]}",
	    serial, hex, one->issuer->id, CA_SIGNER_PROFILE);
	ca_batch_outbox(
	    b, base_clock_now_ms(one->s->o.clock), "cert.issued", text);
}

/* Exempt from logging: state I at once (identity.md section 5). */
static int
store(struct ca_signer_one *one, const struct pki_cert *cert)
{
	struct ca_store *st = one->s->o.store;
	struct ca_batch *b = ca_batch_new();
	struct ca_signer_call *call = malloc(sizeof(*call));
	struct ca_cert row = { .issuer = one->issuer->id,
		.serial = { one->serial, PKI_SERIAL_LEN },
		.epoch = one->epoch,
		.state = CA_CERT_ISSUED,
		.profile = CA_SIGNER_PROFILE,
		.not_before = pki_cert_not_before_ms(cert),
		.not_after = pki_cert_not_after_ms(cert),
		.created = base_clock_now_ms(one->s->o.clock),
		.shard = one->shard,
		.final = { one->der, one->der_len },
		.owner = "system" };
	uint8_t spki[32], fp[32];
	int rc = b == NULL || call == NULL ? ERR_SYS_NOMEM : 0;

	if (rc == 0)
		rc = pki_pubkey_sha256(pki_cert_spki(cert), spki);
	if (rc == 0)
		rc = pki_pubkey_sha256(pki_cert_der(cert), fp);
	if (rc != 0) {
		ca_batch_free(b);
		free(call);
		return rc;
	}
	row.spki = (struct ca_blob){ spki, sizeof(spki) };
	row.fp = (struct ca_blob){ fp, sizeof(fp) };
	ca_batch_put_precert(b, &row, NULL, 0);
	audit(one, b, fp);
	call->one = one;
	call->attempt = one->attempt;
	rc = st->ops->submit(st, b, stored, call);
	if (rc != 0)
		free(call);
	return rc;
}

static void
certified(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_signer_call *call = ctx;
	struct ca_signer_one *one = call->one;
	struct pki_cert *cert = NULL;

	if (stale(call))
		return;
	free(call);
	if (rc == 0)
		rc = pki_cert_assemble(
		    (struct pki_bytes){ one->tbs, one->tbs_len },
		    (struct pki_bytes){ sig, len }, one->der, sizeof(one->der),
		    &one->der_len);
	/* What the key process gave is looked at before anybody sees it. */
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ one->der, one->der_len }, &cert);
	if (rc == 0)
		rc = pki_cert_verify(cert, one->issuer->cert);
	if (rc == 0)
		rc = store(one, cert);
	pki_cert_free(cert);
	if (rc != 0)
		ca_signer_failed(one, "certificate", rc);
}

static int
write_tbs(struct ca_signer_one *one, struct pki_bytes spki)
{
	int64_t end = pki_cert_not_after_ms(one->issuer->cert), now_ms;
	struct pki_tbs_signer in = { .issuer = one->issuer->cert,
		.spki = spki };
	char cn[64];
	int rc;

	rc = ca_serial_draw(
	    one->s->o.rng, one->issuer->crl_shards, one->serial, &one->shard);
	if (rc != 0)
		return rc;
	(void)snprintf(cn, sizeof(cn), "OCSP %s", one->issuer->id);
	in.cn = cn;
	now_ms = base_clock_now_ms(one->s->o.clock) / 1000 * 1000;
	memcpy(in.serial, one->serial, sizeof(in.serial));
	in.not_before_ms = now_ms - BACKDATE_MS;
	in.not_after_ms = in.not_before_ms + LIFE_MS - 1000;
	if (in.not_after_ms > end)
		in.not_after_ms = end;
	return pki_tbs_ocsp_signer(
	    &in, one->tbs, sizeof(one->tbs), &one->tbs_len);
}

/* Spec section 3, op CERT: 32 zeros, as there are no SCTs, and the TBS. */
static int
certify(struct ca_signer_one *one, struct pki_bytes spki)
{
	struct keys_request req = { KEYOP_CERT, one->issuer->slot, NULL, 0 };
	uint8_t *payload;
	int rc;

	if ((rc = write_tbs(one, spki)) != 0)
		return rc;
	if ((payload = calloc(1, 32 + one->tbs_len)) == NULL)
		return ERR_SYS_NOMEM;
	memcpy(payload + 32, one->tbs, one->tbs_len);
	req.payload = payload;
	req.len = 32 + one->tbs_len;
	rc = ask(one, &req, certified);
	free(payload);
	return rc;
}

/* A slot and the key in it, from GENERATE; or the key of the ocsp_key. */
static void
got_key(void *ctx, int rc, const uint8_t *data, size_t len)
{
	struct ca_signer_call *call = ctx;
	struct ca_signer_one *one = call->one;
	size_t skip = one->configured ? 0 : 1;

	if (stale(call))
		return;
	free(call);
	if (rc == 0 && len <= skip)
		rc = ERR_PEER_TRUNCATED;
	if (rc == 0) {
		one->slot = one->configured ? (uint8_t)KEYOP_SLOT_OCSP_KEY(
						  one->issuer->slot)
					    : data[0];
		rc =
		    certify(one, (struct pki_bytes){ data + skip, len - skip });
	}
	if (rc != 0)
		ca_signer_failed(one, "key", rc);
}

static void
begin(struct ca_signer_one *one)
{
	static const char kind[] = KEYOP_GENERATE_OCSP;
	struct keys_request req = { KEYOP_GENERATE, one->issuer->slot,
		(const uint8_t *)kind, sizeof(kind) - 1 };
	int rc;

	if (one->configured)
		req = (struct keys_request){ KEYOP_PUBLIC,
			(uint8_t)KEYOP_SLOT_OCSP_KEY(one->issuer->slot), NULL,
			0 };
	one->step = CA_SIGNER_BUSY;
	one->attempt++;
	if ((rc = ask(one, &req, got_key)) != 0)
		ca_signer_failed(one, "key", rc);
}

/* The issuer's epoch now; its sweeps cover what was issued before. */
static int
epoch_of(struct ca_signer_one *one, int64_t *ret)
{
	struct ca_store *st = one->s->o.store;
	struct arena *a = base_arena_new(ARENA);
	struct ca_issuer row;
	int rc = a == NULL ? ERR_SYS_NOMEM : 0;

	if (rc == 0)
		rc = st->ops->get_issuer(st, one->issuer->id, a, &row);
	if (rc == 0)
		*ret = row.epoch;
	base_arena_free(a);
	return rc;
}

static bool
is_due(const struct ca_signer_one *one, int64_t epoch, int64_t now_ms)
{
	return !one->is_ready || one->epoch != epoch ||
	       now_ms - one->since_ms >= RENEW_MS ||
	       now_ms < one->since_ms - BACKDATE_MS;
}

static void
look_at(struct ca_signer_one *one)
{
	int64_t now_ms = base_clock_now_ms(one->s->o.clock), epoch;

	if (one->s->o.status_only) {
		ca_signer_load(one, now_ms);
		return;
	}
	if (one->step != CA_SIGNER_IDLE || now_ms < one->not_until_ms ||
	    epoch_of(one, &epoch) != 0 || !is_due(one, epoch, now_ms))
		return;
	one->epoch = epoch;
	begin(one);
}

void
ca_signer_look(struct ca_signer *s)
{
	for (size_t i = 0; i < s->n; i++)
		look_at(&s->one[i]);
}

static void
tick(void *ctx)
{
	ca_signer_look(ctx);
}

void
ca_signer_replaced(struct ca_signer *s)
{
	if (s->o.status_only)
		return;
	for (size_t i = 0; i < s->n; i++) {
		/* What was made is gone; a file may hold another key. */
		s->one[i].is_ready =
		    s->one[i].is_ready && s->one[i].configured;
		s->one[i].since_ms = 0;
		s->one[i].attempt++;
		s->one[i].step = CA_SIGNER_IDLE;
		s->one[i].not_until_ms = 0;
	}
	ca_signer_look(s);
}

const struct ca_signer_ready *
ca_signer_get(const struct ca_signer *s, size_t issuer)
{
	const struct ca_signer_one *one = &s->one[issuer];

	if (!one->is_ready ||
	    one->ready.not_after_ms <= base_clock_now_ms(s->o.clock))
		return NULL;
	return &one->ready;
}

void
ca_signer_grow(struct ca_signer *s, const struct ca_config *config)
{
	const struct ca_authority *a = s->o.authority;
	const struct ca_config_issuer *conf;

	for (size_t i = s->n; i < a->n_issuers; i++) {
		s->one[i].s = s;
		s->one[i].issuer = &a->issuer[i];
		conf = ca_config_issuer(config, a->issuer[i].id);
		s->one[i].conf = conf;
		s->one[i].configured =
		    conf != NULL && conf->ocsp_key[0] != '\0';
	}
	s->n = a->n_issuers;
}

int
ca_signer_new(const struct ca_signer_opts *opts, struct ca_signer **ret)
{
	struct ca_signer *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	s->o = *opts;
	s->one = calloc(CA_AUTHORITY_ISSUERS_MAX, sizeof(*s->one));
	if (s->one == NULL) {
		free(s);
		return ERR_SYS_NOMEM;
	}
	ca_signer_grow(s, opts->config);
	if ((rc = loop_timer_new(opts->loop, tick, s, &s->timer)) != 0) {
		ca_signer_free(s);
		return rc;
	}
	loop_timer_start(s->timer, 1, LOOK_MS);
	*ret = s;
	return 0;
}

void
ca_signer_free(struct ca_signer *s)
{
	if (s == NULL)
		return;
	loop_timer_free(s->timer);
	for (size_t i = 0; i < s->n; i++)
		free((void *)(uintptr_t)s->one[i].ready.cert.data);
	free(s->one);
	free(s);
}
