/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "base/wipe.h"
#include "http/request.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "net/tls.h"
#include "ops/web.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_mtls.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_repeats.h"
#include "trustchain/trustchain_auditor.h"
#include "wire/hex.h"

#define PEM_TYPE "application/x-pem-file"
#define CERTIFICATES "/api/v1/ca/certificates"

enum { HEADERS_MAX = 8 };

/* Identity spec section 2: on every HTTPS response. */
static size_t
common_headers(struct http_header h[HEADERS_MAX])
{
	h[0] = (struct http_header){ "strict-transport-security",
		"max-age=31536000" };
	h[1] = (struct http_header){ "x-content-type-options", "nosniff" };
	return 2;
}

static void
reply(struct http_request *req, int status, const char *type,
    const struct http_header *extra, size_t n, struct pki_bytes body)
{
	struct http_header h[HEADERS_MAX];
	struct http_reply out;
	size_t count = common_headers(h), i;

	for (i = 0; i < n && count < HEADERS_MAX; i++)
		h[count++] = extra[i];
	memset(&out, 0, sizeof(out));
	out.status = status;
	out.content_type = type;
	out.headers = h;
	out.headers_count = count;
	out.body = body.data;
	out.body_len = body.len;
	http_request_reply(req, &out);
}

static void
request_id(struct ca_rest *r, char out[32])
{
	char boot[9];

	wire_hex_encode(r->boot, sizeof(r->boot), boot);
	snprintf(out, 32, "%s-%llu", boot, (unsigned long long)++r->count);
}

void
ca_rest_problem_with(struct ca_rest *r, struct http_request *req,
    enum ca_problem p, const struct ca_rest_extra *extra)
{
	unsigned retry =
	    extra->retry_s != 0 ? extra->retry_s : ca_problem_retry_s(p);
	struct http_header h[2];
	char id[32], type[64], wait[16], *text = NULL;
	json_t *o;
	size_t n = 0;

	request_id(r, id);
	snprintf(
	    type, sizeof(type), "urn:troth:identity:%s", ca_problem_code(p));
	o = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s}", "type", type, "title",
	    ca_problem_title(p), "status", ca_problem_status(p), "detail",
	    extra->detail, "code", ca_problem_code(p), "request_id", id);
	if (o != NULL && extra->serial != NULL && extra->serial[0] != '\0')
		json_object_set_new(o, "serial", json_string(extra->serial));
	if (o != NULL)
		text = wire_json_dump(o, NULL);
	json_decref(o);
	snprintf(wait, sizeof(wait), "%u", retry);
	if (retry != 0)
		h[n++] = (struct http_header){ "retry-after", wait };
	if (p == CA_PROBLEM_UNAUTHORIZED)
		h[n++] = (struct http_header){ "www-authenticate", "Bearer" };
	/* Without memory for the document the status still tells. */
	reply(req, ca_problem_status(p), "application/problem+json", h, n,
	    (struct pki_bytes){ (const uint8_t *)(text != NULL ? text : "{}"),
		text != NULL ? strlen(text) : 2 });
	free(text);
}

void
ca_rest_problem(struct ca_rest *r, struct http_request *req, enum ca_problem p,
    const char *detail)
{
	struct ca_rest_extra extra = { detail, NULL, 0 };

	ca_rest_problem_with(r, req, p, &extra);
}

void
ca_rest_json(struct ca_rest *r, struct http_request *req, int status,
    json_t *body, const char *location)
{
	char *text = NULL;
	size_t len = 0;

	if (body != NULL)
		text = wire_json_dump(body, &len);
	json_decref(body);
	ca_rest_text(r, req, status, text, len, location);
}

void
ca_rest_text(struct ca_rest *r, struct http_request *req, int status,
    char *text, size_t len, const char *location)
{
	struct http_header h[2];
	size_t n = 0;

	if (text == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return;
	}
	h[n++] = (struct http_header){ "cache-control", "no-store" };
	if (location != NULL)
		h[n++] = (struct http_header){ "location", location };
	reply(req, status, "application/json", h, n,
	    (struct pki_bytes){ (const uint8_t *)text, len });
	base_wipe(text, len); /* it may hold a key */
	free(text);
}

void
ca_rest_bytes(
    struct http_request *req, const char *type, const void *data, size_t len)
{
	static const struct http_header cache = { "cache-control",
		"max-age=3600" };

	reply(req, 200, type, &cache, 1, (struct pki_bytes){ data, len });
}

