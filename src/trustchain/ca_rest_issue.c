/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wipe.h"
#include "http/request.h"
#include "loop/work.h"
#include "pki/pubkey.h"
#include "pki/san.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_keygen.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_store.h"
#include "wire/base64.h"
#include "wire/hex.h"

/* POST /api/v1/ca/issue (identity spec section 6). */

enum {
	CSR_TEXT_MAX = 131072,
	KEY_MAX = 64,
	HOURS_MAX = 24,
	KEYGENS_MAX = 4 /* at once */
};

/* Everything one request needs until its answer. */
struct call {
	struct ca_rest *rest;
	struct http_request *req;
	json_t *body;
	uint8_t *der; /* of a CSR in base64 */
	char detail[192];
	struct ca_issue_request q;
	bool keygen;	      /* a key is made here */
	struct ca_keygen key; /* then */
	char *text;	      /* the answer, while its event is stored */
	size_t text_len;
	char location[128];
	/* Large, and not cleared: */
	struct pki_san_list names;
	struct ca_principal who;
};

static void
call_free(struct call *c)
{
	json_decref(c->body);
	free(c->der);
	if (c->keygen) {
		ca_keygen_fini(&c->key);
		c->rest->n_keygens--;
	}
	if (c->text != NULL)
		base_wipe(c->text, c->text_len);
	free(c->text);
	free(c);
}

static void
answer(struct call *c)
{
	char *body = c->text;

	c->text = NULL;
	ca_rest_text(c->rest, c->req, 201, body, c->text_len, c->location);
	call_free(c);
}

static void
event_stored(void *ctx, int rc)
{
	struct call *c = ctx;

	if (rc == 0) {
		answer(c);
		return;
	}
	ca_rest_problem(c->rest, c->req, CA_PROBLEM_STORAGE_UNAVAILABLE,
	    "issued, but the key cannot be given away without its event");
	call_free(c);
}

/* The key leaves once its event is durable. */
static void
answer_key(struct call *c, const char *serial)
{
	struct ca_store *store = c->rest->o.store;
	struct ca_batch *b = ca_batch_new();
	char fields[160], *record = c->text;
	int rc = ERR_SYS_NOMEM;

	c->text = ca_keygen_answer(&c->key, record, &c->text_len);
	free(record);
	(void)snprintf(fields, sizeof(fields),
	    "{\"serial\":\"%s\",\"by\":\"%s\"}", serial, c->who.owner);
	if (b != NULL)
		ca_batch_outbox(b, base_clock_now_ms(c->rest->o.clock),
		    "cert.keygen", fields);
	if (c->text == NULL)
		ca_batch_free(b);
	else if (b != NULL)
		rc = store->ops->submit(store, b, event_stored, c);
	if (rc != 0)
		event_stored(c, rc);
}

static void
answered(void *ctx, const struct ca_issue_result *res)
{
	struct call *c = ctx;
	struct ca_rest_extra extra = { res->detail, res->serial,
		res->retry_after_s };
	char serial[65] = "";
	int p;

	if (res->code != NULL) {
		for (p = 0; p < CA_PROBLEM_COUNT; p++)
			if (ca_problem_code((enum ca_problem)p) != NULL &&
			    strcmp(ca_problem_code((enum ca_problem)p),
				res->code) == 0)
				break;
		ca_rest_problem_with(
		    c->rest, c->req, (enum ca_problem)p, &extra);
		call_free(c);
		return;
	}
	if (res->row->serial.len <= 32)
		wire_hex_encode(
		    res->row->serial.data, res->row->serial.len, serial);
	snprintf(c->location, sizeof(c->location), "/api/v1/ca/certificates/%s",
	    serial);
	c->text = ca_record_text(c->rest->o.authority, res->row,
	    base_clock_now_ms(c->rest->o.clock), &c->text_len);
	if (c->keygen && c->text != NULL)
		answer_key(c, serial);
	else
		answer(c);
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

/* The form without a csr: names from cn and san, the key from here. */
static int
take_keygen(struct call *c)
{
	const char *cn, *type;
	int64_t size = 0;
	int rc;

	if (json_object_get(c->body, "csr") != NULL)
		return bad(c, "csr", "not together with cn");
	if (json_object_get(c->body, "request_id") != NULL ||
	    http_request_header(c->req, "idempotency-key") != NULL)
		return bad(c, "request_id",
		    "a key is never stored, so that it cannot be repeated");
	if (text(c, "cn", PKI_SAN_VALUE_MAX, &cn) != 0 ||
	    text(c, "key_type", 16, &type) != 0)
		return ERR_PEER_MALFORMED;
	if (cn == NULL || pki_san_add_text(&c->names, cn) != 0)
		return bad(c, "cn", "missing, or not a name");
	c->q.names = &c->names;
	rc = wire_json_int(c->body, "key_size", 1, 16384, &size);
	if ((rc != 0 && rc != ERR_STATE_NOT_FOUND) ||
	    ca_keygen_init(&c->key, type == NULL ? "ecdsa" : type, size) != 0)
		return bad(c, "key_type",
		    "not ecdsa (256, 384), ed25519 or rsa (2048, 3072, 4096)");
	return 0;
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
	    (rc = take_names(c)) != 0 ||
	    (rc = c->keygen ? take_keygen(c) : take_csr(c)) != 0)
		return rc;
	return take_key(c);
}

