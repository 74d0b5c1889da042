/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/request.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "ops/metrics.h"
#include "trustchain/ct_body.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_issuers.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_metrics.h"
#include "wire/base64.h"
#include "wire/builder.h"

/* One submission on its way: loop, pool, sequencer, key process, loop. */
struct submit {
	struct ct_shard_entry entry; /* first: done() finds us by it */
	struct ct_log *log;
	struct ct_shard *named; /* by the request; NULL: by the certificate */
	struct ct_shard *shard; /* NULL: not yet chosen */
	struct http_request *r;
	enum ct_reply_style style;
	enum ct_chain_want want;
	uint64_t parsed_us;
	struct arena *arena;
	json_t *body; /* NULL: der is there already */
	struct pki_bytes der[PKI_CHAIN_LEN_MAX];
	size_t n_der;
	struct ct_chain chain;
	enum ct_chain_result result;
};

static const struct ct_reply_error malformed = { 400, "malformed",
	"not a JSON object with a chain of base64 certificates" };
static const struct ct_reply_error queue_full = { 503, "queue_full",
	"too many submissions wait" };
static const struct ct_reply_error read_only = { 503, "read_only",
	"the log takes no entries until it is restarted" };
static const struct ct_reply_error frozen = { 503, "frozen",
	"the log takes no more entries" };
static const struct ct_reply_error no_key = { 503, "read_only",
	"no signature to be had at the moment" };

static void
submit_free(struct submit *s)
{
	json_decref(s->body);
	ct_chain_fini(&s->chain);
	base_arena_free(s->arena);
	free(s);
}

static void
fail(struct submit *s, const struct ct_reply_error *error)
{
	ct_reply_fail(s->r, s->style, error);
	submit_free(s);
}

static void
fail_chain(struct submit *s)
{
	static const char *const texts[] = {
		[CT_CHAIN_OK] = "",
		[CT_CHAIN_MALFORMED] = "a certificate is not strict DER",
		[CT_CHAIN_UNKNOWN_ROOT] =
		    "the chain ends at no root of get-roots",
		[CT_CHAIN_BAD_SIGNATURE] = "the chain does not verify",
		[CT_CHAIN_TOO_LONG] = "too many certificates in the chain",
		[CT_CHAIN_NOT_AFTER] = "notAfter belongs to another shard",
		[CT_CHAIN_PRECERT_REQUIRED] = "the poison extension is missing",
		[CT_CHAIN_NOT_PRECERT] =
		    "a precertificate goes to add-pre-chain",
		[CT_CHAIN_TOO_LARGE] = "the certificate is too large",
		[CT_CHAIN_NOMEM] = "out of memory",
	};
	struct ct_reply_error error = { 400, ct_chain_word(s->result),
		texts[s->result] };

	if (s->result == CT_CHAIN_NOMEM)
		error.status = 503;
	fail(s, &error);
}

/* RFC 6962 section 3.2: the TLS digitally-signed struct. */
static json_t *
signature_json(const struct pki_ct_sct *sct)
{
	uint8_t raw[4 + PKI_CT_SIG_MAX];
	struct builder b;

	wire_builder_init(&b, raw, sizeof(raw));
	wire_builder_u8(&b, sct->hash_alg);
	wire_builder_u8(&b, sct->sig_alg);
	wire_builder_u16(&b, sct->sig_len);
	wire_builder_bytes(&b, sct->sig, sct->sig_len);
	return ct_reply_base64(raw, b.len);
}

static json_t *
sct_json(const struct pki_ct_sct *sct)
{
	return json_pack("{s:i, s:o, s:I, s:o, s:o}", "sct_version", 0, "id",
	    ct_reply_base64(sct->log_id, 32), "timestamp",
	    (json_int_t)sct->timestamp_ms, "extensions",
	    ct_reply_base64(sct->ext, sct->ext_len), "signature",
	    signature_json(sct));
}