/* auth.failed: per network and minute, under its pseudonym. */
static void
count_failure(struct ca_rest *r, struct http_request *req)
{
	char text[NET_ADDR_TEXT_MAX], who[AUDIT_PSEUDONYM_TEXT_MAX];
	struct net_prefix p;

	net_prefix_of_peer(http_request_peer(req), &p);
	net_prefix_format(&p, text, sizeof(text));
	if (trustchain_auditor_pseudonym(
		r->o.auditor, "address", text, who) != 0)
		memcpy(who, "-", 2);
	ca_repeats_count(r->refused, who);
}

/* By token or, without one, by client certificate. */
static int
judge(struct ca_rest *r, struct http_request *req, unsigned need,
    struct ca_principal *ret, unsigned *ret_wait_s)
{
	const char *header = http_request_header(req, "authorization");
	const uint8_t *der = NULL;
	size_t len = 0;

	if (header == NULL && r->o.mtls != NULL)
		der = http_request_client_cert(req, &len);
	return der != NULL ? ca_mtls_check(
				 r->o.mtls, der, len, need, ret, ret_wait_s)
			   : ca_auth_check(
				 r->o.auth, header, need, ret, ret_wait_s);
}

bool
ca_rest_auth(struct ca_rest *r, struct http_request *req, unsigned need,
    struct ca_principal *ret)
{
	struct ca_rest_extra extra = { "too many requests", NULL, 1 };
	unsigned wait = 1;
	int rc;

	rc = judge(r, req, need, ret, &wait);
	if (rc == 0)
		return true;
	if (rc == ERR_STATE_UNAUTHORIZED) {
		count_failure(r, req);
		/* A failed authentication is charged to the address. */
		if (http_request_charge(req, &wait) == 0) {
			ca_rest_problem(r, req, CA_PROBLEM_UNAUTHORIZED,
			    "a valid bearer token is required");
			return false;
		}
		rc = ERR_PEER_RATE;
	}
	extra.retry_s = wait;
	if (rc == ERR_PEER_RATE)
		ca_rest_problem_with(r, req, CA_PROBLEM_RATE_LIMITED, &extra);
	else if (rc == ERR_STATE_FORBIDDEN)
		ca_rest_problem(
		    r, req, CA_PROBLEM_FORBIDDEN, "the token lacks the role");
	else
		ca_rest_problem(
		    r, req, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
	return false;
}

static void
get_health(struct ca_rest *r, struct http_request *req)
{
	ops_web_health(r->o.web, req);
}

/* Ruling R5: the service's own leaf with its intermediate. */
static void
get_cert(struct ca_rest *r, struct http_request *req)
{
	const char *pem = net_tls_cert_pem(r->o.tls);

	if (pem == NULL)
		ca_rest_problem(
		    r, req, CA_PROBLEM_NOT_FOUND, "no certificate in use yet");
	else
		ca_rest_bytes(req, PEM_TYPE, pem, strlen(pem));
}

static void
get_chain(struct ca_rest *r, struct http_request *req)
{
	const struct ca_authority_issuer *is;

	is = ca_authority_find(
	    r->o.authority, http_request_param(req, "issuer"));
	if (is == NULL)
		ca_rest_problem(r, req, CA_PROBLEM_NOT_FOUND, "no such issuer");
	else
		ca_rest_bytes(
		    req, PEM_TYPE, is->chain_pem, strlen(is->chain_pem));
}

static void
get_root(struct ca_rest *r, struct http_request *req)
{
	ca_rest_bytes(req, PEM_TYPE, r->o.authority->root_pem,
	    strlen(r->o.authority->root_pem));
}

static void
get_ca_cert(struct ca_rest *r, struct http_request *req)
{
	struct pki_bytes d;
	char *pem;

	d = pki_cert_der(ca_authority_find(r->o.authority, NULL)->cert);
	if ((pem = ca_record_pem(d.data, d.len)) == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return;
	}
	ca_rest_bytes(req, PEM_TYPE, pem, strlen(pem));
	free(pem);
}

struct route {
	const char *path;
	bool prefix;
	enum http_method method; /* GET stands for HEAD too */
	void (*fn)(struct ca_rest *r, struct http_request *req);
	bool plain; /* also on the plain HTTP status listener */
};

static const struct route routes[] = {
	{ "/health", false, HTTP_METHOD_GET, get_health, true },
	{ "/api/v1/ca/health", false, HTTP_METHOD_GET, get_health, true },
	{ "/api/v1/ca/issue", false, HTTP_METHOD_POST, ca_rest_issue, false },
	{ "/api/v1/ca/eab", false, HTTP_METHOD_POST, ca_rest_eab, false },
	{ "/api/v1/ca/crl", false, HTTP_METHOD_GET, ca_rest_crl, false },
	{ "/api/v1/ca/revoke-all", false, HTTP_METHOD_POST, ca_rest_revoke_all,
	    false },
	{ "/api/v1/ca/revoke-all/", true, HTTP_METHOD_GET, ca_rest_operation,
	    false },
	{ "/api/v1/ca/halt", false, HTTP_METHOD_POST, ca_rest_halt, false },
	{ "/api/v1/ca/resume", false, HTTP_METHOD_POST, ca_rest_resume, false },
	{ "/api/v1/ca/revoke", false, HTTP_METHOD_POST, ca_rest_revoke, false },
	{ CERTIFICATES, false, HTTP_METHOD_GET, ca_rest_list, false },
	{ CERTIFICATES "/", true, HTTP_METHOD_GET, ca_rest_certificate, false },
	{ "/api/v1/ca/audit/test", false, HTTP_METHOD_GET, ca_rest_audit,
	    false },
	{ "/api/v1/ca/pinned-cert", false, HTTP_METHOD_GET, ca_rest_pins,
	    false },
	{ "/api/v1/ca/token", false, HTTP_METHOD_GET, ca_rest_token, false },
	{ "/api/v1/ca/logs", false, HTTP_METHOD_GET, ca_rest_logs, false },
	{ "/api/v1/ca/cert", false, HTTP_METHOD_GET, get_cert, false },
	{ "/api/v1/ca/chain", false, HTTP_METHOD_GET, get_chain, false },
	{ "/api/v1/ca/root", false, HTTP_METHOD_GET, get_root, false },
	{ "/ca-cert", false, HTTP_METHOD_GET, get_ca_cert, false },
};

static void
method_not_allowed(
    struct ca_rest *r, struct http_request *req, const struct route *t)
{
	struct ca_rest_extra extra = { t->method == HTTP_METHOD_GET
					   ? "only GET and HEAD"
					   : "only POST",
		NULL, 0 };

