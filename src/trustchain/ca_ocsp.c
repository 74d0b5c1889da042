/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_ocsp.h"

#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "base/rng.h"
#include "http/request.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_ocsp_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/keyop.h"

/* What is not known today may be known in a few minutes. */
#define UNKNOWN_LIFE_MS (300 * INT64_C(1000))

static void
turn_free(struct ca_ocsp_turn *t)
{
	if (t == NULL)
		return;
	free(t->der);
	free(t->cert);
	free(t);
}

int
ca_ocsp_find(const struct ca_ocsp *o, const struct pki_ocsp_id *id)
{
	const struct ca_ocsp_issuer *is;

	if (id->hash == PKI_OCSP_HASH_OTHER)
		return -1;
	for (size_t i = 0; i < o->o.authority->n_issuers; i++) {
		is = &o->issuer[i];
		if (memcmp(id->key_hash.data, is->key[id->hash],
			is->len[id->hash]) == 0 &&
		    memcmp(id->name_hash.data, is->name[id->hash],
			is->len[id->hash]) == 0)
			return (int)i;
	}
	return -1;
}

bool
ca_ocsp_may(struct ca_ocsp *o, bool nonce)
{
	const uint8_t which = nonce ? 1 : 0;
	const void *const keys[] = { &which };
	int64_t per_s =
	    nonce ? o->o.config->status.ocsp_nonce_per_s : CA_OCSP_UNKEPT_PER_S;
	const struct bucket_rate rate = { (uint32_t)per_s * 60,
		(uint32_t)per_s };
	uint64_t wait_ms;

	return per_s > 0 && base_bucket_take(o->rates, keys, &rate, 1,
				loop_monotonic_us() / 1000, &wait_ms) == 0;
}

/* The store's word on one certificate. */
static int
look_up(struct ca_ocsp_turn *t, const struct pki_ocsp_id *id,
    struct pki_ocsp_single *ret)
{
	struct ca_store *s = t->o->o.store;
	struct ca_status st;
	int64_t end;
	int rc;

	rc = s->ops->get_status(s, t->o->o.authority->issuer[t->issuer].id,
	    (struct ca_blob){ id->serial.data, id->serial.len }, &st);
	if (rc != 0)
		return rc;
	*ret = (struct pki_ocsp_single){ .id = id->der,
		.status = PKI_OCSP_GOOD,
		.this_ms = t->data.produced_ms };
	end = ret->this_ms + t->o->o.config->status.ocsp_validity_s * 1000;
	if (st.kind == CA_STATUS_UNKNOWN) {
		ret->status = PKI_OCSP_UNKNOWN;
		end = ret->this_ms + UNKNOWN_LIFE_MS;
	} else if (st.kind == CA_STATUS_REVOKED) {
		ret->status = PKI_OCSP_REVOKED;
		ret->revoked_ms = st.revoked_at;
		ret->reason = (unsigned)st.reason;
	}
	if (st.kind != CA_STATUS_UNKNOWN && st.not_after > ret->this_ms &&
	    st.not_after < end)
		end = st.not_after;
	ret->next_ms = end;
	return 0;
}

static bool
is_kept(const struct ca_ocsp_turn *t)
{
	return t->o->kept != NULL && t->in.n == 1 && t->in.nonce.data == NULL &&
	       t->single[0].status != PKI_OCSP_UNKNOWN;
}

static struct ca_ocsp_key
key_of(const struct ca_ocsp_turn *t)
{
	const struct pki_ocsp_id *id = &t->in.id[0];
	struct ca_ocsp_key k;

	memset(&k, 0, sizeof(k));
	k.issuer = (uint8_t)t->issuer;
	k.hash = (uint8_t)id->hash;
	k.der_len = (uint8_t)id->der.len;
	k.serial_len = (uint8_t)id->serial.len;
	memcpy(k.serial, id->serial.data, id->serial.len);
	return k;
}

/* Say again what was said, if it is still so; false: it has to be signed. */
static bool
say_again(struct ca_ocsp_turn *t)
{
	const struct ca_ocsp_key key = key_of(t);
	struct pki_ocsp_single *s = &t->single[0];
	const struct ca_ocsp_kept *k = base_lru_get(t->o->kept, &key);
	int64_t now_ms = t->data.produced_ms;

	if (k == NULL || k->generation != t->generation ||
	    k->status != s->status || k->revoked_ms != s->revoked_ms ||
	    k->reason != s->reason || now_ms < k->this_ms ||
	    now_ms >= k->this_ms + (k->next_ms - k->this_ms) / 2)
		return false;
	s->this_ms = t->data.produced_ms = k->this_ms;
	s->next_ms = k->next_ms;
	if (pki_ocsp_data_encode(
		&t->data, t->tbs, sizeof(t->tbs), &t->tbs_len) != 0)
		return false;
	ca_ocsp_send(t, (struct pki_bytes){ k->sig, k->sig_len });
	return true;
}

