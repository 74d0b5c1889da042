/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/pkey.h"
#include "loop/timer.h"
#include "net/tls.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "pki/tbs.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_row.h"
#include "trustchain/ca_sealed.h"
#include "trustchain/ca_store.h"
#include "trustchain/trustchain_leaf.h"
#include "wire/hex.h"

#define RETRY_MS 5000
#define FIRST_MS 200
#define PROFILE "service"
#define ROW_ARENA 262144
#define LEAF_MAX 65536

struct ca_tls {
	struct ca_tls_opts o;
	struct loop_timer *timer;
	struct crypto_pkey *key; /* waits for its certificate */
	struct pki_san_list names;
	bool asked;
	bool certified;
	/* What is shown, once certified. */
	char serial[2 * PKI_SERIAL_LEN + 1];
	int64_t not_before, not_after;
	struct {
		ca_tls_fn *fn;
		void *ctx;
	} waiter[CA_TLS_WAITERS_MAX];
	size_t n_waiters;
};

int64_t
ca_tls_left_ms(const struct ca_tls *t)
{
	return t->certified ? t->not_after - base_clock_now_ms(t->o.clock)
			    : INT64_MAX;
}

/* How much is left of the certificate when it is time for another. */
static int64_t
threshold_ms(const struct ca_tls *t)
{
	int64_t ms = t->o.config->rotate.threshold_h * 3600000;
	int64_t life = t->not_after - t->not_before;

	return ms < life ? ms : life / 3;
}

static struct ca_tls_result
result(const struct ca_tls *t)
{
	return (struct ca_tls_result){ .serial = t->serial,
		.not_before = t->not_before,
		.not_after = t->not_after,
		.left_ms = ca_tls_left_ms(t) };
}

/* Tell everybody who asked for this rotation. */
static void
tell(struct ca_tls *t, const struct ca_tls_result *r)
{
	size_t n = t->n_waiters, i;

	t->n_waiters = 0;
	for (i = 0; i < n; i++)
		t->waiter[i].fn(t->waiter[i].ctx, r);
}

/* The chain to show with the certificate of ${row}; to be freed. */
static char *
chain_pem(const struct ca_tls *t, const struct ca_cert *row)
{
	const struct ca_authority_issuer *is =
	    ca_authority_find(t->o.authority, row->issuer);
	char *leaf = ca_record_pem(row->final.data, row->final.len);
	char *chain = NULL;

	if (leaf == NULL || is == NULL ||
	    asprintf(&chain, "%s%s", leaf, is->chain_pem) == -1)
		chain = NULL;
	free(leaf);
	return chain;
}

/* Look again when it is due, and every scan_h in case the configuration says
 * something else by then. */
static void
rearm(struct ca_tls *t)
{
	int64_t wait = ca_tls_left_ms(t) - threshold_ms(t);
	int64_t scan = t->o.config->rotate.scan_h * 3600000;

	if (wait > scan)
		wait = scan;
	loop_timer_start(
	    t->timer, wait > RETRY_MS ? (uint64_t)wait : RETRY_MS, 0);
}

static void
arm(struct ca_tls *t, const struct ca_cert *row)
{
	t->certified = true;
	t->not_before = row->not_before;
	t->not_after = row->not_after;
	t->serial[0] = '\0';
	if (row->serial.len == PKI_SERIAL_LEN)
		wire_hex_encode(row->serial.data, row->serial.len, t->serial);
	rearm(t);
}

static int
install(struct ca_tls *t, const char *chain, const struct crypto_pkey *pkey)
{
	char *key = trustchain_leaf_key_pem(pkey);
	struct fault f = { 0 };
	int rc;

	if (key == NULL)
		return ERR_SYS_NOMEM;
	rc = net_tls_set_cert(t->o.tls, chain, key, &f);
	base_wipe_free(key, strlen(key));
	return rc;
}

/* Show a certificate that was issued, and keep it for the next start. */
static int
adopt(struct ca_tls *t, const struct ca_issue_result *r)
{
	char *chain = chain_pem(t, r->row);
	int rc = ERR_SYS_NOMEM;

	if (chain != NULL)
		rc = install(t, chain, t->key);
	if (rc == 0 && t->o.sealed != NULL &&
	    (rc = ca_sealed_save(t->o.sealed, chain, t->key)) != 0) {
		OPS_LOG(t->o.log, OPS_LOG_WARN, "tls", "own key not sealed",
		    OPS_LOG_STR("error", base_err_name(rc)));
		rc = 0;
	}
	free(chain);
	return rc;
}

