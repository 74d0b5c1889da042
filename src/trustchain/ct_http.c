/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_http.h"

#include <stdlib.h>
#include <string.h>

#include "base/ct.h"
#include "crypto/sha2.h"
#include "http/request.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "ops/web.h"
#include "trustchain/ct_api.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_read.h"
#include "trustchain/ct_submit.h"
#include "wire/hex.h"

enum { TOKENS_MAX = 64 };

/* One bearer token with its own rate: a bucket of one minute's worth. */
struct token {
	uint8_t hash[32];
	uint64_t per_min;
	uint64_t credit_us; /* of a minute times per_min */
	uint64_t at_us;
};

struct ct_http {
	struct ct_log *log;
	struct ops_web *web;
	struct token token[TOKENS_MAX];
	size_t tokens;
};

static const struct ct_reply_error not_found = { 404, "not_found",
	"there is nothing at this path" };
static const struct ct_reply_error bad_method = { 405, "method_not_allowed",
	"this path takes another method" };
static const struct ct_reply_error unauthorized = { 401, "unauthorized",
	"a bearer token is needed to submit" };
static const struct ct_reply_error limited = { 429, "rate_limited",
	"too many submissions" };

int
ct_http_new(struct ct_log *l, struct ops_web *web, struct ct_http **ret)
{
	const struct ct_config *c = ct_log_config(l);
	const struct ct_config_token *t = c->tokens.v;
	struct ct_http *h;
	size_t i, n;

	if (c->tokens.n > TOKENS_MAX)
		return ERR_STATE_CONFIG;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return ERR_SYS_NOMEM;
	h->log = l;
	h->web = web;
	for (i = 0; i < c->tokens.n; i++) {
		if (wire_hex_decode(t[i].hash, strlen(t[i].hash),
			h->token[i].hash, 32, &n) != 0 ||
		    n != 32) {
			free(h);
			return ERR_STATE_CONFIG;
		}
		h->token[i].per_min = (uint64_t)t[i].rate_per_min;
		h->token[i].credit_us = UINT64_C(1000000) * h->token[i].per_min;
		h->tokens++;
	}
	*ret = h;
	return 0;
}

void
ct_http_free(struct ct_http *h)
{
	free(h);
}

static struct token *
find_token(struct ct_http *h, const struct http_request *r)
{
	const char *auth = http_request_header(r, "authorization");
	struct token *found = NULL;
	uint8_t hash[32];
	size_t i;

	if (auth == NULL || strncmp(auth, "Bearer ", 7) != 0)
		return NULL;
	crypto_sha2_256(auth + 7, strlen(auth + 7), hash);
	for (i = 0; i < h->tokens; i++)
		if (base_ct_equal(hash, h->token[i].hash, sizeof(hash)))
			found = &h->token[i];
	return found;
}

/* Refill per_min tokens a minute, up to one second's worth or one. */
static bool
charge(struct token *t)
{
	uint64_t now = loop_monotonic_us(), gone = now - t->at_us;
	uint64_t cost = UINT64_C(60000000);
	uint64_t most = UINT64_C(1000000) * t->per_min;

	if (most < cost)
		most = cost;
	if (gone > 60000000)
		gone = 60000000;
	t->at_us = now;
	t->credit_us += gone * t->per_min;
	if (t->credit_us > most)
		t->credit_us = most;
	if (t->credit_us < cost)
		return false;
	t->credit_us -= cost;
	return true;
}

/* May this request submit?  If not it has been answered. */
static bool
admit(struct ct_http *h, enum ct_reply_style style, struct http_request *r)
{
	struct token *t;
	unsigned wait_s;

	if (h->tokens == 0)
		return true;
	if ((t = find_token(h, r)) == NULL) {
		/* A failed authentication is charged to the address. */
		if (http_request_charge(r, &wait_s) != 0)
			ct_reply_fail(r, style, &limited);
		else
			ct_reply_fail(r, style, &unauthorized);
		return false;
	}
	if (charge(t))
		return true;
	ct_reply_fail(r, style, &limited);
	return false;
}

