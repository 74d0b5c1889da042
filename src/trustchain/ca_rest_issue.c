/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/request.h"
#include "pki/pubkey.h"
#include "pki/san.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_row.h"
#include "wire/base64.h"
#include "wire/hex.h"

/* POST /api/v1/ca/issue (identity spec section 6). */

enum { CSR_TEXT_MAX = 131072, KEY_MAX = 64, HOURS_MAX = 24 };

/* Everything one request needs until its answer. */
struct call {
	struct ca_rest *rest;
	struct http_request *req;
	json_t *body;
	uint8_t *der; /* of a CSR in base64 */
	char detail[192];
	struct ca_issue_request q;
	/* Large, and not cleared: */
	struct pki_san_list names;
	struct ca_principal who;
};

static void
call_free(struct call *c)
{
	json_decref(c->body);
	free(c->der);
	free(c);
}

static void
answered(void *ctx, const struct ca_issue_result *res)
{
	struct call *c = ctx;
	struct ca_rest_extra extra = { res->detail, res->serial,
		res->retry_after_s };
	char location[128], serial[65] = "", *body;
	size_t len = 0;
	int p;

	if (res->code != NULL) {
		for (p = 0; p < CA_PROBLEM_COUNT; p++)
			if (ca_problem_code((enum ca_problem)p) != NULL &&
			    strcmp(ca_problem_code((enum ca_problem)p),
				res->code) == 0)
				break;
		ca_rest_problem_with(
		    c->rest, c->req, (enum ca_problem)p, &extra);
	} else {
		if (res->row->serial.len <= 32)
			wire_hex_encode(res->row->serial.data,
			    res->row->serial.len, serial);
		snprintf(location, sizeof(location),
		    "/api/v1/ca/certificates/%s", serial);
		body = ca_record_text(c->rest->o.authority, res->row,
		    base_clock_now_ms(c->rest->o.clock), &len);
		ca_rest_text(c->rest, c->req, res->status, body, len, location);
	}
	call_free(c);
}

static int
bad(struct call *c, const char *field, const char *why)
{
	snprintf(c->detail, sizeof(c->detail), "%s: %s", field, why);
	return ERR_PEER_MALFORMED;
}

/* An optional string member. */
static int
text(struct call *c, const char *name, size_t max, const char **ret)
{
	size_t len;
	int rc = wire_json_string(c->body, name, max, ret, &len);

	if (rc == ERR_STATE_NOT_FOUND) {
		*ret = NULL;
		return 0;
	}
	return rc == 0 ? 0 : bad(c, name, "not a string, or too long");
}

/* PEM, or DER in base64. */
static int
take_csr(struct call *c)
{
	const char *s;
	size_t len, n;

	if (text(c, "csr", CSR_TEXT_MAX, &s) != 0)
		return ERR_PEER_MALFORMED;
	if (s == NULL)
		return bad(c, "csr", "missing");
	len = strlen(s);
	if (base_str_starts(s, "-----BEGIN")) {
		c->q.csr = (struct pki_bytes){ (const uint8_t *)s, len };
		return 0;
	}
	if ((c->der = malloc(len + 1)) == NULL)
		return ERR_SYS_NOMEM;
	if (wire_base64_decode(WIRE_BASE64_STD, s, len, c->der, len, &n) != 0 &&
	    wire_base64_decode(WIRE_BASE64_URL, s, len, c->der, len, &n) != 0)
		return bad(c, "csr", "neither PEM nor base64");
	c->q.csr = (struct pki_bytes){ c->der, n };
	return 0;
}

static int
take_names(struct call *c)
{
	const json_t *a = json_object_get(c->body, "san"), *v;
	size_t i;

	if (a == NULL)
		return 0;
	if (!json_is_array(a))
		return bad(c, "san", "not an array");
	if (json_array_size(a) > PKI_SAN_COUNT_MAX)
		return bad(c, "san", "more than 100 names");
	for (i = 0; i < json_array_size(a); i++) {
		v = json_array_get(a, i);
		if (!json_is_string(v) ||
		    pki_san_add_text(&c->names, json_string_value(v)) != 0)
			return bad(c, "san", "holds what is no name");
	}
	if (c->names.n > 0)
		c->q.names = &c->names;
	return 0;
}

static bool
printable(const char *s)
{
	const char *p;

	for (p = s; *p != '\0'; p++)
		if (*p < 0x21 || *p > 0x7e)
			return false;
	return p != s && p - s <= KEY_MAX;
}

/* Idempotency-Key or request_id; if both, they agree. */
static int
take_key(struct call *c)
{
	const char *h = http_request_header(c->req, "idempotency-key"), *b;
	struct pki_bytes body;

	if (text(c, "request_id", KEY_MAX, &b) != 0)
		return ERR_PEER_MALFORMED;
	if (h != NULL && b != NULL && strcmp(h, b) != 0)
		return bad(c, "request_id", "differs from Idempotency-Key");
	c->q.idempotency_key = h != NULL ? h : b;
	if (c->q.idempotency_key == NULL)
		return 0;
	if (!printable(c->q.idempotency_key))
		return bad(c, "request_id", "not 1 to 64 printable characters");
	body.data = http_request_body(c->req, &body.len);
	return pki_pubkey_sha256(body, c->q.body_hash);
}

static int
parse(struct call *c)
{
	int64_t hours = 0;
	int rc;

	rc = wire_json_int(c->body, "validity_hours", 1, HOURS_MAX, &hours);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return bad(c, "validity_hours", "not an integer of 1 to 24");
	c->q.validity_s = (uint32_t)hours * 3600;
	if ((rc = text(c, "profile", 32, &c->q.profile)) != 0 ||
	    (rc = text(c, "issuer", 16, &c->q.issuer)) != 0 ||
	    (rc = take_csr(c)) != 0 || (rc = take_names(c)) != 0)
		return rc;
	return take_key(c);
}

void
ca_rest_issue(struct ca_rest *r, struct http_request *req)
{
	static const char *const known[] = { "csr", "profile", "san",
		"validity_hours", "issuer", "request_id" };
	static const struct ca_rest_fields fields = { known,
		sizeof(known) / sizeof(known[0]) };
	struct call *c;
	int rc;

	if ((c = malloc(sizeof(*c))) == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return;
	}
	memset(c, 0, offsetof(struct call, names));
	c->names.n = 0;
	c->rest = r;
	c->req = req;
	if (!ca_rest_auth(r, req, CA_AUTH_ISSUER, &c->who) ||
	    !ca_rest_body(r, req, &fields, &c->body)) {
		call_free(c);
		return;
	}
	if ((rc = parse(c)) == 0) {
		c->q.via = CA_ISSUE_REST;
		c->q.who = &c->who;
		c->q.owner = c->who.owner;
		rc = ca_issue_submit(r->o.issue, &c->q, answered, c);
	}
	if (rc == 0)
		return;
	if (rc == ERR_PEER_MALFORMED)
		ca_rest_problem(r, req, CA_PROBLEM_MALFORMED, c->detail);
	else
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, base_err_text(rc));
	call_free(c);
}
