/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CLIENT_TEST_H
#define ACME_CLIENT_TEST_H

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "acme/commit_test.h"
#include "acme/ident_type.h"
#include "acme/problem_type.h"
#include "acme/request.h"
#include "acme/turn.h"
#include "acme/verdict.h"
#include "base/rng.h"
#include "wire/base64.h"
#include "wire/json.h"

/* A client of the lab, which signs with OpenSSL. */

/** b64: base64url in the arena. */
static const char *
b64(const void *data, size_t len)
{
	char *out = base_arena_alloc(lab.arena, WIRE_BASE64_ENCODED_MAX(len));

	(void)wire_base64_encode(WIRE_BASE64_URL, data, len, out);
	return out;
}

/** text: formatted text in the arena. */
static const char *
text(const char *fmt, ...)
{
	char *out = base_arena_alloc(lab.arena, 8192);
	va_list ap;

	va_start(ap, fmt);
	assert_true(vsnprintf(out, 8192, fmt, ap) < 8192);
	va_end(ap);
	return out;
}

/** client_new: a fresh P-256 key. */
static void
client_new(struct client *c)
{
	uint8_t point[65];
	size_t len;

	memset(c, 0, sizeof(*c));
	c->key = EVP_EC_gen("P-256");
	assert_non_null(c->key);
	assert_int_equal(EVP_PKEY_get_octet_string_param(
			     c->key, "pub", point, sizeof(point), &len),
	    1);
	(void)snprintf(c->jwk, sizeof(c->jwk),
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}",
	    b64(point + 1, 32), b64(point + 33, 32));
}

/** sign: the JWS signature over a text. */
static const char *
sign(const struct client *c, const char *input)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t der[128], raw[64] = { 0 };
	const uint8_t *p = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(
	    EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, c->key), 1);
	assert_int_equal(EVP_DigestSign(md, der, &len, (const uint8_t *)input,
			     strlen(input)),
	    1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32), 32);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(md);
	return b64(raw, sizeof(raw));
}

/** nonce: a fresh nonce of the server. */
static const char *
nonce(void)
{
	char *n = base_arena_alloc(lab.arena, 33);

	assert_int_equal(acme_server_nonce(lab.server, n), 0);
	return n;
}

/** jws: a request body. */
static const char *
jws(const struct client *c, const char *header, const char *payload)
{
	const char *p = b64(header, strlen(header));
	const char *q = b64(payload, strlen(payload));

	return text("{\"protected\":\"%s\",\"payload\":\"%s\","
		    "\"signature\":\"%s\"}",
	    p, q, sign(c, text("%s.%s", p, q)));
}

/** header: the protected header for a path. */
static const char *
header(const struct client *c, const char *path)
{
	return c->kid[0] == '\0'
		   ? text("{\"alg\":\"ES256\",\"nonce\":\"%s\",\"url\":\"" BASE
			  "%s\",\"jwk\":%s}",
			 nonce(), path, c->jwk)
		   : text("{\"alg\":\"ES256\",\"nonce\":\"%s\",\"url\":\"" BASE
			  "%s\",\"kid\":\"%s\"}",
			 nonce(), path, c->kid);
}

/** send_body: Send a body and commit what is decided; return the status. */
static int
send_body(const char *path, const char *body)
{
	const struct acme_request req = { "POST", path, "application/jose+json",
		body, strlen(body), "2001:db8::/64" };
	struct acme_turn *t;

	assert_int_equal(
	    acme_turn_begin(lab.server, &req, &store, lab.arena, &t), 0);
	acme_turn_decide(t, lab.now, &lab.out);
	commit(&lab.out);
	acme_turn_end(t);
	return lab.out.status;
}

/** post: sign, send and commit; the status. */
static int
post(const struct client *c, const char *path, const char *payload)
{
	return send_body(path, jws(c, header(c, path), payload));
}

/** reply_header: a header of the last reply. */
static const char *
reply_header(const char *name)
{
	for (size_t i = 0; i < lab.out.n_headers; i++)
		if (strcmp(lab.out.header[i].name, name) == 0)
			return lab.out.header[i].value;
	return NULL;
}

/** member: A string member of the reply, by path of members and indexes. */
static inline const char *
member(const char *name)
{
	json_t *o;
	const char *s;
	char *copy;

	assert_int_equal(
	    wire_json_parse(lab.out.body, lab.out.body_len, &o, NULL), 0);
	s = json_string_value(json_object_get(o, name));
	copy = s == NULL ? NULL : base_arena_dup(lab.arena, s, strlen(s));
	json_decref(o);
	return copy;
}

/** path_of: the path of one of our URLs. */
static const char *
path_of(const char *url)
{
	assert_non_null(url);
	assert_memory_equal(url, BASE, strlen(BASE));
	return url + strlen(BASE);
}

/** sign_up: a client with an account. */
static void
sign_up(struct client *c)
{
	client_new(c);
	assert_int_equal(
	    post(c, "/acme/new-acct", "{\"termsOfServiceAgreed\":true}"), 201);
	(void)snprintf(c->kid, sizeof(c->kid), "%s", reply_header("location"));
}

/** expect: the last reply is this problem. */
static inline void
expect(int status, enum acme_problem_type type)
{
	if ((int)lab.out.problem != (int)type || lab.out.status != status)
		fail_msg("%d %.*s", lab.out.status, (int)lab.out.body_len,
		    lab.out.body);
	assert_string_equal(lab.out.content_type, "application/problem+json");
}

#endif
