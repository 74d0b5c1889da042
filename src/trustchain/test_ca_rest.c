/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include "http/client.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "net/tls.h"
#include "ops/health.h"
#include "ops/metrics.h"
#include "ops/web.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_issue_fixture.h"
#include "trustchain/ca_issue_world.h"
#include "trustchain/ca_rest.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"
#include "wire/time.h"

/*
 * The REST API over a real HTTP server and client on loopback; key process
 * and log are played as in the test of the driver.
 */
static struct http_server *server;
static struct http_client *client;
static struct net_addr bound;
static struct ca_auth *auth;
static struct ca_rest *rest;
static struct net_tls *tls;
static struct ops_web web;
static char token[128], reader[128], registrar[128];

static void
handle(void *ctx, struct http_request *r)
{
	(void)ctx;
	if (!ca_rest_handle(rest, r))
		ca_rest_not_found(rest, r);
}

static void
mint(const char *role, char out[128])
{
	static const char *const scopes[] = { "example.test", "2001:db8::/32" };
	const char *roles[] = { role };
	struct ca_auth_spec spec = { .roles = roles,
		.nroles = 1,
		.scopes = scopes,
		.nscopes = 2,
		.ttl_ms = 3600000,
		.rate_per_min = 60000 };
	struct ca_batch *b = ca_batch_new();
	char text[CA_AUTH_TOKEN_MAX], id[17];

	assert_int_equal(ca_auth_mint(auth, &spec, b, text, id), 0);
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	snprintf(out, 128, "Bearer %s", text);
}

static int
setup_rest(void **state)
{
	static const char *const names[] = { "localhost" };
	struct http_server_opts so = { .body_max = 65536 };
	struct http_listener_opts lo = { .handler = handle,
		.refuse = ca_rest_refuse };
	struct net_tls_opts to = { 0 };
	struct ca_rest_opts ro;
	struct net_addr any;
	char *cert, *key;
	struct fault f;

	if (setup(state) != 0)
		return -1;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &auth), 0);
	mint("issuer", token);
	mint("auditor", reader);
	mint("registrar", registrar);
	assert_int_equal(net_tls_self_signed(names, 1, 1, &cert, &key), 0);
	to.cert_pem = cert;
	to.key_pem = key;
	assert_int_equal(net_tls_new(&to, &tls, &f), 0);
	free(cert);
	free(key);
	web.health = ops_health_new("1", "test");
	config.auth.token_max_ttl_d = 90;
	ro = (struct ca_rest_opts){ .config = &config,
		.authority = authority,
		.store = store,
		.auth = auth,
		.issue = issue,
		.tls = tls,
		.web = &web,
		.clock = &test_clock,
		.rng = crypto_rng_system() };
	assert_int_equal(ca_rest_new(&ro, &rest), 0);
	assert_int_equal(http_server_new(loop, &so, &server, &f), 0);
	assert_int_equal(net_addr_parse("[::1]:0", &any), 0);
	lo.addr = &any;
	lo.ctx = rest;
	assert_int_equal(http_server_listen(server, &lo, &bound, &f), 0);
	assert_int_equal(http_client_new(loop, NULL, &client), 0);
	return 0;
}

static int
teardown_rest(void **state)
{
	http_client_free(client);
	ca_issue_stop(issue);
	http_server_free(server);
	ca_rest_free(rest);
	ca_auth_free(auth);
	net_tls_free(tls);
	ops_health_free(web.health);
	return teardown(state);
}

struct answer {
	int calls, status;
	char type[64], location[128], retry[16], hsts[64];
	char *body;
	size_t len;
};

static void
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

static void
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

static void
get(const char *path, const char *who, struct answer *a)
{
	struct ask q = { .method = HTTP_METHOD_GET, .path = path, .auth = who };

	ask(&q, a);
}

static void
post(const char *body, const char *who, struct answer *a)
{
	struct ask q = { .method = HTTP_METHOD_POST,
		.path = "/api/v1/ca/issue",
		.auth = who,
		.type = "application/json",
		.body = body };

	ask(&q, a);
}

