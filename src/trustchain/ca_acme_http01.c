/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http-01 (RFC 8555 section 8.3; RFC 8738 section 4 for addresses): fetch from
 * an address of the host, follow redirects the same way.
 */
#include "trustchain/ca_acme_attempt.h"

#include <stdlib.h>
#include <string.h>

#include "acme/challenge.h"
#include "base/str.h"
#include "http/client.h"
#include "ops/log.h"
#include "trustchain/ca_acme_internal.h"
#include "trustchain/ca_acme_reach.h"

enum { BODY_MAX = 16384 };

struct http01 {
	struct ca_acme_attempt at;
	struct acme_challenge_target target;
	unsigned redirects;
	struct ca_acme_reach *reach;
	struct http_call *call;
};

static struct ca_acme_attempt *
http01_new(void)
{
	struct http01 *h = calloc(1, sizeof(*h));

	return h == NULL ? NULL : &h->at;
}

static struct http01 *
http01_of(struct ca_acme_attempt *at)
{
	return LIST_ENTRY(at, struct http01, at);
}

static void
http01_free(struct ca_acme_attempt *at)
{
	struct http01 *h = http01_of(at);

	if (h->call != NULL)
		http_client_cancel(h->call);
	ca_acme_reach_free(h->reach);
	free(h);
}

static void
fail(struct http01 *h, enum acme_problem_type type, const char *what)
{
	ca_acme_attempt_fail(&h->at, type, h->target.host, what);
}

static int reach(struct http01 *h);

/* ---- the response ------------------------------------------------------ */

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

static void
follow(struct http01 *h, const char *location)
{
	const struct ca_config_acme *conf = h->at.ask.acme->conf;
	const uint16_t ports[2] = { (uint16_t)conf->validation_http_port,
		(uint16_t)conf->validation_tls_port };
	struct acme_challenge_target next;
	struct acme_problem p;

	if (++h->redirects > ACME_CHALLENGE_REDIRECTS_MAX) {
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "more than 10 redirects");
		return;
	}
	if (location == NULL) {
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "a redirect without a location");
		return;
	}
	if (acme_challenge_redirect(&h->target, location, ports, &next, &p) !=
	    0) {
		ca_acme_attempt_end(&h->at, &p);
		return;
	}
	h->target = next;
	if (reach(h) != 0)
		fail(h, ACME_PROBLEM_CONNECTION, "out of memory");
}

static void
judge(struct http01 *h, const struct http_response *r)
{
	int status = http_response_status(r);
	struct acme_problem p;
	const uint8_t *body;
	size_t len;

	if (is_redirect(status)) {
		follow(h, http_response_header(r, "location"));
		return;
	}
	body = http_response_body(r, &len);
	if (acme_challenge_response(status, (const char *)body, len,
		h->at.ask.keyauth, &p) != 0)
		ca_acme_attempt_end(&h->at, &p);
	else
		ca_acme_attempt_end(&h->at, NULL);
}

static void
on_response(void *ctx, const struct http_response *r)
{
	struct http01 *h = ctx;
	int rc = http_response_rc(r);

	h->call = NULL;
	if (rc == 0) {
		judge(h, r);
		return;
	}
	OPS_LOG(h->at.ask.acme->o.log, OPS_LOG_INFO, "acme",
	    "validation request failed",
	    OPS_LOG_STR("error", base_err_name(rc)),
	    OPS_LOG_STR("detail", http_response_detail(r)));
	if (rc == ERR_SYS_NETWORK || rc == ERR_PEER_CLOSED ||
	    rc == ERR_PEER_TIMEOUT)
		ca_acme_reach_next(h->reach);
	else if (rc == ERR_PEER_UNTRUSTED)
		fail(h, ACME_PROBLEM_TLS, "the TLS handshake failed");
	else
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "the response is not HTTP or too long");
}

/* ---- the request -------------------------------------------------------- */

static int
send_request(struct http01 *h, const struct net_addr *addr, unsigned share_ms)
{
	const struct acme_challenge_target *t = &h->target;
	const char *v6 = strchr(t->host, ':') != NULL ? "[" : "";
	char url[ACME_CHALLENGE_URL_MAX + 300];
	const struct http_client_request req = { .method = HTTP_METHOD_GET,
		.url = url,
		.connect_to = addr,
		.timeout_ms = ca_acme_attempt_left_ms(&h->at),
		.connect_timeout_ms = share_ms,
		.response_max = BODY_MAX,
		/* Whoever redirects may lead anywhere: the key authorization
		 * proves control, not a certificate. */
		.any_certificate = t->tls };
	int rc;

	rc = base_str_format(url, sizeof(url), "%s://%s%s%s:%u%s",
	    t->tls ? "https" : "http", v6, t->host, v6[0] == '[' ? "]" : "",
	    (unsigned)t->port, t->path);
	if (rc == 0)
		rc = http_client_send(
		    h->at.ask.acme->http, &req, on_response, h, &h->call);
	return rc;
}

static void
on_connect(void *ctx, const struct net_addr *addr, unsigned share_ms)
{
	struct http01 *h = ctx;

	if (send_request(h, addr, share_ms) != 0)
		fail(h, ACME_PROBLEM_CONNECTION, "the request cannot be made");
}

static void
on_failed(void *ctx, enum acme_problem_type type, const char *what)
{
	fail(ctx, type, what);
}

static int
reach(struct http01 *h)
{
	const struct ca_acme_reach_ask ask = { .attempt = &h->at,
		.host = h->target.host,
		.port = h->target.port,
		.connect = on_connect,
		.failed = on_failed,
		.ctx = h };

	ca_acme_reach_free(h->reach);
	h->reach = NULL;
	return ca_acme_reach_start(&ask, &h->reach);
}

static int
http01_begin(struct ca_acme_attempt *at)
{
	struct http01 *h = http01_of(at);
	int rc;

	rc = acme_challenge_http(at->ask.ident.value,
	    (uint16_t)at->ask.acme->conf->validation_http_port, at->ask.token,
	    &h->target);
	return rc != 0 ? rc : reach(h);
}

const struct ca_acme_method ca_acme_http01 = { "http-01", http01_new,
	http01_begin, http01_free };
