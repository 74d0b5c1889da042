/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_issue_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "keys/client.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "pki/ct.h"
#include "pki/san.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_store.h"
#include "trustchain/keyop.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/json.h"

/* Assemble TBS and signature in the job's arena. */
static int
assemble(struct ca_issue_job *j, const struct ca_issue_der *tbs,
    struct pki_bytes sig, struct ca_issue_der *ret)
{
	size_t cap = tbs->len + sig.len + 64;

	if ((ret->data = base_arena_alloc(j->arena, cap)) == NULL)
		return ERR_SYS_NOMEM;
	return pki_cert_assemble((struct pki_bytes){ tbs->data, tbs->len }, sig,
	    ret->data, cap, &ret->len);
}

static void
signed_by_key(struct ca_issue_job *j, int rc, struct pki_bytes sig,
    const struct ca_issue_der *tbs, struct ca_issue_der *ret)
{
	j->event = PKI_ISSUE_EV_OK;
	if (rc != 0) {
		OPS_LOG(j->ci->o.log, OPS_LOG_ERROR, "issue",
		    "key process did not sign",
		    OPS_LOG_STR("rc", base_err_name(rc)),
		    OPS_LOG_STR("serial", j->serial_hex));
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_KEY_UNAVAILABLE,
		    "the key process did not sign");
	} else if ((rc = assemble(j, tbs, sig, ret)) != 0) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_INTERNAL, "%s",
		    base_err_text(rc));
	}
	ca_issue_feed(j, j->event);
}

static void
precert_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.precert.after");
	signed_by_key(j, rc, (struct pki_bytes){ sig, len }, &j->precert_tbs,
	    &j->precert);
}

static void
final_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.final.after");
	/* The self-check judges by the logs as they are known now. */
	if (rc == 0)
		rc = ca_log_known(
		    j->ci->o.ctlog, j->arena, &j->logs, &j->n_logs);
	signed_by_key(
	    j, rc, (struct pki_bytes){ sig, len }, &j->final_tbs, &j->final);
}

/* The precertificate with the SCT list where the poison was. */
static int
build_final(struct ca_issue_job *j)
{
	struct pki_ct_sct scts[CA_ISSUE_SCTS_MAX];
	size_t cap = j->n_scts * (PKI_CT_SCT_MAX + 2) + 16, i;
	int rc;

	for (i = 0; i < j->n_scts; i++)
		scts[i] = j->scts[i].sct;
	if ((j->list.data = base_arena_alloc(j->arena, cap)) == NULL)
		return ERR_SYS_NOMEM;
	rc = pki_ct_list_encode(
	    scts, j->n_scts, j->list.data, cap, &j->list.len);
	if (rc != 0)
		return rc;
	cap += j->precert_tbs.len + 64;
	if ((j->final_tbs.data = base_arena_alloc(j->arena, cap)) == NULL)
		return ERR_SYS_NOMEM;
	return pki_ct_embed(
	    (struct pki_bytes){ j->precert_tbs.data, j->precert_tbs.len },
	    (struct pki_bytes){ j->list.data, j->list.len }, j->final_tbs.data,
	    cap, &j->final_tbs.len);
}

/* Identity spec section 3, op CERT: 32 issuer_key_hash, TBS. */
void
ca_issue_sign(struct ca_issue_job *j, bool final)
{
	struct ca_issue_der *tbs = final ? &j->final_tbs : &j->precert_tbs;
	struct keys_request req;
	uint8_t *payload;
	int rc = 0;

	if (final)
		rc = build_final(j);
	if (rc == 0) {
		payload = base_arena_alloc(j->arena, 32 + tbs->len);
		if (payload == NULL) {
			rc = ERR_SYS_NOMEM;
		} else {
			if (final)
				memcpy(payload, j->issuer->key_hash, 32);
			memcpy(payload + 32, tbs->data, tbs->len);
			req = (struct keys_request){ KEYOP_CERT,
				j->issuer->slot, payload, 32 + tbs->len };
			rc = keys_client_call(j->ci->o.keys, &req,
			    final ? final_signed : precert_signed, j);
		}
	}
	if (rc != 0) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_KEY_UNAVAILABLE,
		    "%s", base_err_text(rc));
		ca_issue_feed(j, j->event);
	}
}