/* The member ${name} of a JSON answer, as text. */
static const char *
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

static void
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

/* A request body with a CSR for ${sans}. */
static char *
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

static void
test_issue_and_read(void **state)
{
	struct answer a = { 0 };
	char serial[64], path[128], text[128], *body, *again;
	struct ask pem = { .method = HTTP_METHOD_GET,
		.auth = token,
		.accept = "application/x-pem-file" };
	json_t *o;

	(void)state;
	body = body_for("DNS:a.example.test",
	    ",\"san\":[\"2001:db8::5\"],\"validity_hours\":2,"
	    "\"request_id\":\"r-1\"");
	post(body, token, &a);
	if (a.status != 201)
		fail_msg("%d %s", a.status, a.body);
	assert_string_equal(a.type, "application/json");
	assert_int_equal(wire_json_parse(a.body, a.len, &o, NULL), 0);
	assert_int_equal(json_array_size(json_object_get(o, "chain")), 1);
	assert_int_equal(json_array_size(json_object_get(o, "scts")), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_array_get(json_object_get(o, "scts"), 0), "leaf_index")),
	    41);
	json_decref(o);
	member(&a, "serial", serial, sizeof(serial));
	assert_int_equal(strlen(serial), 32);
	snprintf(path, sizeof(path), "/api/v1/ca/certificates/%s", serial);
	assert_string_equal(a.location, path);
	assert_string_equal(member(&a, "not_after", text, sizeof(text)),
	    "2026-11-21T13:58:59Z");
	assert_string_equal(member(&a, "status", text, sizeof(text)), "Valid");
	/* The same request again: the first result. */
	again = strdup(a.body);
	post(body, token, &a);
	assert_int_equal(a.status, 201);
	assert_string_equal(a.body, again);
	/* Its owner and an auditor may read it, others not.  The record is
	 * what was answered, though another writer writes it. */
	get(path, token, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, again);
	free(again);
	get(path, reader, &a);
	assert_int_equal(a.status, 200);
	get(path, NULL, &a);
	expect_problem(&a, 401, "unauthorized");
	mint("issuer", text);
	get(path, text, &a);
	expect_problem(&a, 403, "forbidden");
	pem.path = path;
	ask(&pem, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.type, "application/x-pem-file");
	assert_non_null(strstr(a.body, "-----BEGIN CERTIFICATE-----"));
	get("/api/v1/ca/certificates/00ff", reader, &a);
	expect_problem(&a, 404, "not_found");
	get("/api/v1/ca/certificates/xyz", reader, &a);
	expect_problem(&a, 404, "not_found");
	free(body);
	free(a.body);
}

static void
test_list(void **state)
{
	struct answer a = { 0 };
	char next[32], path[128], *body;
	json_t *o;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		body = body_for(
		    i == 1 ? "DNS:b.example.test" : "DNS:a.example.test", "");
		post(body, token, &a);
		assert_int_equal(a.status, 201);
		free(body);
	}
	get("/api/v1/ca/certificates?limit=2", reader, &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(wire_json_parse(a.body, a.len, &o, NULL), 0);
	assert_int_equal(
	    json_array_size(json_object_get(o, "certificates")), 2);
	json_decref(o);
	member(&a, "next", next, sizeof(next));
	snprintf(path, sizeof(path),
	    "/api/v1/ca/certificates?limit=2&cursor=%s", next);
	get(path, reader, &a);
	assert_int_equal(wire_json_parse(a.body, a.len, &o, NULL), 0);
	assert_int_equal(
	    json_array_size(json_object_get(o, "certificates")), 1);
	assert_true(json_is_null(json_object_get(o, "next")));
	json_decref(o);
	get("/api/v1/ca/certificates?name=a.example.test&status=valid", reader,
	    &a);
	assert_int_equal(wire_json_parse(a.body, a.len, &o, NULL), 0);
	assert_int_equal(
	    json_array_size(json_object_get(o, "certificates")), 2);
	json_decref(o);
	get("/api/v1/ca/certificates?expiring_within_s=60", reader, &a);
	assert_int_equal(wire_json_parse(a.body, a.len, &o, NULL), 0);
	assert_int_equal(
	    json_array_size(json_object_get(o, "certificates")), 0);
	json_decref(o);
	get("/api/v1/ca/certificates?limit=501", reader, &a);
	expect_problem(&a, 400, "malformed");
	get("/api/v1/ca/certificates?status=odd", reader, &a);
	expect_problem(&a, 400, "malformed");
	get("/api/v1/ca/certificates", token, &a);
	expect_problem(&a, 403, "forbidden");
	free(a.body);
}