static void
keep(struct ca_ocsp_turn *t, const uint8_t *sig, size_t len)
{
	const struct ca_ocsp_key key = key_of(t);
	const struct pki_ocsp_single *s = &t->single[0];
	struct ca_ocsp_kept *k;

	if (len > CA_OCSP_SIG_MAX)
		return;
	k = base_lru_make(t->o->kept, &key);
	k->this_ms = s->this_ms;
	k->next_ms = s->next_ms;
	k->revoked_ms = s->revoked_ms;
	k->generation = t->generation;
	k->status = (uint8_t)s->status;
	k->reason = (uint8_t)s->reason;
	k->sig_len = (uint8_t)len;
	memcpy(k->sig, sig, len);
}

static void
signed_by_key(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_ocsp_turn *t = ctx;

	t->o->pending--;
	if (rc == 0) {
		if (is_kept(t))
			keep(t, sig, len);
		ca_ocsp_send(t, (struct pki_bytes){ sig, len });
	} else {
		/* A key process that was just replaced has other keys. */
		ca_ocsp_error(t->o, t->req, PKI_OCSP_TRY_LATER);
	}
	turn_free(t);
}

static int
sign(struct ca_ocsp_turn *t, uint8_t slot)
{
	const struct keys_request req = { KEYOP_OCSP, slot, t->tbs,
		t->tbs_len };
	int rc;

	if (t->o->pending == CA_OCSP_PENDING_MAX)
		return ERR_STATE_FULL;
	rc = keys_client_call(t->o->o.keys, &req, signed_by_key, t);
	if (rc == 0)
		t->o->pending++;
	return rc;
}

static int
look_up_all(struct ca_ocsp_turn *t, const struct ca_signer_ready *by)
{
	int rc = 0;

	t->data.produced_ms = base_clock_now_ms(t->o->o.clock) / 1000 * 1000;
	for (size_t i = 0; rc == 0 && i < t->in.n; i++) {
		rc = look_up(t, &t->in.id[i], &t->single[i]);
		/* Nobody believes it longer than its signer. */
		if (rc == 0 && t->single[i].next_ms > by->not_after_ms)
			t->single[i].next_ms = by->not_after_ms;
	}
	t->data.n = t->in.n;
	t->data.single = t->single;
	t->data.nonce = t->in.nonce;
	memcpy(t->data.key_hash, by->key_hash, sizeof(t->data.key_hash));
	return rc;
}

static int
take_cert(struct ca_ocsp_turn *t, const struct ca_signer_ready *by)
{
	t->generation = by->generation;
	if ((t->cert = malloc(by->cert.len)) == NULL)
		return ERR_SYS_NOMEM;
	memcpy(t->cert, by->cert.data, by->cert.len);
	t->cert_len = by->cert.len;
	return 0;
}

/* Answer from what is kept, or have the answer signed; then ${t} is given up
 * here.  On failure it is not. */
static int
answer(struct ca_ocsp_turn *t, const struct ca_signer_ready *by)
{
	int rc;

	if ((rc = take_cert(t, by)) != 0 || (rc = look_up_all(t, by)) != 0)
		return rc;
	if (is_kept(t) && say_again(t)) {
		turn_free(t);
		return 0;
	}
	if (t->in.nonce.data == NULL &&
	    (t->in.n > 1 || t->single[0].status == PKI_OCSP_UNKNOWN) &&
	    !ca_ocsp_may(t->o, false))
		return ERR_STATE_FULL;
	rc =
	    pki_ocsp_data_encode(&t->data, t->tbs, sizeof(t->tbs), &t->tbs_len);
	return rc == 0 ? sign(t, by->slot) : rc;
}

static void
respond(struct ca_ocsp_turn *t)
{
	const struct ca_signer_ready *by;
	enum pki_ocsp_error e = PKI_OCSP_TRY_LATER;
	int rc;

	/* A delegated signer speaks for its own issuer, and no other. */
	t->issuer = ca_ocsp_find(t->o, &t->in.id[0]);
	for (size_t i = 1; i < t->in.n; i++)
		if (ca_ocsp_find(t->o, &t->in.id[i]) != t->issuer)
			t->issuer = -1;
	if (t->issuer < 0) {
		ca_ocsp_error(t->o, t->req, PKI_OCSP_UNAUTHORIZED);
		turn_free(t);
		return;
	}
	by = ca_signer_get(t->o->o.signer, (size_t)t->issuer);
	rc = by == NULL ? ERR_SYS_UNAVAILABLE : 0;
	if (rc == 0 && t->in.nonce.data != NULL && !ca_ocsp_may(t->o, true))
		rc = ERR_STATE_FULL;
	if (rc == 0 && (rc = answer(t, by)) == 0)
		return;
	if (rc != ERR_STATE_FULL && rc != ERR_SYS_UNAVAILABLE) {
		OPS_LOG(t->o->o.log, OPS_LOG_ERROR, "ocsp", "no answer",
		    OPS_LOG_STR("error", base_err_text(rc)));
		e = PKI_OCSP_INTERNAL_ERROR;
	}
	ca_ocsp_error(t->o, t->req, e);
	turn_free(t);
}