static void
handle_v1(struct ct_http *h, struct ct_shard *shard, const char *verb,
    struct http_request *r)
{
	bool post = http_request_method(r) == HTTP_METHOD_POST;
	bool pre = strcmp(verb, "add-pre-chain") == 0;

	if (pre || strcmp(verb, "add-chain") == 0) {
		if (!post)
			ct_reply_fail(r, CT_REPLY_V1, &bad_method);
		else if (admit(h, CT_REPLY_V1, r))
			ct_submit_chain(h->log, shard,
			    pre ? CT_CHAIN_PRECERT : CT_CHAIN_X509, r);
	} else if (post) {
		ct_reply_fail(r, CT_REPLY_V1, &bad_method);
	} else if (!ct_read_v1(h->log, shard, verb, r)) {
		ct_reply_fail(r, CT_REPLY_V1, &not_found);
	}
}

static void
handle_api(struct ct_http *h, const char *path, struct http_request *r)
{
	bool post = http_request_method(r) == HTTP_METHOD_POST;

	if (strcmp(path, "submit") == 0) {
		if (!post)
			ct_reply_fail(r, CT_REPLY_API, &bad_method);
		else if (admit(h, CT_REPLY_API, r))
			ct_submit_api(h->log, r);
	} else if (post) {
		ct_reply_fail(r, CT_REPLY_API, &bad_method);
	} else if (strcmp(path, "health") == 0 && h->web != NULL) {
		ops_web_health(h->web, r);
	} else if (!ct_api_get(h->log, path, r)) {
		ct_reply_fail(r, CT_REPLY_API, &not_found);
	}
}

void
ct_http_handle(void *ctx, struct http_request *r)
{
	enum http_method method = http_request_method(r);
	const char *path = http_request_path(r), *slash;
	struct ct_http *h = ctx;
	struct ct_shard *shard;

	if (method != HTTP_METHOD_GET && method != HTTP_METHOD_HEAD &&
	    method != HTTP_METHOD_POST) {
		ct_reply_fail(r, CT_REPLY_API, &bad_method);
		return;
	}
	if (strncmp(path, "/api/v1/ct/", 11) == 0) {
		handle_api(h, path + 11, r);
		return;
	}
	if (h->web != NULL && strcmp(path, "/health") == 0) {
		ops_web_health(h->web, r);
		return;
	}
	slash = strchr(path + 1, '/');
	shard = slash == NULL ? NULL
			      : ct_log_by_name(h->log, path + 1,
				    (size_t)(slash - path - 1));
	if (shard == NULL)
		ct_reply_fail(r, CT_REPLY_API, &not_found);
	else if (strncmp(slash, "/ct/v1/", 7) == 0)
		handle_v1(h, shard, slash + 7, r);
	else if (method == HTTP_METHOD_POST)
		ct_reply_fail(r, CT_REPLY_API, &bad_method);
	else
		ct_read_static(h->log, shard, slash + 1, r);
}

void
ct_http_refuse(void *ctx, struct http_request *r, int status, unsigned wait_s)
{
	static const struct {
		int status;
		const char *code, *text;
	} table[] = {
		{ 400, "malformed", "not an HTTP request" },
		{ 408, "malformed", "the request came too slowly" },
		{ 413, "too_large", "the request body is too large" },
		{ 414, "malformed", "the path is too long" },
		{ 429, "rate_limited", "too many requests" },
		{ 431, "malformed", "the headers are too large" },
	};
	const char *path = http_request_path(r);
	struct ct_reply_error e = { status, "malformed", "refused" };
	size_t i;

	(void)ctx;
	(void)wait_s;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status) {
			e.code = table[i].code;
			e.text = table[i].text;
		}
	if (status >= 500)
		e.code = "internal";
	ct_reply_fail(r,
	    path != NULL && strstr(path, "/ct/v1/") != NULL ? CT_REPLY_V1
							    : CT_REPLY_API,
	    &e);
}