static void
storage_failed(struct ca_issue_job *j, int rc)
{
	OPS_LOG(j->ci->o.log, OPS_LOG_ERROR, "issue", "commit failed",
	    OPS_LOG_STR("rc", base_err_name(rc)),
	    OPS_LOG_STR("serial", j->serial_hex));
	ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_STORAGE_UNAVAILABLE,
	    "%s", base_err_text(rc));
}

static void
c1_done(void *ctx, int rc)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.c1.after");
	j->event = PKI_ISSUE_EV_OK;
	if (rc == 0) {
		if (j->not_before_ms > j->ci->newest_not_before_ms)
			j->ci->newest_not_before_ms = j->not_before_ms;
	} else if (rc == ERR_STATE_HALTED) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_ISSUANCE_HALTED,
		    "the issuer's epoch moved");
	} else if (rc == ERR_STATE_EXISTS || rc == ERR_STATE_CONFLICT) {
		ca_issue_fail(j, PKI_ISSUE_EV_REFUSED, CA_PROBLEM_CONFLICT,
		    "%s",
		    rc == ERR_STATE_EXISTS ? "the key is in use"
					   : "the order is not ready");
	} else {
		storage_failed(j, rc);
	}
	ca_issue_feed(j, j->event);
}

static void
put_c1(struct ca_issue_job *j, struct ca_batch *b, const struct ca_name *names)
{
	struct ca_cert row;
	struct ca_idem idem;

	memset(&row, 0, sizeof(row));
	row.issuer = j->issuer->id;
	row.serial = (struct ca_blob){ j->serial, PKI_SERIAL_LEN };
	row.epoch = j->epoch;
	row.state = CA_CERT_PRECERT;
	row.profile = j->profile->name;
	row.not_before = j->not_before_ms;
	row.not_after = j->not_after_ms;
	row.created = j->created_ms;
	row.shard = j->crl_shard;
	row.spki = (struct ca_blob){ j->spki_hash, 32 };
	row.precert = (struct ca_blob){ j->precert.data, j->precert.len };
	row.owner = j->owner != NULL ? j->owner : "system";
	row.order_id = j->order_id;
	ca_batch_put_precert(b, &row, names, j->sans->n);
	if (j->idem_key == NULL || j->owner == NULL)
		return;
	memset(&idem, 0, sizeof(idem));
	idem.token = j->owner;
	idem.key = j->idem_key;
	idem.body_hash = (struct ca_blob){ j->body_hash, 32 };
	idem.expires =
	    j->created_ms + j->ci->o.config->issue.idempotency_s * 1000;
	ca_batch_put_idem(b, &idem);
}

static void
submit(struct ca_issue_job *j, struct ca_batch *b, void (*done)(void *, int))
{
	struct ca_store *s = j->ci->o.store;
	int rc = ERR_SYS_NOMEM;

	if (b != NULL)
		rc = s->ops->submit(s, b, done, j);
	if (rc != 0) {
		storage_failed(j, rc);
		ca_issue_feed(j, j->event);
	}
}

void
ca_issue_c1(struct ca_issue_job *j)
{
	struct ca_batch *b = ca_batch_new();
	struct ca_name *names;

	if (b != NULL && ca_issue_names(j, &names) == 0) {
		put_c1(j, b, names);
	} else {
		ca_batch_free(b);
		b = NULL;
	}
	submit(j, b, c1_done);
}

static void
logged(void *ctx, int rc, const struct ca_log_sct *scts, size_t n)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.log.after");
	j->event = PKI_ISSUE_EV_OK;
	if (rc == 0 && (n == 0 || n > CA_ISSUE_SCTS_MAX))
		rc = ERR_SYS_LIMIT;
	if (rc == 0) {
		memcpy(j->scts, scts, n * sizeof(*scts));
		j->n_scts = n;
	} else if (rc == ERR_SYS_CLOCK) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_CLOCK_SKEW,
		    "the log's clock and ours disagree");
	} else {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_CT_UNAVAILABLE,
		    "the logs did not answer; the certificate will follow");
	}
	ca_issue_feed(j, j->event);
}