/* The request's octets, to be freed. */
static int
octets(const struct ca_ocsp *o, struct http_request *req, const char *text,
    uint8_t **ret, size_t *ret_len)
{
	uint8_t *der = malloc(PKI_OCSP_REQUEST_MAX);
	const uint8_t *body;
	int rc = 0;

	if (der == NULL)
		return ERR_SYS_NOMEM;
	if (http_request_method(req) == HTTP_METHOD_POST) {
		body = http_request_body(req, ret_len);
		if (*ret_len > PKI_OCSP_REQUEST_MAX)
			rc = ERR_PEER_TOO_LARGE;
		else
			memcpy(der, body, *ret_len);
	} else {
		rc =
		    ca_ocsp_decode(o, text, der, PKI_OCSP_REQUEST_MAX, ret_len);
	}
	if (rc != 0)
		free(der);
	else
		*ret = der;
	return rc;
}

void
ca_ocsp_handle(struct ca_ocsp *o, struct http_request *req, const char *text)
{
	struct ca_ocsp_turn *t = calloc(1, sizeof(*t));
	size_t len;
	int rc = t == NULL ? ERR_SYS_NOMEM : 0;

	if (rc == 0)
		rc = octets(o, req, text, &t->der, &len);
	if (rc == 0)
		rc = pki_ocsp_request_parse(
		    (struct pki_bytes){ t->der, len }, &t->in);
	if (rc != 0) {
		ca_ocsp_error(o, req,
		    base_err_class(rc) == ERR_CLASS_PEER
			? PKI_OCSP_MALFORMED_REQUEST
			: PKI_OCSP_INTERNAL_ERROR);
		turn_free(t);
		return;
	}
	t->o = o;
	t->req = req;
	respond(t);
}

static int
hash_issuers(struct ca_ocsp *o)
{
	const struct pki_cert *cert;
	struct ca_ocsp_issuer *is;
	int rc = 0;

	for (size_t i = 0; i < o->o.authority->n_issuers; i++) {
		cert = o->o.authority->issuer[i].cert;
		is = &o->issuer[i];
		for (int h = 0; rc == 0 && h < 2; h++) {
			rc = pki_ocsp_key_hash(pki_cert_spki(cert),
			    (enum pki_ocsp_hash)h, is->key[h], &is->len[h]);
			if (rc == 0)
				rc = pki_ocsp_name_hash(pki_cert_subject(cert),
				    (enum pki_ocsp_hash)h, is->name[h],
				    &is->len[h]);
		}
	}
	return rc;
}

int
ca_ocsp_new(const struct ca_ocsp_opts *opts, struct ca_ocsp **ret)
{
	struct ca_ocsp *o = calloc(1, sizeof(*o));
	size_t kept = (size_t)opts->config->status.ocsp_cache;
	uint8_t key[16];
	int rc;

	if (o == NULL)
		return ERR_SYS_NOMEM;
	o->o = *opts;
	o->issuer = calloc(CA_AUTHORITY_ISSUERS_MAX, sizeof(*o->issuer));
	rc = o->issuer == NULL ? ERR_SYS_NOMEM : 0;
	if (rc == 0)
		rc = base_rng_fill(opts->rng, key, sizeof(key));
	if (rc == 0)
		rc = base_lru_new(2, 1, sizeof(struct bucket), key, &o->rates);
	if (rc == 0 && kept > 0)
		rc = base_lru_new(kept, sizeof(struct ca_ocsp_key),
		    sizeof(struct ca_ocsp_kept), key, &o->kept);
	if (rc == 0)
		rc = hash_issuers(o);
	if (rc != 0) {
		ca_ocsp_free(o);
		return rc;
	}
	*ret = o;
	return 0;
}

int
ca_ocsp_grow(struct ca_ocsp *o)
{
	return hash_issuers(o);
}

void
ca_ocsp_free(struct ca_ocsp *o)
{
	if (o == NULL)
		return;
	base_lru_free(o->kept);
	base_lru_free(o->rates);
	free(o->issuer);
	free(o);
}
