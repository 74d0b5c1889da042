/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/date.h"
#include "http/reply.h"
#include "http/request.h"
#include "pki/pubkey.h"
#include "trustchain/ca_ocsp_internal.h"
#include "wire/hex.h"

#define TYPE "application/ocsp-response"

enum { HEADERS = 4, ETAG_LEN = 2 + 64 + 1 };

static void
reply(struct http_request *req, int status, const struct http_header *h,
    size_t n, struct pki_bytes body)
{
	const struct http_reply out = { .status = status,
		.content_type = TYPE,
		.headers = h,
		.headers_count = n,
		.body = body.data,
		.body_len = body.len };

	http_request_reply(req, &out);
}

static void
count(const struct ca_ocsp *o, const char *status)
{
	if (o->o.answered != NULL)
		o->o.answered(o->o.ctx, status);
}

void
ca_ocsp_error(
    struct ca_ocsp *o, struct http_request *req, enum pki_ocsp_error e)
{
	static const struct http_header no_store = { "cache-control",
		"no-store" };
	uint8_t out[PKI_OCSP_ERROR_LEN];

	pki_ocsp_error_encode(e, out);
	count(o, e == PKI_OCSP_MALFORMED_REQUEST ? "malformedRequest"
		 : e == PKI_OCSP_TRY_LATER	 ? "tryLater"
		 : e == PKI_OCSP_UNAUTHORIZED	 ? "unauthorized"
						 : "internalError");
	/* RFC 6960 appendix A.2: the status of HTTP stays 200. */
	reply(req, 200, &no_store, 1, (struct pki_bytes){ out, sizeof(out) });
}

/* How long a proxy may keep the answer: until half its life is over. */
static int64_t
max_age_s(const struct ca_ocsp_turn *t)
{
	const struct pki_ocsp_single *s = &t->single[0];
	int64_t now_ms = base_clock_now_ms(t->o->o.clock);
	int64_t left_ms = s->this_ms + (s->next_ms - s->this_ms) / 2 - now_ms;

	return left_ms > 0 ? left_ms / 1000 : 0;
}

static void
send_kept(struct ca_ocsp_turn *t, struct pki_bytes body)
{
	char control[80], etag[ETAG_LEN], modified[HTTP_DATE_LEN],
	    expires[HTTP_DATE_LEN];
	const struct http_header h[HEADERS] = { { "cache-control", control },
		{ "etag", etag }, { "last-modified", modified },
		{ "expires", expires } };
	const char *has = http_request_header(t->req, "if-none-match");
	uint8_t hash[32];

	if (pki_pubkey_sha256(body, hash) != 0)
		memset(hash, 0, sizeof(hash));
	etag[0] = '"';
	wire_hex_encode(hash, sizeof(hash), etag + 1);
	memcpy(etag + ETAG_LEN - 2, "\"", 2);
	(void)snprintf(control, sizeof(control),
	    "max-age=%lld, public, no-transform, must-revalidate",
	    (long long)max_age_s(t));
	http_date_format(t->single[0].this_ms, modified);
	http_date_format(t->single[0].next_ms, expires);
	if (http_request_method(t->req) != HTTP_METHOD_POST && has != NULL &&
	    strcmp(has, etag) == 0)
		reply(t->req, 304, h, HEADERS, (struct pki_bytes){ NULL, 0 });
	else
		reply(t->req, 200, h, HEADERS, body);
}

void
ca_ocsp_send(struct ca_ocsp_turn *t, struct pki_bytes signature)
{
	static const char *const names[] = { "good", "revoked", "unknown" };
	static const struct http_header no_store = { "cache-control",
		"no-store" };
	const struct pki_ocsp_signed all = { .data = { t->tbs, t->tbs_len },
		.signature = signature,
		.cert = { t->cert, t->cert_len } };
	uint8_t out[CA_OCSP_RESPONSE_MAX];
	size_t len;

	if (pki_ocsp_response_encode(&all, out, sizeof(out), &len) != 0) {
		ca_ocsp_error(t->o, t->req, PKI_OCSP_INTERNAL_ERROR);
		return;
	}
	count(t->o, names[t->single[0].status]);
	if (t->in.nonce.data == NULL && t->in.n == 1)
		send_kept(t, (struct pki_bytes){ out, len });
	else
		reply(
		    t->req, 200, &no_store, 1, (struct pki_bytes){ out, len });
}
