/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ISSUE_FIXTURE_H
#define TRUSTCHAIN_CA_ISSUE_FIXTURE_H

#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/clock.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "pki/ct.h"
#include "pki/lint.h"
#include "pki/pki_test.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_log.h"

/* A key process and a log by OpenSSL: they check nothing, fail on demand. */
enum sct_lie { HONEST, BAD_SIGNATURE, OTHER_TBS };

static struct pki_world *w;
static EVP_PKEY *log_key;
static struct der log_spki;
static char dir[64], db_path[128];
static struct loop *loop;
static struct store_disk *disk;
static struct ca_store *store;
static struct ca_config config;
static struct ca_authority *authority;
static struct ca_issue *issue;
static int64_t now_ms;
static bool log_up, log_answers;
static enum sct_lie lie;
static int key_rc;
static bool wrong_key; /* for what follows the precertificate */
static unsigned keys_called, logs_called;

/** clock_now: The clock of the test. */
static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock test_clock = { clock_now, NULL };

struct key_reply {
	keys_client_fn *fn;
	void *ctx;
	int rc;
	struct der sig;
};

/** deliver_key: Answer for the key process. */
static void
deliver_key(void *ctx)
{
	struct key_reply *k = ctx;

	k->fn(k->ctx, k->rc, k->sig.data, k->sig.len);
	free(k);
}

/** keys_client_call: Play the key process. */
int
keys_client_call(struct keys_client *c, const struct keys_request *req,
    keys_client_fn *fn, void *ctx)
{
	struct key_reply *k = calloc(1, sizeof(*k));

	(void)c;
	keys_called++;
	assert_int_equal(req->op, CA_ISSUE_OP_CERT);
	assert_int_equal(req->slot, 0);
	k->fn = fn;
	k->ctx = ctx;
	k->rc = key_rc;
	if (key_rc == 0)
		sign_with(wrong_key && keys_called % 2 == 0 ? w->leaf_key
							    : w->issuer_key,
		    EVP_sha256(), B(req->payload + 32, req->len - 32), &k->sig);
	return loop_post(loop, deliver_key, k);
}

struct log_reply {
	ca_log_fn *fn;
	void *ctx;
	int rc;
	struct ca_log_sct sct;
};

/** deliver_sct: Answer for the log. */
static void
deliver_sct(void *ctx)
{
	struct log_reply *l = ctx;

	l->fn(l->ctx, l->rc, &l->sct, l->rc == 0 ? 1 : 0);
	free(l);
}

/** make_sct: Sign as the log does, or lie. */
static void
make_sct(const struct ca_log_entry *e, struct ca_log_sct *out)
{
	struct der *in = malloc(sizeof(*in)), *sig = malloc(sizeof(*sig));
	struct pki_ct_entry entry = { .type = PKI_CT_PRECERT, .cert = e->tbs };
	struct pki_ct_sct *s = &out->sct;

	memcpy(entry.issuer_key_hash, e->issuer_key_hash, 32);
	if (lie == OTHER_TBS)
		entry.issuer_key_hash[0] ^= 1;
	assert_int_equal(pki_ct_key_hash(bytes(&log_spki), s->log_id), 0);
	s->timestamp_ms = (uint64_t)now_ms;
	s->hash_alg = 4;
	s->sig_alg = 3;
	s->ext_len = PKI_CT_LEAF_INDEX_LEN;
	out->leaf_index = 41;
	pki_ct_leaf_index_encode(41, s->ext);
	snprintf(out->shard, sizeof(out->shard), "2026w48");
	assert_int_equal(
	    pki_ct_signed_input(&entry, s->timestamp_ms, B(s->ext, s->ext_len),
		in->data, sizeof(in->data), &in->len),
	    0);
	sign_with(log_key, EVP_sha256(), bytes(in), sig);
	s->sig_len = (uint16_t)sig->len;
	memcpy(s->sig, sig->data, sig->len);
	if (lie == BAD_SIGNATURE)
		s->sig[s->sig_len - 1] ^= 1;
	free(in);
	free(sig);
}

/** ca_log_submit: Play the log client. */
int
ca_log_submit(struct ca_log *l, const struct ca_log_entry *entry, ca_log_fn *fn,
    void *ctx)
{
	struct log_reply *r = calloc(1, sizeof(*r));

	(void)l;
	logs_called++;
	r->fn = fn;
	r->ctx = ctx;
	r->rc = log_answers ? 0 : ERR_SYS_UNAVAILABLE;
	if (log_answers)
		make_sct(entry, &r->sct);
	return loop_post(loop, deliver_sct, r);
}

/** ca_log_ready: As the test says. */
bool
ca_log_ready(
    const struct ca_log *l, int64_t not_after_ms, char *why, size_t whylen)
{
	(void)l;
	(void)not_after_ms;
	snprintf(why, whylen, "down by the test");
	return log_up;
}

/** ca_log_known: The one log of the test. */
int
ca_log_known(const struct ca_log *l, struct arena *a, struct pki_lint_log **ret,
    size_t *ret_n)
{
	struct pki_lint_log *v = base_arena_alloc(a, sizeof(*v));

	(void)l;
	v->spki = bytes(&log_spki);
	v->start_ms = NOW_MS - DAY_MS;
	v->end_ms = NOW_MS + 9 * DAY_MS;
	*ret = v;
	*ret_n = 1;
	return 0;
}

/** make_csr: A request with these names, by OpenSSL. */
static void
make_csr(EVP_PKEY *key, const char *sans, struct der *out)
{
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	uint8_t *p = out->data;

	X509_REQ_set_pubkey(req, key);
	if (sans != NULL) {
		sk_X509_EXTENSION_push(exts, X509V3_EXT_conf_nid(NULL, NULL,
						 NID_subject_alt_name, sans));
		X509_REQ_add_extensions(req, exts);
	}
	assert_true(X509_REQ_sign(req, key, EVP_sha256()) > 0);
	out->len = (size_t)i2d_X509_REQ(req, &p);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	X509_REQ_free(req);
}

#endif