static void
issued(void *ctx, const struct ca_issue_result *r)
{
	struct ca_tls *t = ctx;
	struct ca_tls_result res;
	int rc = r->rc;

	t->asked = false;
	if (r->code == NULL && (rc = adopt(t, r)) == 0) {
		arm(t, r->row);
		OPS_LOG(t->o.log, OPS_LOG_INFO, "tls", "tls.rotated",
		    OPS_LOG_STR("serial", r->serial));
		t->o.rotated(t->o.ctx, r->serial);
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
	res = result(t);
	res.rotated = r->code == NULL && rc == 0;
	res.rc = r->code != NULL && rc == 0 ? ERR_SYS_UNAVAILABLE : rc;
	res.code = r->code;
	res.detail = r->code != NULL ? r->detail : base_err_text(rc);
	tell(t, &res);
}

/* Why the certificate that was kept must not be shown again, or NULL. */
static const char *
unfit(const struct ca_tls *t, const struct pki_cert *leaf,
    const struct ca_cert *row)
{
	struct pki_bytes der = pki_cert_der(leaf);
	struct pki_san_list names;

	if (row->final.len != der.len ||
	    memcmp(row->final.data, der.data, der.len) != 0)
		return "not a certificate of this CA";
	if (row->state != CA_CERT_ISSUED || row->revoked_at != 0)
		return "revoked";
	if (row->not_after <= base_clock_now_ms(t->o.clock))
		return "expired";
	if (pki_cert_sans(leaf, &names) != 0 ||
	    !pki_san_same(&names, &t->names))
		return "service_names have changed";
	return NULL;
}

/* Judge the certificate by the store's row of it, and show it. */
static const char *
show_again(struct ca_tls *t, const struct pki_cert *leaf,
    const struct crypto_pkey *key, struct arena *a)
{
	struct pki_bytes serial = pki_cert_serial(leaf);
	struct ca_blob blob = { serial.data, serial.len };
	struct ca_cert row;
	const char *why;
	char *chain;
	int rc;

	rc = t->o.store->ops->get_cert(t->o.store, NULL, blob, a, &row);
	if (rc != 0)
		return rc == ERR_STATE_NOT_FOUND
			   ? "not a certificate of this CA"
			   : base_err_text(rc);
	if ((why = unfit(t, leaf, &row)) != NULL)
		return why;
	if ((chain = chain_pem(t, &row)) == NULL)
		return "its issuer is not configured any more";
	rc = install(t, chain, key);
	free(chain);
	if (rc != 0)
		return base_err_text(rc);
	arm(t, &row);
	return NULL;
}

void
ca_tls_reuse(struct ca_tls *t, int keys_fd)
{
	struct arena *a = base_arena_new(ROW_ARENA);
	struct crypto_pkey *key = NULL;
	struct pki_cert *leaf = NULL;
	const char *why = NULL;
	struct buf der;
	int rc;

	base_buf_init(&der, LEAF_MAX);
	rc = a == NULL ? ERR_SYS_NOMEM
		       : ca_sealed_load(t->o.sealed, keys_fd, &der, &key);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, &leaf);
	if (rc == 0)
		why = show_again(t, leaf, key, a);
	else if (rc != ERR_STATE_NOT_FOUND)
		why = base_err_text(rc);
	if (why != NULL)
		OPS_LOG(t->o.log, OPS_LOG_WARN, "tls",
		    "sealed certificate not used", OPS_LOG_STR("reason", why));
	pki_cert_free(leaf);
	crypto_pkey_free(key);
	base_buf_free(&der);
	base_arena_free(a);
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
	    (rc = trustchain_leaf_csr(t->key, &csr, &len)) != 0)
		return rc;
	r.csr.data = csr;
	r.csr.len = len;
	rc = ca_issue_submit(t->o.issue, &r, issued, t);
	OPENSSL_free(csr);
	return rc;
}

/* Begin a rotation, unless one is on its way. */
static int
begin(struct ca_tls *t)
{
	int rc;

	if (t->asked)
		return 0;
	t->asked = true;
	if ((rc = ask(t)) == 0)
		return 0;
	t->asked = false;
	crypto_pkey_free(t->key);
	t->key = NULL;
	OPS_LOG(t->o.log, OPS_LOG_WARN, "tls", "own certificate not asked for",
	    OPS_LOG_STR("error", base_err_name(rc)));
	loop_timer_start(t->timer, RETRY_MS, 0);
	return rc;
}

static void
tick(void *ctx)
{
	struct ca_tls *t = ctx;
	char why[128];

	if (t->asked)
		return;
	if (t->certified && ca_tls_left_ms(t) > threshold_ms(t)) {
		rearm(t);
		return;
	}
	if (!ca_issue_ready_self(t->o.issue, why, sizeof(why))) {
		loop_timer_start(
		    t->timer, t->certified ? RETRY_MS : FIRST_MS, 0);
		return;
	}
	if (begin(t) != 0)
		return; /* the timer runs; nobody waits for this one */
}

int
ca_tls_rotate(struct ca_tls *t, int64_t left_ms, ca_tls_fn *fn, void *ctx)
{
	struct ca_tls_result r = result(t);
	int rc;

	if (left_ms < 0)
		left_ms = threshold_ms(t);
	if (t->certified && r.left_ms > left_ms) {
		fn(ctx, &r);
		return 0;
	}
	if (t->n_waiters == CA_TLS_WAITERS_MAX)
		return ERR_SYS_LIMIT;
	if ((rc = begin(t)) != 0) {
		r.rc = rc;
		r.detail = base_err_text(rc);
		fn(ctx, &r);
		return 0;
	}
	t->waiter[t->n_waiters].fn = fn;
	t->waiter[t->n_waiters++].ctx = ctx;
	return 0;
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
