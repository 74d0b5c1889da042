/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_rest_expect.h"

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
		    test_ca_files, reset_rest, teardown_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
