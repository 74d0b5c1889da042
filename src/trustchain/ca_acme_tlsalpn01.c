/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls-alpn-01 (RFC 8737; RFC 8738 section 6 for addresses): one handshake with
 * an address of the host, and its certificate is judged.
 */
#include "trustchain/ca_acme_attempt.h"

#include <stdlib.h>

#include "acme/tlsalpn01.h"
#include "net/tls_probe.h"
#include "ops/log.h"
#include "trustchain/ca_acme_internal.h"
#include "trustchain/ca_acme_reach.h"

struct tlsalpn01 {
	struct ca_acme_attempt at;
	char sni[ACME_TLSALPN01_SNI_MAX + 1];
	struct ca_acme_reach *reach;
	struct net_tls_probe *probe;
};

static struct ca_acme_attempt *
tlsalpn01_new(void)
{
	struct tlsalpn01 *s = calloc(1, sizeof(*s));

	return s == NULL ? NULL : &s->at;
}

static struct tlsalpn01 *
tlsalpn01_of(struct ca_acme_attempt *at)
{
	return LIST_ENTRY(at, struct tlsalpn01, at);
}

static void
tlsalpn01_free(struct ca_acme_attempt *at)
{
	struct tlsalpn01 *s = tlsalpn01_of(at);

	net_tls_probe_cancel(s->probe);
	ca_acme_reach_free(s->reach);
	free(s);
}

static void
fail(struct tlsalpn01 *s, enum acme_problem_type type, const char *what)
{
	ca_acme_attempt_fail(&s->at, type, s->at.ask.ident.value, what);
}

static void
judge(struct tlsalpn01 *s, const struct net_tls_probe_seen *seen)
{
	struct acme_problem p;
	int rc;

	/* RFC 8737 section 3: without it the certificate proves nothing. */
	if (!seen->alpn) {
		fail(s, ACME_PROBLEM_UNAUTHORIZED,
		    "the server does not speak acme-tls/1");
		return;
	}
	rc = acme_tlsalpn01_check(seen->cert, seen->cert_len, &s->at.ask.ident,
	    s->at.ask.keyauth, &p);
	if (rc == 0)
		ca_acme_attempt_end(&s->at, NULL);
	else if (rc == ERR_STATE_REFUSED)
		ca_acme_attempt_end(&s->at, &p);
	else
		fail(s, ACME_PROBLEM_SERVER_INTERNAL, base_err_text(rc));
}

static void
on_seen(void *ctx, const struct net_tls_probe_seen *seen)
{
	struct tlsalpn01 *s = ctx;

	s->probe = NULL;
	if (seen->rc == 0) {
		judge(s, seen);
		return;
	}
	OPS_LOG(s->at.ask.acme->o.log, OPS_LOG_INFO, "acme",
	    "validation handshake failed",
	    OPS_LOG_STR("error", base_err_name(seen->rc)),
	    OPS_LOG_STR("detail", seen->detail));
	if (seen->rc == ERR_SYS_NETWORK || seen->rc == ERR_PEER_TIMEOUT)
		ca_acme_reach_next(s->reach);
	else if (seen->rc == ERR_PEER_CLOSED)
		fail(s, ACME_PROBLEM_TLS,
		    "the connection was closed in the TLS handshake");
	else
		fail(s, ACME_PROBLEM_TLS, "the TLS handshake failed");
}

static void
on_connect(void *ctx, const struct net_addr *addr, unsigned share_ms)
{
	struct tlsalpn01 *s = ctx;
	const struct net_tls_probe_ask ask = { .loop = s->at.ask.acme->o.loop,
		.to = addr,
		.sni = s->sni,
		.alpn = ACME_TLSALPN01_PROTOCOL,
		.timeout_ms = share_ms,
		.done = on_seen,
		.ctx = s };

	if (net_tls_probe_start(&ask, &s->probe) != 0)
		fail(s, ACME_PROBLEM_CONNECTION,
		    "the connection cannot be made");
}

static void
on_failed(void *ctx, enum acme_problem_type type, const char *what)
{
	fail(ctx, type, what);
}

static int
tlsalpn01_begin(struct ca_acme_attempt *at)
{
	struct tlsalpn01 *s = tlsalpn01_of(at);
	const struct ca_acme_reach_ask ask = { .attempt = at,
		.host = at->ask.ident.value,
		.port = (uint16_t)at->ask.acme->conf->validation_tls_port,
		.connect = on_connect,
		.failed = on_failed,
		.ctx = s };
	int rc;

	rc = acme_tlsalpn01_sni(&at->ask.ident, s->sni);
	return rc != 0 ? rc : ca_acme_reach_start(&ask, &s->reach);
}

const struct ca_acme_method ca_acme_tlsalpn01 = { "tls-alpn-01", tlsalpn01_new,
	tlsalpn01_begin, tlsalpn01_free };