	ca_rest_problem_with(r, req, CA_PROBLEM_METHOD_NOT_ALLOWED, &extra);
}

static bool
dispatch(struct ca_rest *r, struct http_request *req, bool plain)
{
	const char *path = http_request_path(req);
	enum http_method m = http_request_method(req);
	const struct route *t;
	size_t i;

	if (m == HTTP_METHOD_HEAD)
		m = HTTP_METHOD_GET;
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		t = &routes[i];
		if (plain && !t->plain)
			continue;
		if (t->prefix ? !base_str_starts(path, t->path)
			      : strcmp(path, t->path) != 0)
			continue;
		if (t->method != m)
			method_not_allowed(r, req, t);
		else
			t->fn(r, req);
		return true;
	}
	/* The rest of the API's space is ours to refuse. */
	if (!plain && base_str_starts(path, "/api/v1/ca/")) {
		ca_rest_not_found(r, req);
		return true;
	}
	return false;
}

bool
ca_rest_handle(struct ca_rest *r, struct http_request *req)
{
	return dispatch(r, req, false);
}

bool
ca_rest_status_handle(struct ca_rest *r, struct http_request *req)
{
	return dispatch(r, req, true);
}

void
ca_rest_not_found(struct ca_rest *r, struct http_request *req)
{
	ca_rest_problem(r, req, CA_PROBLEM_NOT_FOUND, "no such resource");
}

void
ca_rest_refuse(void *ctx, struct http_request *req, int status, unsigned wait_s)
{
	struct ca_rest_extra extra = { "refused by the server", NULL, wait_s };

	ca_rest_problem_with(ctx, req, ca_problem_of_status(status), &extra);
}

int
ca_rest_new(const struct ca_rest_opts *opts, struct ca_rest **ret)
{
	const struct ca_repeats_opts t = { opts->loop, opts->store, opts->clock,
		"auth.failed", "address" };
	struct ca_rest *r;
	int rc;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_SYS_NOMEM;
	r->o = *opts;
	base_list_init(&r->audits);
	rc = base_rng_fill(opts->rng, r->boot, sizeof(r->boot));
	if (rc == 0)
		rc = ca_repeats_new(&t, &r->refused);
	if (rc != 0) {
		free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void
ca_rest_free(struct ca_rest *r)
{
	if (r == NULL)
		return;
	ca_rest_audit_end(r);
	ca_repeats_free(r->refused);
	free(r);
}
