/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the REST API makes: binding keys and, where allowed, private keys.
 */
#include "trustchain/ca_rest_expect.h"

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

/* Whether the private key of an answer is that of its certificate. */
static bool
key_fits(const struct answer *a, int type)
{
	char cert_pem[16384], key_pem[8192];
	BIO *cert_bio, *key_bio;
	EVP_PKEY *key;
	X509 *cert;
	bool fits;

	member(a, "certificate", cert_pem, sizeof(cert_pem));
	member(a, "private_key", key_pem, sizeof(key_pem));
	cert_bio = BIO_new_mem_buf(cert_pem, -1);
	key_bio = BIO_new_mem_buf(key_pem, -1);
	cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
	key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	assert_non_null(cert);
	assert_non_null(key);
	fits = X509_check_private_key(cert, key) == 1 &&
	       EVP_PKEY_get_base_id(key) == type;
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(cert_bio);
	BIO_free(key_bio);
	return fits;
}

static void
test_keygen(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *code;
	} rows[] = {
		{ "{\"key_type\":\"ecdsa\"}", 400, "malformed" },
		{ "{\"cn\":\"a.example.test\",\"csr\":\"x\"}", 400,
		    "malformed" },
		{ "{\"cn\":\"a.example.test\",\"key_type\":\"dsa\"}", 400,
		    "malformed" },
		{ "{\"cn\":\"a.example.test\",\"key_type\":\"rsa\","
		  "\"key_size\":1024}",
		    400, "malformed" },
		{ "{\"cn\":\"a.example.test\",\"request_id\":\"r1\"}", 400,
		    "malformed" },
		{ "{\"cn\":\"other.test\"}", 403, "forbidden" },
	};
	static const char ok[] = "{\"cn\":\"a.example.test\","
				 "\"validity_hours\":24,"
				 "\"key_type\":\"%s\",\"key_size\":%d}";
	struct answer a = { 0 };
	char body[256];
	size_t i;

	(void)state;
	config.issue.allow_server_keygen = false;
	post("{\"cn\":\"a.example.test\"}", keyless, &a);
	expect_problem(&a, 403, "forbidden");
	config.issue.allow_server_keygen = true;
	post("{\"cn\":\"a.example.test\"}", token, &a);
	expect_problem(&a, 403, "forbidden");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(rows[i].body, keyless, &a);
		expect_problem(&a, rows[i].status, rows[i].code);
	}
	post("{\"csr\":\"x\"}", keyless, &a);
	expect_problem(&a, 403, "forbidden");
	snprintf(body, sizeof(body), ok, "ecdsa", 384);
	post(body, keyless, &a);
	assert_int_equal(a.status, 201);
	assert_true(key_fits(&a, EVP_PKEY_EC));
	snprintf(body, sizeof(body), ok, "ed25519", 256);
	post(body, keyless, &a);
	assert_int_equal(a.status, 201);
	assert_true(key_fits(&a, EVP_PKEY_ED25519));
	snprintf(body, sizeof(body), ok, "rsa", 2048);
	post(body, keyless, &a);
	assert_int_equal(a.status, 201);
	assert_true(key_fits(&a, EVP_PKEY_RSA));
	free(a.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_eab, reset_rest, teardown_rest),
		cmocka_unit_test_setup_teardown(
		    test_keygen, reset_rest, teardown_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