void
ca_issue_log(struct ca_issue_job *j)
{
	struct pki_bytes chain[CA_AUTHORITY_CHAIN_MAX];
	struct ca_log_entry e;
	uint8_t *tbs;
	size_t i;
	int rc = ERR_SYS_NOMEM;

	memset(&e, 0, sizeof(e));
	if ((tbs = base_arena_alloc(j->arena, j->precert_tbs.len)) != NULL)
		rc = pki_ct_strip((struct pki_bytes){ j->precert_tbs.data,
				      j->precert_tbs.len },
		    PKI_OID_CT_POISON, tbs, j->precert_tbs.len, &e.tbs.len);
	if (rc == 0) {
		for (i = 0; i < j->issuer->chain_len; i++)
			chain[i] = pki_cert_der(j->issuer->chain[i]);
		e.tbs.data = tbs;
		e.precert =
		    (struct pki_bytes){ j->precert.data, j->precert.len };
		e.chain = chain;
		e.chain_len = j->issuer->chain_len;
		memcpy(e.issuer_key_hash, j->issuer->key_hash, 32);
		e.not_after_ms = j->not_after_ms;
		rc = ca_log_submit(j->ci->o.ctlog, &e, logged, j);
	}
	if (rc != 0) {
		ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_CT_UNAVAILABLE,
		    "%s", base_err_text(rc));
		ca_issue_feed(j, j->event);
	}
}

/* Where the entry is in its log; a foreign one does not say. */
static json_t *
sct_index(const struct ca_log_sct *s)
{
	return s->foreign ? json_null()
			  : json_integer((json_int_t)s->leaf_index);
}

/* One element of the "scts" array (identity spec section 6). */
static json_t *
sct_object(const struct ca_log_sct *s)
{
	uint8_t tls[PKI_CT_SCT_MAX];
	char b64[4 * (PKI_CT_SCT_MAX / 3 + 1) + 1], id[48];
	size_t len;

	if (pki_ct_sct_encode(&s->sct, tls, sizeof(tls), &len) != 0)
		return NULL;
	wire_base64_encode(WIRE_BASE64_URL, tls, len, b64);
	wire_base64_encode(WIRE_BASE64_STD, s->sct.log_id, 32, id);
	return json_pack("{s:s, s:o, s:o, s:I, s:s}", "log_id", id, "shard",
	    s->foreign ? json_null() : json_string(s->shard), "leaf_index",
	    sct_index(s), "timestamp", (json_int_t)s->sct.timestamp_ms, "sct",
	    b64);
}

static char *
scts_text(struct ca_issue_job *j)
{
	json_t *a = json_array();
	char *text = NULL, *kept = NULL;
	size_t i, len;
	int bad = a == NULL ? -1 : 0;

	for (i = 0; i < j->n_scts && bad == 0; i++)
		bad = json_array_append_new(a, sct_object(&j->scts[i]));
	if (bad == 0 && (text = wire_json_dump(a, &len)) != NULL)
		kept = base_arena_dup(j->arena, text, len);
	free(text);
	json_decref(a);
	return kept;
}

/* The audit event cert.issued (identity spec section 15). */
static int
audit_issued(struct ca_issue_job *j, struct ca_batch *b)
{
	json_t *o, *ids = json_array(), *at = json_array();
	char fp[65], id[48], *text = NULL;
	size_t i;

	wire_hex_encode(j->fp, 32, fp);
	for (i = 0; i < j->n_scts; i++) {
		wire_base64_encode(
		    WIRE_BASE64_STD, j->scts[i].sct.log_id, 32, id);
		json_array_append_new(ids, json_string(id));
		json_array_append_new(at, sct_index(&j->scts[i]));
	}
	o = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "serial", j->serial_hex,
	    "fingerprint", fp, "issuer", j->issuer->id, "profile",
	    j->profile_name, "log_ids", ids, "indexes", at);
	if (o != NULL)
		text = wire_json_dump(o, NULL);
	json_decref(o);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	ca_batch_outbox(
	    b, base_clock_now_ms(j->ci->o.clock), "cert.issued", text);
	free(text);
	return 0;
}