static json_t *
api_json(const struct submit *s)
{
	const struct pki_ct_sct *sct = &s->entry.sct;
	uint8_t raw[PKI_CT_SCT_MAX];
	size_t len;

	if (pki_ct_sct_encode(sct, raw, sizeof(raw), &len) != 0)
		return NULL;
	return json_pack("{s:o, s:s, s:o, s:I, s:I}", "sct",
	    ct_reply_base64url(raw, len), "shard",
	    ct_shard_params(s->shard)->period.name, "log_id",
	    ct_reply_base64(sct->log_id, 32), "leaf_index",
	    (json_int_t)s->entry.index, "timestamp",
	    (json_int_t)sct->timestamp_ms);
}

/* The entry is durable and its SCT signed, or there is none. */
static void
entry_done(struct ct_shard_entry *e, int rc)
{
	struct submit *s = (struct submit *)e;
	size_t i;

	for (i = 0; rc == 0 && i < e->issuers; i++)
		ct_issuers_add(ct_log_issuers(s->log), e->issuer[i].der,
		    e->issuer[i].fingerprint);
	ops_metrics_observe(ct_log_metrics(s->log), CT_METRIC_APPEND_SECONDS,
	    OPS_LABELS(ct_shard_params(s->shard)->period.name),
	    (double)(loop_monotonic_us() - s->parsed_us) / 1e6);
	if (rc == ERR_STATE_READ_ONLY) {
		fail(s, &read_only);
	} else if (rc != 0) {
		fail(s, &no_key);
	} else {
		ct_reply_json(s->r,
		    s->style == CT_REPLY_V1 ? sct_json(&e->sct) : api_json(s));
		submit_free(s);
	}
}

/* Decode the base64 of one certificate into the arena. */
static int
decode(struct submit *s, const json_t *text, struct pki_bytes *ret)
{
	size_t len = json_string_length(text), n;
	uint8_t *der;

	if (!json_is_string(text))
		return ERR_PEER_MALFORMED;
	der = base_arena_alloc(s->arena, WIRE_BASE64_DECODED_MAX(len));
	if (der == NULL)
		return ERR_SYS_NOMEM;
	if (wire_base64_decode(WIRE_BASE64_STD, json_string_value(text), len,
		der, WIRE_BASE64_DECODED_MAX(len), &n) != 0)
		return ERR_PEER_MALFORMED;
	ret->data = der;
	ret->len = n;
	return 0;
}

/* Collect what was submitted: {chain:[...]}, or {certificate, chain?[...]}. */
static enum ct_chain_result
collect(struct submit *s, struct pki_bytes *der, size_t max, size_t *ret_n)
{
	const json_t *first = NULL, *chain;
	size_t i, n = 0;
	int rc = 0;

	if (s->n_der > 0) {
		memcpy(der, s->der, s->n_der * sizeof(*der));
		*ret_n = s->n_der;
		return s->n_der <= max ? CT_CHAIN_OK : CT_CHAIN_TOO_LONG;
	}
	if (s->style == CT_REPLY_API) {
		first = json_object_get(s->body, "certificate");
		if (first == NULL || (rc = decode(s, first, &der[n++])) != 0)
			return CT_CHAIN_MALFORMED;
	}
	chain = json_object_get(s->body, "chain");
	if (chain == NULL ? first == NULL : !json_is_array(chain))
		return CT_CHAIN_MALFORMED;
	if (n + json_array_size(chain) > max)
		return CT_CHAIN_TOO_LONG;
	for (i = 0; i < json_array_size(chain) && rc == 0; i++)
		rc = decode(s, json_array_get(chain, i), &der[n++]);
	if (rc != 0)
		return rc == ERR_SYS_NOMEM ? CT_CHAIN_NOMEM
					   : CT_CHAIN_MALFORMED;
	*ret_n = n;
	return CT_CHAIN_OK;
}

/* Does the shard, if one was named, take certificates that end then? */
static bool
choose_shard(struct submit *s)
{
	const struct ct_period *p;

	if (s->shard == NULL) {
		s->shard = ct_log_for(s->log, s->chain.not_after_ms);
		return s->shard != NULL;
	}
	p = &ct_shard_params(s->shard)->period;
	return s->chain.not_after_ms >= p->start_ms &&
	       s->chain.not_after_ms < p->end_ms;
}

