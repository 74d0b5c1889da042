/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/pkey.h"
#include "http/client.h"
#include "loop/timer.h"
#include "net/tls.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "store/file.h"
#include "trustchain/ca_sealed.h"
#include "trustchain/trustchain_config.h"
#include "trustchain/trustchain_leaf.h"
#include "wire/json.h"
#include "wire/pem.h"

#define FIRST_MS 200
#define RETRY_MS 5000
#define TIMEOUT_MS 15000
#define FILE_MAX 65536
#define TOKEN_MAX 256
#define PROFILE "service"

struct trustchain_tls {
	struct trustchain_tls_opts o;
	struct http_client *client;
	struct http_call *call;
	struct loop_timer *timer;
	struct pki_san_list names;
	struct crypto_pkey *key; /* waits for its certificate */
	char *body;
	bool certified;
};

static void
complain(struct trustchain_tls *t, const char *what, const char *detail)
{
	OPS_LOG(
	    t->o.log, OPS_LOG_WARN, "tls", what, OPS_LOG_STR("detail", detail));
}

/* ${chain} shows a certificate for our names that is good now; its end. */
static const char *
judge(const struct trustchain_tls *t, const char *chain, int64_t *ret_due_ms)
{
	int64_t now = base_clock_now_ms(t->o.clock), end, life;
	struct pki_cert *leaf = NULL;
	const char *why = NULL;
	struct pki_san_list have;
	struct buf der;
	size_t pos = 0;

	base_buf_init(&der, FILE_MAX);
	if (wire_pem_next(chain, strlen(chain), &pos, "CERTIFICATE", &der) !=
		0 ||
	    pki_cert_parse((struct pki_bytes){ der.data, der.len }, &leaf) != 0)
		why = "not a certificate";
	else if (pki_cert_not_after_ms(leaf) <= now)
		why = "expired";
	else if (pki_cert_sans(leaf, &have) != 0 ||
		 !pki_san_same(&have, &t->names))
		why = "it names others than service_names";
	if (why == NULL) {
		end = pki_cert_not_after_ms(leaf);
		life = end - pki_cert_not_before_ms(leaf);
		*ret_due_ms = end - life / 3 - now;
	}
	pki_cert_free(leaf);
	base_buf_free(&der);
	return why;
}

static const char *
show(struct trustchain_tls *t, const char *chain, const struct crypto_pkey *key)
{
	struct fault f = { 0 };
	const char *why;
	int64_t due_ms;
	char *pem;
	int rc;

	if ((why = judge(t, chain, &due_ms)) != NULL)
		return why;
	if ((pem = trustchain_leaf_key_pem(key)) == NULL)
		return "out of memory";
	rc = net_tls_set_cert(t->o.tls, chain, pem, &f);
	base_wipe_free(pem, strlen(pem));
	if (rc != 0)
		return base_err_text(rc);
	t->certified = true;
	loop_timer_start(
	    t->timer, due_ms > RETRY_MS ? (uint64_t)due_ms : RETRY_MS, 0);
	return NULL;
}

void
trustchain_tls_reuse(struct trustchain_tls *t, int keys_fd)
{
	struct crypto_pkey *key = NULL;
	const char *why = NULL;
	uint8_t *text = NULL;
	struct buf leaf;
	char *end;
	size_t len;
	int rc;

	base_buf_init(&leaf, FILE_MAX);
	rc = store_file_load(t->o.sealed->path, FILE_MAX, &text, &len);
	if (rc == 0)
		rc = ca_sealed_load(t->o.sealed, keys_fd, &leaf, &key);
	if (rc == 0) {
		end = strstr((char *)text, "-----BEGIN " CA_SEALED_LABEL);
		if (end != NULL)
			*end = '\0';
		why = show(t, (const char *)text, key);
	} else if (rc != ERR_STATE_NOT_FOUND) {
		why = base_err_text(rc);
	}
	if (why != NULL)
		complain(t, "sealed certificate not used", why);
	base_buf_free(&leaf);
	crypto_pkey_free(key);
	free(text);
}

/* The chain in the answer to an issue, as one text to be freed. */
static char *
chain_of(const struct http_response *resp)
{
	const json_t *rest;
	json_t *o = NULL;
	const uint8_t *body;
	const char *pem;
	struct buf b;
	size_t len, i;
	int rc;

	body = http_response_body(resp, &len);
	base_buf_init(&b, FILE_MAX);
	rc = wire_json_parse((const char *)body, len, &o, NULL);
	if (rc == 0)
		rc = wire_json_string(o, "certificate", FILE_MAX, &pem, &len);
	if (rc == 0)
		rc = base_buf_append(&b, pem, len);
	rest = rc == 0 ? json_object_get(o, "chain") : NULL;
	for (i = 0; rc == 0 && i < json_array_size(rest); i++) {
		pem = json_string_value(json_array_get(rest, i));
		rc = pem == NULL ? ERR_PEER_MALFORMED
				 : base_buf_append(&b, pem, strlen(pem));
	}
	if (rc == 0)
		rc = base_buf_append(&b, "", 1);
	json_decref(o);
	if (rc == 0)
		return (char *)b.data;
	base_buf_free(&b);
	return NULL;
}

static void
drop(struct trustchain_tls *t)
{
	crypto_pkey_free(t->key);
	t->key = NULL;
	free(t->body);
	t->body = NULL;
}