static void
c2_done(void *ctx, int rc)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.c2.after");
	j->event = PKI_ISSUE_EV_OK;
	if (rc == ERR_STATE_HALTED || rc == ERR_STATE_STALE)
		ca_issue_fail(j, PKI_ISSUE_EV_REFUSED,
		    CA_PROBLEM_ISSUANCE_HALTED, "the issuer's epoch moved");
	else if (rc != 0)
		storage_failed(j, rc);
	ca_issue_feed(j, j->event);
}

void
ca_issue_c2(struct ca_issue_job *j)
{
	struct ca_batch *b = ca_batch_new();
	struct ca_cert row;

	j->sct_json = scts_text(j);
	if (b == NULL || j->sct_json == NULL || audit_issued(j, b) != 0) {
		ca_batch_free(b);
		submit(j, NULL, c2_done);
		return;
	}
	memset(&row, 0, sizeof(row));
	row.issuer = j->issuer->id;
	row.serial = (struct ca_blob){ j->serial, PKI_SERIAL_LEN };
	row.fp = (struct ca_blob){ j->fp, 32 };
	row.final = (struct ca_blob){ j->final.data, j->final.len };
	row.scts = (struct ca_blob){ j->list.data, j->list.len };
	row.sct_json = j->sct_json;
	ca_batch_finalize(b, &row);
	submit(j, b, c2_done);
}

static void
abandoned(void *ctx, int rc)
{
	struct ca_issue_job *j = ctx;

	if (j->ci->stopping)
		return;
	(void)ca_issue_point(j, "ca.abandon.after");
	j->event = PKI_ISSUE_EV_OK;
	/* Waiters, if any, learn that their certificate will not come. */
	j->problem = CA_PROBLEM_CT_UNAVAILABLE;
	snprintf(j->detail, sizeof(j->detail), "the certificate was abandoned");
	if (rc != 0)
		storage_failed(j, rc);
	else if (j->ci->o.abandoned != NULL)
		j->ci->o.abandoned(j->ci->o.ctx, j->issuer->id);
	ca_issue_feed(j, j->event);
}

static void
put_event(struct ca_issue_job *j, struct ca_batch *b, const char *event)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"serial\":\"%s\",\"issuer\":\"%s\"}",
	    j->serial_hex, j->issuer->id);
	ca_batch_outbox(b, base_clock_now_ms(j->ci->o.clock), event, text);
}

void
ca_issue_abandon(struct ca_issue_job *j)
{
	static const char error[] =
	    "{\"type\":\"urn:ietf:params:acme:error:serverInternal\","
	    "\"detail\":\"ct_unavailable: the certificate was abandoned\"}";
	struct ca_batch *b = ca_batch_new();

	if (b != NULL) {
		ca_batch_abandon(b, j->issuer->id,
		    (struct ca_blob){ j->serial, PKI_SERIAL_LEN },
		    base_clock_now_ms(j->ci->o.clock), error);
		put_event(j, b, "cert.abandoned");
	}
	submit(j, b, abandoned);
}

static void
audited(void *ctx, int rc)
{
	(void)ctx;
	(void)rc;
}

void
ca_issue_audit_check(struct ca_issue_job *j)
{
	struct ca_store *s = j->ci->o.store;
	struct ca_batch *b = ca_batch_new();

	OPS_LOG(j->ci->o.log, OPS_LOG_ERROR, "issue", "self-check failed",
	    OPS_LOG_STR("serial", j->serial_hex),
	    OPS_LOG_STR("detail", j->detail));
	if (b == NULL)
		return;
	put_event(j, b, "pki.selfcheck.failed");
	if (s->ops->submit(s, b, audited, NULL) != 0)
		OPS_LOG(j->ci->o.log, OPS_LOG_ERROR, "issue",
		    "audit event lost", OPS_LOG_STR("serial", j->serial_hex));
}
