/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/pkey.h"
#include "loop/timer.h"
#include "net/tls.h"
#include "ops/log.h"
#include "pki/san.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_row.h"

#define RETRY_MS 5000
#define FIRST_MS 200
#define PROFILE "service"

struct ca_tls {
	struct ca_tls_opts o;
	struct loop_timer *timer;
	struct crypto_pkey *key; /* waits for its certificate */
	struct pki_san_list names;
	bool asked;
	bool certified;
};

/* A request whose only content that counts is the key. */
static int
make_csr(const struct crypto_pkey *key, uint8_t **ret, size_t *ret_len)
{
	EVP_PKEY *evp = crypto_pkey_evp(key);
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int len = -1;

	if (req != NULL && X509_REQ_set_version(req, 0) == 1 &&
	    X509_REQ_set_pubkey(req, evp) == 1 &&
	    X509_REQ_sign(req, evp, EVP_sha256()) > 0)
		len = i2d_X509_REQ(req, &der);
	X509_REQ_free(req);
	if (len <= 0)
		return ERR_SYS_CRYPTO;
	*ret = der;
	*ret_len = (size_t)len;
	return 0;
}

/* The private key as PEM, for net_tls only; the caller wipes it. */
static char *
key_pem(const struct crypto_pkey *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data, *out = NULL;
	long len;

	if (bio != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(
		bio, crypto_pkey_evp(key), NULL, NULL, 0, NULL, NULL) == 1 &&
	    (len = BIO_get_mem_data(bio, &data)) > 0)
		out = strndup(data, (size_t)len);
	BIO_free(bio);
	return out;
}

static int
install(struct ca_tls *t, const struct ca_cert *row)
{
	const struct ca_authority_issuer *is =
	    ca_authority_find(t->o.authority, row->issuer);
	char *leaf = ca_record_pem(row->final.data, row->final.len);
	char *key = key_pem(t->key), *chain = NULL;
	struct fault f = { 0 };
	int rc = ERR_SYS_NOMEM;

	if (leaf != NULL && key != NULL && is != NULL &&
	    asprintf(&chain, "%s%s", leaf, is->chain_pem) != -1)
		rc = net_tls_set_cert(t->o.tls, chain, key, &f);
	else
		chain = NULL;
	free(chain);
	free(leaf);
	if (key != NULL)
		base_wipe_free(key, strlen(key));
	return rc;
}

static void
issued(void *ctx, const struct ca_issue_result *r)
{
	struct ca_tls *t = ctx;
	int64_t now = base_clock_now_ms(t->o.clock), left;
	int rc = r->rc;

	t->asked = false;
	if (r->code == NULL && (rc = install(t, r->row)) == 0) {
		t->certified = true;
		left = (r->row->not_after - now) * 2 / 3;
		loop_timer_start(
		    t->timer, left > RETRY_MS ? (uint64_t)left : RETRY_MS, 0);
		OPS_LOG(t->o.log, OPS_LOG_INFO, "tls", "tls.rotated",
		    OPS_LOG_STR("serial", r->serial));
	} else {
		OPS_LOG(t->o.log, OPS_LOG_WARN, "tls",
		    "own certificate not issued",
		    OPS_LOG_STR("code", r->code != NULL ? r->code : ""),
		    OPS_LOG_STR("detail", r->detail),
		    OPS_LOG_STR("error", base_err_name(rc)));
		loop_timer_start(t->timer, RETRY_MS, 0);
	}
	crypto_pkey_free(t->key);
	t->key = NULL;
}

static int
ask(struct ca_tls *t)
{
	struct ca_issue_request r = { .via = CA_ISSUE_SELF,
		.owner = "system",
		.profile = PROFILE,
		.names = &t->names };
	uint8_t *csr = NULL;
	size_t len = 0;
	int rc;

	if ((rc = crypto_pkey_generate(CRYPTO_KEY_P256, &t->key)) != 0 ||
	    (rc = make_csr(t->key, &csr, &len)) != 0)
		return rc;
	r.csr.data = csr;
	r.csr.len = len;
	rc = ca_issue_submit(t->o.issue, &r, issued, t);
	OPENSSL_free(csr);
	return rc;
}

static void
tick(void *ctx)
{
	struct ca_tls *t = ctx;
	char why[128];
	int rc;

	if (t->asked)
		return;
	if (!ca_issue_ready(t->o.issue, why, sizeof(why))) {
		loop_timer_start(
		    t->timer, t->certified ? RETRY_MS : FIRST_MS, 0);
		return;
	}
	t->asked = true;
	if ((rc = ask(t)) == 0)
		return;
	t->asked = false;
	crypto_pkey_free(t->key);
	t->key = NULL;
	OPS_LOG(t->o.log, OPS_LOG_WARN, "tls", "own certificate not asked for",
	    OPS_LOG_STR("error", base_err_name(rc)));
	loop_timer_start(t->timer, RETRY_MS, 0);
}

int
ca_tls_new(const struct ca_tls_opts *opts, struct ca_tls **ret)
{
	const struct ops_config_list *names =
	    &opts->config->server.service_names;
	struct ca_tls *t;
	size_t i;
	int rc = 0;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_SYS_NOMEM;
	t->o = *opts;
	for (i = 0; rc == 0 && i < names->n; i++)
		rc = pki_san_add_text(&t->names, ops_config_string(names, i));
	if (rc == 0)
		rc = loop_timer_new(opts->loop, tick, t, &t->timer);
	if (rc != 0) {
		ca_tls_free(t);
		return rc;
	}
	loop_timer_start(t->timer, FIRST_MS, 0);
	*ret = t;
	return 0;
}

void
ca_tls_free(struct ca_tls *t)
{
	if (t == NULL)
		return;
	loop_timer_free(t->timer);
	crypto_pkey_free(t->key);
	free(t);
}

bool
ca_tls_certified(const struct ca_tls *t)
{
	return t->certified;
}