/* On the pool: everything that costs time and needs no state. */
static void
work(void *ctx)
{
	struct submit *s = ctx;
	const struct ct_config_log *c = &ct_log_config(s->log)->log;
	struct ct_chain_rules rules = { ct_log_roots(s->log),
		(size_t)c->chain_max, (size_t)c->entry_max };
	struct pki_bytes der[PKI_CHAIN_LEN_MAX + 1];
	size_t n = 0;

	s->result = collect(s, der, rules.chain_max, &n);
	if (s->result == CT_CHAIN_OK && s->style == CT_REPLY_API)
		n = ct_issuers_complete(
		    ct_log_issuers(s->log), der, n, rules.chain_max);
	if (s->result == CT_CHAIN_OK)
		s->result = ct_chain_parse(&rules, der, n, &s->chain);
	if (s->result == CT_CHAIN_OK && !choose_shard(s))
		s->result = CT_CHAIN_NOT_AFTER;
	if (s->result == CT_CHAIN_OK)
		s->result = ct_chain_entry(
		    &rules, &s->chain, s->want, s->arena, &s->entry);
	if (s->result == CT_CHAIN_OK)
		ct_shard_find(s->shard, &s->entry);
}

/* To the sequencer, or back with an error. */
static void
queue(struct submit *s)
{
	int rc;

	if (s->result != CT_CHAIN_OK) {
		fail_chain(s);
		return;
	}
	s->parsed_us = loop_monotonic_us();
	s->entry.done = entry_done;
	rc = ct_shard_submit(s->shard, &s->entry);
	if (rc == ERR_STATE_FULL)
		fail(s, &queue_full);
	else if (rc == ERR_STATE_READ_ONLY)
		fail(s, &read_only);
	else if (rc != 0)
		fail(s, &frozen);
}

static void
worked(void *ctx)
{
	struct submit *s = ctx;
	struct ct_shard *named = s->named;

	queue(s);
	if (named != NULL)
		ct_shard_expected(named);
}

/* The body, or at least what is in it. */
static bool
read_body(struct submit *s, const char *body, size_t len)
{
	static const char *const names[] = { "chain", "certificate" };
	bool api = s->style == CT_REPLY_API;

	if (len > CT_SUBMIT_BODY_MAX)
		return false;
	if (!api && ct_body_chain(body, len, s->arena, s->der,
			PKI_CHAIN_LEN_MAX, &s->n_der))
		return true;
	s->n_der = 0;
	return wire_json_parse(body, len, &s->body, NULL) == 0 &&
	       json_is_object(s->body) &&
	       wire_json_only(s->body, names, api ? 2 : 1) == NULL;
}

static void
begin(struct ct_log *l, struct ct_shard *shard, struct submit *template)
{
	const uint8_t *body;
	struct submit *s;
	size_t len;

	if ((s = malloc(sizeof(*s))) == NULL) {
		ct_reply_fail(template->r, template->style, &queue_full);
		return;
	}
	*s = *template;
	s->log = l;
	s->named = s->shard = shard;
	body = http_request_body(s->r, &len);
	/* Decoded certificates, perhaps in vain and then once more, and one
	 * TBS: each is less than the body. */
	s->arena = base_arena_new(3 * CT_SUBMIT_BODY_MAX);
	if (s->arena == NULL)
		fail(s, &queue_full);
	else if (!read_body(s, (const char *)body, len))
		fail(s, &malformed);
	else if (loop_pool_submit(ct_log_pool(l), work, worked, s) != 0)
		fail(s, &queue_full);
	else if (shard != NULL)
		ct_shard_expect(shard);
}

void
ct_submit_chain(struct ct_log *l, struct ct_shard *shard,
    enum ct_chain_want want, struct http_request *r)
{
	struct submit s;

	memset(&s, 0, sizeof(s));
	s.r = r;
	s.style = CT_REPLY_V1;
	s.want = want;
	if (ct_shard_state(shard) != CT_SHARD_OPEN)
		ct_reply_fail(r, CT_REPLY_V1, &frozen);
	else
		begin(l, shard, &s);
}

void
ct_submit_api(struct ct_log *l, struct http_request *r)
{
	struct submit s;

	memset(&s, 0, sizeof(s));
	s.r = r;
	s.style = CT_REPLY_API;
	s.want = CT_CHAIN_EITHER;
	begin(l, NULL, &s);
}
