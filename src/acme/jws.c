/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jws.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "acme/problem.h"
#include "base/arena.h"
#include "wire/base64.h"
#include "wire/json.h"

enum {
	PROTECTED_MAX = 8192, /* characters; an RSA 4096 key takes 1,000 */
	SIG_TEXT_MAX = 700,
	FIELD_MAX = 2048
};

/*
 * The fields of each form: none of them may be missing, no other be there.
 * RFC 7515 section 4.1.11: crit names what must be understood, and nothing
 * that it could name is; b64 likewise (RFC 7797).
 */
static const struct {
	const char *section;
	const char *field[5];
	size_t n;
	bool nonce, jwk, kid;
} forms[ACME_JWS_FORMS] = {
	[ACME_JWS_REQUEST] = { "6.2", { "alg", "nonce", "url", "jwk", "kid" },
	    5, true, true, true },
	[ACME_JWS_KEY_CHANGE] = { "7.3.5", { "alg", "url", "jwk" }, 3, false,
	    true, false },
	[ACME_JWS_BINDING] = { "7.3.4", { "alg", "url", "kid" }, 3, false,
	    false, true },
};

/* What the parts of the parser share. */
struct parse {
	enum acme_jws_form form;
	struct arena *arena;
	struct acme_jws *jws;
	struct acme_problem *problem;
};

static int
malformed(struct parse *p, const char *what)
{
	return acme_problem_set(p->problem, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section %s: %s", forms[p->form].section, what);
}

/* Decode a base64url member into the arena. */
static int
decode(struct parse *p, const char *text, size_t len, const uint8_t **ret,
    size_t *ret_len)
{
	size_t cap = WIRE_BASE64_DECODED_MAX(len);
	uint8_t *out = base_arena_alloc(p->arena, cap + 1);

	if (out == NULL)
		return ERR_SYS_NOMEM;
	if (wire_base64_decode(WIRE_BASE64_URL, text, len, out, cap, ret_len) !=
	    0)
		return malformed(p, "a member is not base64url");
	*ret = out;
	return 0;
}

static int
field(struct parse *p, const json_t *o, const char *name, const char **ret)
{
	const char *s;
	size_t len;

	if (wire_json_string(o, name, FIELD_MAX, &s, &len) != 0)
		return malformed(p, "a header field is missing or no string");
	*ret = base_arena_dup(p->arena, s, len);
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

static int
key_fields(struct parse *p, const json_t *o)
{
	const json_t *jwk = json_object_get(o, "jwk");
	bool kid = json_object_get(o, "kid") != NULL;
	char *text;
	size_t len;

	if ((jwk != NULL) == kid)
		return malformed(p, !forms[p->form].kid ? "the header needs jwk"
				    : !forms[p->form].jwk
					? "the header needs kid"
					: "the header needs one of jwk and "
					  "kid");
	if (kid)
		return field(p, o, "kid", &p->jws->kid);
	if (!json_is_object(jwk))
		return malformed(p, "jwk is not an object");
	text = wire_json_dump(jwk, &len);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	p->jws->jwk = base_arena_dup(p->arena, text, len);
	free(text);
	return p->jws->jwk == NULL ? ERR_SYS_NOMEM : 0;
}

static int
algorithm(struct parse *p, const json_t *o)
{
	const char *alg;
	int rc = field(p, o, "alg", &alg);

	if (rc != 0)
		return rc;
	if (p->form == ACME_JWS_BINDING)
		return strcmp(alg, "HS256") == 0
			   ? 0
			   : acme_problem_set(p->problem,
				 ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM,
				 "RFC 8555 section 7.3.4: an external account "
				 "binding is made with HS256");
	if (acme_jwk_alg_find(alg, &p->jws->alg) == 0)
		return 0;
	rc = acme_problem_set(p->problem, ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM,
	    "RFC 8555 section 6.2: this signature algorithm is not taken");
	p->problem->algorithms = true;
	return rc;
}

static int
header_fields(struct parse *p, const json_t *o)
{
	int rc;

	if (!json_is_object(o) ||
	    wire_json_only(o, forms[p->form].field, forms[p->form].n) != NULL)
		return malformed(
		    p, "the header has a field that has no place there");
	rc = algorithm(p, o);
	if (rc == 0 && forms[p->form].nonce)
		rc = field(p, o, "nonce", &p->jws->nonce);
	if (rc == 0)
		rc = field(p, o, "url", &p->jws->url);
	if (rc == 0)
		rc = key_fields(p, o);
	return rc;
}

static int
protected_header(struct parse *p, const char *text, size_t len)
{
	const uint8_t *raw;
	size_t raw_len;
	json_t *o;
	int rc;

	if (len == 0)
		return malformed(p, "the protected header is empty");
	rc = decode(p, text, len, &raw, &raw_len);
	if (rc != 0)
		return rc;
	if (wire_json_parse((const char *)raw, raw_len, &o, NULL) != 0)
		return malformed(p, "the protected header is not JSON");
	rc = header_fields(p, o);
	json_decref(o);
	return rc;
}

static int
members(struct parse *p, const json_t *o)
{
	static const char *const known[] = { "protected", "payload",
		"signature" };
	const char *head, *payload, *sig;
	size_t head_len, payload_len, sig_len;
	char *signing;
	int rc;

	if (!json_is_object(o) || wire_json_only(o, known, 3) != NULL)
		return malformed(p,
		    "the body has a member other than protected payload "
		    "signature");
	if (wire_json_string(o, "protected", PROTECTED_MAX, &head, &head_len) !=
		0 ||
	    wire_json_string(
		o, "payload", ACME_JWS_MAX, &payload, &payload_len) != 0 ||
	    wire_json_string(o, "signature", SIG_TEXT_MAX, &sig, &sig_len) != 0)
		return malformed(
		    p, "protected, payload and signature must be strings");
	rc = protected_header(p, head, head_len);
	if (rc == 0)
		rc = decode(p, payload, payload_len, &p->jws->payload,
		    &p->jws->payload_len);
	if (rc == 0)
		rc = decode(p, sig, sig_len, &p->jws->sig, &p->jws->sig_len);
	if (rc != 0)
		return rc;
	p->jws->signing_len = head_len + 1 + payload_len;
	signing = base_arena_alloc(p->arena, p->jws->signing_len + 1);
	if (signing == NULL)
		return ERR_SYS_NOMEM;
	memcpy(signing, head, head_len);
	signing[head_len] = '.';
	memcpy(signing + head_len + 1, payload, payload_len);
	p->jws->signing = signing;
	return 0;
}

int
acme_jws_parse(enum acme_jws_form form, const char *body, size_t len,
    struct arena *arena, struct acme_jws *ret, struct acme_problem *problem)
{
	struct parse p = { form, arena, ret, problem };
	struct wire_json_error err;
	json_t *o;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (len > ACME_JWS_MAX) {
		rc = malformed(&p, "the request is larger than 64 KiB");
		problem->status = 413;
		return rc;
	}
	if (wire_json_parse(body, len, &o, &err) != 0)
		return acme_problem_set(problem, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section %s: the body is not JSON at offset %zu",
		    forms[form].section, err.offset_bytes);
	rc = members(&p, o);
	json_decref(o);
	return rc;
}
