/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REST_EXPECT_H
#define TRUSTCHAIN_CA_REST_EXPECT_H

#include "trustchain/ca_rest_fixture.h"

/* Requests to the API of the fixture, and what is expected of answers. */
struct answer {
	int calls, status;
	char type[64], location[128], retry[16], hsts[64];
	char *body;
	size_t len;
};

/** on_answer: note an answer and stop the loop. */
static __attribute__((unused)) void
on_answer(void *ctx, const struct http_response *r)
{
	struct answer *a = ctx;
	const uint8_t *body;
	const char *h;

	a->calls++;
	assert_int_equal(http_response_rc(r), 0);
	a->status = http_response_status(r);
	body = http_response_body(r, &a->len);
	a->body = strndup((const char *)body, a->len);
	if ((h = http_response_header(r, "content-type")) != NULL)
		snprintf(a->type, sizeof(a->type), "%s", h);
	if ((h = http_response_header(r, "location")) != NULL)
		snprintf(a->location, sizeof(a->location), "%s", h);
	if ((h = http_response_header(r, "retry-after")) != NULL)
		snprintf(a->retry, sizeof(a->retry), "%s", h);
	if ((h = http_response_header(r, "strict-transport-security")) != NULL)
		snprintf(a->hsts, sizeof(a->hsts), "%s", h);
	loop_stop(loop);
}

struct ask {
	enum http_method method;
	const char *path, *auth, *type, *accept, *idem, *body;
};

/** ask: send a request and wait for its answer. */
static __attribute__((unused)) void
ask(const struct ask *q, struct answer *a)
{
	struct http_header h[4];
	struct http_client_request req;
	char url[256];
	size_t n = 0;

	free(a->body);
	memset(a, 0, sizeof(*a));
	memset(&req, 0, sizeof(req));
	snprintf(url, sizeof(url), "http://[::1]:%u%s", bound.port, q->path);
	if (q->auth != NULL)
		h[n++] = (struct http_header){ "authorization", q->auth };
	if (q->type != NULL)
		h[n++] = (struct http_header){ "content-type", q->type };
	if (q->accept != NULL)
		h[n++] = (struct http_header){ "accept", q->accept };
	if (q->idem != NULL)
		h[n++] = (struct http_header){ "idempotency-key", q->idem };
	req.method = q->method;
	req.url = url;
	req.headers = h;
	req.headers_count = n;
	req.body = q->body;
	req.body_len = q->body != NULL ? strlen(q->body) : 0;
	assert_int_equal(http_client_send(client, &req, on_answer, a, NULL), 0);
	assert_true(loop_run_for(loop, 10000));
	assert_int_equal(a->calls, 1);
}

/** get: GET ${path}. */
static __attribute__((unused)) void
get(const char *path, const char *who, struct answer *a)
{
	struct ask q = { .method = HTTP_METHOD_GET, .path = path, .auth = who };

	ask(&q, a);
}

/** post: POST to the issue endpoint. */
static __attribute__((unused)) void
post(const char *body, const char *who, struct answer *a)
{
	struct ask q = { .method = HTTP_METHOD_POST,
		.path = "/api/v1/ca/issue",
		.auth = who,
		.type = "application/json",
		.body = body };

	ask(&q, a);
}

/** member: the member ${name} of a JSON answer, as text. */
static __attribute__((unused)) const char *
member(const struct answer *a, const char *name, char *out, size_t cap)
{
	json_t *o;
	const char *s;

	assert_int_equal(wire_json_parse(a->body, a->len, &o, NULL), 0);
	s = json_string_value(json_object_get(o, name));
	snprintf(out, cap, "%s", s != NULL ? s : "(none)");
	json_decref(o);
	return out;
}

/** expect_problem: the answer is this problem. */
static __attribute__((unused)) void
expect_problem(const struct answer *a, int status, const char *code)
{
	char got[64], type[96];

	if (a->status != status)
		print_message("%d %s\n", a->status, a->body);
	assert_int_equal(a->status, status);
	assert_string_equal(a->type, "application/problem+json");
	assert_string_equal(member(a, "code", got, sizeof(got)), code);
	snprintf(type, sizeof(type), "urn:troth:identity:%s", code);
	assert_string_equal(member(a, "type", got, sizeof(got)), type);
	assert_string_not_equal(
	    member(a, "request_id", got, sizeof(got)), "(none)");
	assert_string_equal(a->hsts, "max-age=31536000");
}

/** body_for: a request body with a CSR for ${sans}. */
static __attribute__((unused)) char *
body_for(const char *sans, const char *more)
{
	struct der *csr = malloc(sizeof(*csr));
	unsigned char *b64 = malloc(8192);
	char *out = malloc(16384);

	make_csr(w->leaf_key, sans, csr);
	EVP_EncodeBlock(b64, csr->data, (int)csr->len);
	snprintf(out, 16384, "{\"csr\":\"%s\"%s}", (char *)b64, more);
	free(csr);
	free(b64);
	return out;
}

/** reset_rest: setup_rest with nothing called yet. */
static __attribute__((unused)) int
reset_rest(void **state)
{
	keys_called = logs_called = 0;
	return setup_rest(state);
}

#endif