static void
fail(struct call *c, int rc)
{
	if (rc == ERR_PEER_MALFORMED)
		ca_rest_problem(
		    c->rest, c->req, CA_PROBLEM_MALFORMED, c->detail);
	else
		ca_rest_problem(
		    c->rest, c->req, CA_PROBLEM_INTERNAL, base_err_text(rc));
	call_free(c);
}

static void
submit(struct call *c)
{
	int rc;

	c->q.via = CA_ISSUE_REST;
	c->q.who = &c->who;
	c->q.owner = c->who.owner;
	rc = ca_issue_submit(c->rest->o.issue, &c->q, answered, c);
	if (rc != 0)
		fail(c, rc);
}

static void
generated(void *ctx)
{
	struct call *c = ctx;

	c->q.csr = (struct pki_bytes){ c->key.csr, c->key.csr_len };
	if (c->key.rc == 0)
		submit(c);
	else
		fail(c, c->key.rc);
}

static void
work(void *ctx)
{
	struct call *c = ctx;

	ca_keygen_work(&c->key);
}

/* Make the key on a thread: RSA takes its time. */
static void
generate(struct call *c)
{
	int rc = ERR_STATE_FULL;

	if (c->rest->n_keygens <= KEYGENS_MAX)
		rc = loop_pool_submit(c->rest->o.pool, work, generated, c);
	if (rc == 0)
		return;
	ca_rest_problem(c->rest, c->req, CA_PROBLEM_RATE_LIMITED,
	    "too many keys are being made");
	call_free(c);
}

/* What each form needs (ruling R3). */
static bool
check_form(struct call *c)
{
	const char *why = NULL;

	if (!c->keygen)
		why = (c->who.roles & CA_AUTH_ISSUER) != 0
			  ? NULL
			  : "the token lacks the role issuer";
	else if (!c->rest->o.config->issue.allow_server_keygen)
		why = "keys are not made here: send a csr "
		      "(allow_server_keygen is off)";
	else if ((c->who.roles & CA_AUTH_KEYGEN) == 0)
		why = "the token lacks the role issuer-keygen";
	if (why == NULL)
		return true;
	ca_rest_problem(c->rest, c->req, CA_PROBLEM_FORBIDDEN, why);
	return false;
}

void
ca_rest_issue(struct ca_rest *r, struct http_request *req)
{
	static const char *const known[] = { "csr", "profile", "san",
		"validity_hours", "issuer", "request_id", "cn", "key_type",
		"key_size" };
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
	if (!ca_rest_auth(r, req, CA_AUTH_ISSUER | CA_AUTH_KEYGEN, &c->who) ||
	    !ca_rest_body(r, req, &fields, &c->body)) {
		call_free(c);
		return;
	}
	if (json_object_get(c->body, "cn") != NULL ||
	    json_object_get(c->body, "key_type") != NULL) {
		c->keygen = true;
		r->n_keygens++;
	}
	if (!check_form(c))
		call_free(c);
	else if ((rc = parse(c)) != 0)
		fail(c, rc);
	else if (c->keygen)
		generate(c);
	else
		submit(c);
}