static void
test_bad_input(void **state)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "{\"csr\":1}",
		"{\"csr\":\"x\",\"csr\":\"x\"}", "{\"csr\":\"!!\"}",
		"{\"csr\":\"MAA=\",\"odd\":1}", "{\"csr\":\"MAA=\"}",
		"{\"csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\nMAA\"}",
		"{\"csr\":\"MAA=\",\"validity_hours\":25}",
		"{\"csr\":\"MAA=\",\"validity_hours\":0}",
		"{\"csr\":\"MAA=\",\"validity_hours\":\"1\"}",
		"{\"csr\":\"MAA=\",\"san\":\"a\"}",
		"{\"csr\":\"MAA=\",\"san\":[1]}",
		"{\"csr\":\"MAA=\",\"request_id\":\"a b\"}",
		"{\"csr\":\"MAA=\",\"profile\":\"nope\"}",
		"{\"csr\":\"MAA=\",\"issuer\":\"nope\"}" };
	struct answer a = { 0 };
	struct ask q = { .method = HTTP_METHOD_POST,
		.path = "/api/v1/ca/issue",
		.auth = token,
		.type = "text/plain",
		.body = "{}" };
	char *body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		post(bad[i], token, &a);
		expect_problem(&a, 400, "malformed");
	}
	ask(&q, &a);
	expect_problem(&a, 415, "unsupported_media");
	q.type = "application/json";
	q.method = HTTP_METHOD_PUT;
	ask(&q, &a);
	expect_problem(&a, 405, "method_not_allowed");
	post("{}", NULL, &a);
	expect_problem(&a, 401, "unauthorized");
	post("{}", reader, &a);
	expect_problem(&a, 403, "forbidden");
	body = calloc(1, 70000);
	memset(body, ' ', 69999);
	post(body, token, &a);
	expect_problem(&a, 413, "too_large");
	free(body);
	body = body_for("DNS:localhost", "");
	post(body, token, &a);
	expect_problem(&a, 422, "rejected_name");
	free(body);
	body = body_for("DNS:a.other.test", "");
	post(body, token, &a);
	expect_problem(&a, 403, "forbidden");
	free(body);
	get("/api/v1/ca/nothing", NULL, &a);
	expect_problem(&a, 404, "not_found");
	get("/nothing", NULL, &a);
	expect_problem(&a, 404, "not_found");
	assert_int_equal(keys_called, 0);
	free(a.body);
}

static void
test_unavailable(void **state)
{
	struct answer a = { 0 };
	char serial[64], *body = body_for("DNS:a.example.test", "");

	(void)state;
	log_up = false;
	post(body, token, &a);
	expect_problem(&a, 503, "ct_unavailable");
	assert_string_equal(a.retry, "5");
	/* After C1 the answer names the serial that will follow. */
	log_up = true;
	log_answers = false;
	post(body, token, &a);
	expect_problem(&a, 503, "ct_unavailable");
	assert_int_equal(
	    strlen(member(&a, "serial", serial, sizeof(serial))), 32);
	free(body);
	free(a.body);
}