static void
answered(void *ctx, const struct http_response *resp)
{
	int rc = http_response_rc(resp), status = http_response_status(resp);
	struct trustchain_tls *t = ctx;
	const char *why = NULL;
	char detail[160];
	char *chain = NULL;

	t->call = NULL;
	if (rc != 0 || status != 201) {
		if (rc != 0)
			(void)!base_str_format(detail, sizeof(detail),
			    "%s: %.100s", base_err_text(rc),
			    http_response_detail(resp));
		else
			(void)!base_str_format(detail, sizeof(detail),
			    "the CA answers %d; fix: see that the token in "
			    "token_file may issue profile " PROFILE
			    " for service_names",
			    status);
		why = detail;
	} else if ((chain = chain_of(resp)) == NULL) {
		why = "the CA's answer makes no sense";
	} else {
		why = show(t, chain, t->key);
	}
	if (why != NULL) {
		complain(t, "own certificate not issued", why);
		loop_timer_start(t->timer, RETRY_MS, 0);
	} else {
		OPS_LOG(t->o.log, OPS_LOG_INFO, "tls", "tls.rotated");
		if (t->o.sealed != NULL &&
		    (rc = ca_sealed_save(t->o.sealed, chain, t->key)) != 0)
			complain(t, "own key not sealed", base_err_text(rc));
	}
	free(chain);
	drop(t);
}

/* {csr, san, profile} */
static char *
make_body(const struct trustchain_tls *t)
{
	const struct ops_config_list *names = &t->o.server->service_names;
	json_t *san = json_array(), *o = NULL;
	struct buf pem;
	uint8_t *csr = NULL;
	char *text = NULL;
	size_t len = 0, i;

	base_buf_init(&pem, FILE_MAX);
	for (i = 0; i < names->n; i++)
		(void)json_array_append_new(
		    san, json_string(ops_config_string(names, i)));
	if (trustchain_leaf_csr(t->key, &csr, &len) == 0 &&
	    wire_pem_encode("CERTIFICATE REQUEST", csr, len, &pem) == 0 &&
	    base_buf_append(&pem, "", 1) == 0)
		o = json_pack("{s:s, s:O, s:s}", "csr", (char *)pem.data, "san",
		    san, "profile", PROFILE);
	if (o != NULL)
		text = wire_json_dump(o, NULL);
	OPENSSL_free(csr);
	base_buf_free(&pem);
	json_decref(o);
	json_decref(san);
	return text;
}

static int
send_request(struct trustchain_tls *t, const char *token)
{
	const struct trustchain_server *s = t->o.server;
	char auth[TOKEN_MAX + 16], url[600];
	const struct http_header h[] = { { "authorization", auth },
		{ "content-type", "application/json" } };
	struct http_client_request req = { .method = HTTP_METHOD_POST,
		.url = url,
		.headers = h,
		.headers_count = 2,
		.timeout_ms = TIMEOUT_MS,
		.roots_file = s->roots };
	int rc;

	rc = base_str_format(auth, sizeof(auth), "Bearer %s", token);
	if (rc == 0)
		rc = base_str_format(url, sizeof(url), "%s/api/v1/ca/issue",
		    s->ca_url[0] != '\0' ? s->ca_url : s->base_url);
	if (rc == 0)
		rc = crypto_pkey_generate(CRYPTO_KEY_P256, &t->key);
	if (rc == 0 && (t->body = make_body(t)) == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0) {
		req.body = t->body;
		req.body_len = strlen(t->body);
		rc = http_client_send(t->client, &req, answered, t, &t->call);
	}
	base_wipe(auth, sizeof(auth));
	return rc;
}

static void
tick(void *ctx)
{
	struct trustchain_tls *t = ctx;
	uint8_t *token = NULL;
	size_t len = 0;
	int rc;

	if (t->call != NULL)
		return;
	/* Read anew each time: tokens are replaced while daemons run. */
	rc = store_file_load(t->o.server->token_file, TOKEN_MAX, &token, &len);
	if (rc == 0) {
		while (len > 0 && token[len - 1] <= ' ')
			token[--len] = '\0';
		rc = send_request(t, (char *)token);
	}
	if (token != NULL)
		base_wipe_free(token, len);
	if (rc == 0)
		return;
	complain(t, "own certificate not asked for", base_err_text(rc));
	drop(t);
	loop_timer_start(t->timer, RETRY_MS, 0);
}

int
trustchain_tls_new(
    const struct trustchain_tls_opts *opts, struct trustchain_tls **ret)
{
	const struct ops_config_list *names = &opts->server->service_names;
	struct trustchain_tls *t = calloc(1, sizeof(*t));
	size_t i;
	int rc = 0;

	if (t == NULL)
		return ERR_SYS_NOMEM;
	t->o = *opts;
	for (i = 0; rc == 0 && i < names->n; i++)
		rc = pki_san_add_text(&t->names, ops_config_string(names, i));
	if (rc != 0)
		rc = ERR_STATE_CONFIG;
	if (rc == 0)
		rc = http_client_new(opts->loop, NULL, &t->client);
	if (rc == 0)
		rc = loop_timer_new(opts->loop, tick, t, &t->timer);
	if (rc != 0) {
		trustchain_tls_free(t);
		return rc;
	}
	loop_timer_start(t->timer, FIRST_MS, 0);
	*ret = t;
	return 0;
}

void
trustchain_tls_free(struct trustchain_tls *t)
{
	if (t == NULL)
		return;
	if (t->call != NULL)
		http_client_cancel(t->call);
	http_client_free(t->client);
	loop_timer_free(t->timer);
	drop(t);
	free(t);
}

bool
trustchain_tls_certified(const struct trustchain_tls *t)
{
	return t->certified;
}