static void
test_ca_files(void **state)
{
	static const char *const paths[] = { "/api/v1/ca/cert",
		"/api/v1/ca/chain", "/api/v1/ca/root", "/ca-cert" };
	struct answer a = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		get(paths[i], NULL, &a);
		assert_int_equal(a.status, 200);
		assert_string_equal(a.type, "application/x-pem-file");
		assert_non_null(strstr(a.body, "-----BEGIN CERTIFICATE-----"));
		assert_string_equal(a.hsts, "max-age=31536000");
	}
	get("/api/v1/ca/chain?issuer=no", NULL, &a);
	expect_problem(&a, 404, "not_found");
	get("/health", NULL, &a);
	assert_int_equal(a.status, 200);
	get("/api/v1/ca/health", NULL, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "Healthy"));
	free(a.body);
}

static void
post_eab(const char *body, const char *who, struct answer *a)
{
	struct ask q = { .method = HTTP_METHOD_POST,
		.path = "/api/v1/ca/eab",
		.auth = who,
		.type = "application/json",
		.body = body };

	ask(&q, a);
}

static const struct {
	const char *body;
	int status;
	const char *code;
} bad_eabs[] = {
	{ "{}", 400, "malformed" },
	{ "{\"name_scopes\":[\"a.example.test\"]}", 400, "malformed" },
	{ "{\"name_scopes\":[],\"expires\":\"%s\"}", 400, "malformed" },
	{ "{\"name_scopes\":[1],\"expires\":\"%s\"}", 400, "malformed" },
	{ "{\"name_scopes\":[\"a.example.test\"],\"expires\":"
	  "\"1999-01-01T00:00:00Z\"}",
	    400, "malformed" },
	{ "{\"name_scopes\":[\"a.example.test\"],\"expires\":\"%s\","
	  "\"profiles\":[\"nothing\"]}",
	    400, "malformed" },
	{ "{\"name_scopes\":[\"a.example.test\"],\"expires\":\"%s\","
	  "\"other\":1}",
	    400, "malformed" },
	/* more than the token may give */
	{ "{\"name_scopes\":[\"test\"],\"expires\":\"%s\"}", 403, "forbidden" },
	{ "{\"name_scopes\":[\"a.example.test\",\"b.test\"],"
	  "\"expires\":\"%s\"}",
	    403, "forbidden" },
};

static void
test_eab(void **state)
{
	char expires[WIRE_TIME_TEXT_MAX], body[512], kid[64], key[64];
	struct answer a = { 0 };
	struct arena *arena = base_arena_new(1 << 20);
	struct ca_eab row;
	size_t i;

	(void)state;
	wire_time_format(base_clock_now_ms(&test_clock) + 3600000, expires);
	for (i = 0; i < sizeof(bad_eabs) / sizeof(bad_eabs[0]); i++) {
		snprintf(body, sizeof(body), bad_eabs[i].body, expires);
		post_eab(body, registrar, &a);
		expect_problem(&a, bad_eabs[i].status, bad_eabs[i].code);
	}
	snprintf(body, sizeof(body),
	    "{\"name_scopes\":[\"a.example.test\",\"2001:db8::/48\"],"
	    "\"profiles\":[\"server\"],\"expires\":\"%s\","
	    "\"preauthorized\":true}",
	    expires);
	post_eab(body, token, &a);
	expect_problem(&a, 403, "forbidden");
	post_eab(body, NULL, &a);
	expect_problem(&a, 401, "unauthorized");
	post_eab(body, registrar, &a);
	assert_int_equal(a.status, 201);
	assert_int_equal(strlen(member(&a, "kid", kid, sizeof(kid))), 32);
	assert_int_equal(strlen(member(&a, "hmac_key", key, sizeof(key))), 43);
	assert_int_equal(store->ops->get_eab(store, kid, arena, &row), 0);
	assert_int_equal(row.hmac_key.len, 32);
	assert_int_equal(row.preauthorized, 1);
	assert_string_equal(
	    row.name_scopes, "[\"a.example.test\",\"2001:db8::/48\"]");
	assert_string_equal(row.profiles, "server");
	base_arena_free(arena);
	free(a.body);
}

static int
reset_rest(void **state)
{
	keys_called = logs_called = 0;
	return setup_rest(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_issue_and_read, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_list, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_bad_input, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_unavailable, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_eab, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_ca_files, reset_rest, teardown_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
