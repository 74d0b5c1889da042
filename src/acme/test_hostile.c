/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What broken and hostile clients send.
 */
#include "acme/fixture_test.h"

static void
test_hostile_envelopes(void **state)
{
	static const char path[] = "/acme/new-order";
	static const char payload[] = "{\"identifiers\":[" DNS("a.test") "]}";
	struct client c, thief;
	const char *body;

	(void)state;
	sign_up(&c);
	client_new(&thief);
	/* replay */
	body = jws(&c, header(&c, path), payload);
	assert_int_equal(send_body(path, body), 201);
	send_body(path, body);
	expect(400, ACME_PROBLEM_BAD_NONCE);
	/* a nonce nobody gave out */
	send_body(
	    path, jws(&c,
		      text("{\"alg\":\"ES256\",\"nonce\":\"%s\",\"url\":\"" BASE
			   "%s\",\"kid\":\"%s\"}",
			  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", path, c.kid),
		      payload));
	expect(400, ACME_PROBLEM_BAD_NONCE);
	/* signed for another resource */
	send_body(path, jws(&c, header(&c, "/acme/new-acct"), payload));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	/* another's account */
	(void)snprintf(thief.kid, sizeof(thief.kid), "%s", c.kid);
	post(&thief, path, payload);
	expect(400, ACME_PROBLEM_MALFORMED);
	(void)snprintf(thief.kid, sizeof(thief.kid), BASE "/acme/acct/xyz");
	post(&thief, path, payload);
	expect(400, ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST);
	(void)snprintf(thief.kid, sizeof(thief.kid), "https://other/acct/1");
	post(&thief, path, payload);
	expect(400, ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST);
	/* a key where an account is needed */
	thief.kid[0] = '\0';
	post(&thief, path, payload);
	expect(400, ACME_PROBLEM_MALFORMED);
	assert_int_equal(lab.n_order, 1);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(thief.key);
}

static void
test_hostile_headers(void **state)
{
	static const char path[] = "/acme/new-order";
	static const char payload[] = "{\"identifiers\":[" DNS("a.test") "]}";
	struct client c;
	const char *body, *h;

	(void)state;
	sign_up(&c);
	/* algorithms */
	h = text("{\"alg\":\"none\",\"nonce\":\"%s\",\"url\":\"" BASE
		 "%s\",\"kid\":\"%s\"}",
	    nonce(), path, c.kid);
	send_body(path, jws(&c, h, payload));
	expect(400, ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM);
	assert_non_null(strstr(lab.out.body, "\"algorithms\":[\"ES256\""));
	h = text("{\"alg\":\"HS256\",\"nonce\":\"%s\",\"url\":\"" BASE
		 "%s\",\"kid\":\"%s\"}",
	    nonce(), path, c.kid);
	send_body(path, jws(&c, h, payload));
	expect(400, ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM);
	h = text("{\"alg\":\"RS256\",\"nonce\":\"%s\",\"url\":\"" BASE
		 "%s\",\"kid\":\"%s\"}",
	    nonce(), path, c.kid);
	send_body(path, jws(&c, h, payload));
	expect(400, ACME_PROBLEM_MALFORMED);
	/* header fields that are not ours */
	h = text("{\"alg\":\"ES256\",\"nonce\":\"%s\",\"url\":\"" BASE
		 "%s\",\"kid\":\"%s\",\"crit\":[\"b64\"],\"b64\":false}",
	    nonce(), path, c.kid);
	send_body(path, jws(&c, h, payload));
	expect(400, ACME_PROBLEM_MALFORMED);
	h = text("{\"alg\":\"ES256\",\"nonce\":\"%s\",\"url\":\"" BASE
		 "%s\",\"kid\":\"%s\",\"jwk\":%s}",
	    nonce(), path, c.kid, c.jwk);
	send_body(path, jws(&c, h, payload));
	expect(400, ACME_PROBLEM_MALFORMED);
	/* an unprotected header */
	body = jws(&c, header(&c, path), payload);
	send_body(path, text("{\"header\":{},%s", body + 1));
	expect(400, ACME_PROBLEM_MALFORMED);
	assert_int_equal(lab.n_order, 0);
	EVP_PKEY_free(c.key);
}

static void
test_bad_orders(void **state)
{
	static const struct {
		const char *payload;
		int status;
		enum acme_problem_type type;
	} rows[] = {
		{ "{}", 400, ACME_PROBLEM_MALFORMED },
		{ "[]", 400, ACME_PROBLEM_MALFORMED },
		{ "{", 400, ACME_PROBLEM_MALFORMED },
		{ "", 400, ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[]}", 400, ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[1]}", 400, ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[" DNS("a.test") "],\"notBefore\":\"x\"}",
		    400, ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[" DNS("a.test") "],\"profile\":\"x\"}",
		    400, ACME_PROBLEM_INVALID_PROFILE },
		{ "{\"identifiers\":[{\"type\":\"email\",\"value\":\"a\"}]}",
		    400, ACME_PROBLEM_UNSUPPORTED_IDENTIFIER },
		{ "{\"identifiers\":[" IP("::1") "]}", 400,
		    ACME_PROBLEM_REJECTED_IDENTIFIER },
		{ "{\"identifiers\":[" IP("fd00:0::1") "]}", 400,
		    ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[" IP("a.test") "]}", 400,
		    ACME_PROBLEM_MALFORMED },
		{ "{\"identifiers\":[" DNS("a.example") "]}", 400,
		    ACME_PROBLEM_REJECTED_IDENTIFIER },
		{ "{\"identifiers\":[" DNS("*.a.example") "]}", 400,
		    ACME_PROBLEM_REJECTED_IDENTIFIER },
		{ "{\"identifiers\":[" DNS("a.example") "," DNS(
		      "*.b.example") "]}",
		    400, ACME_PROBLEM_COMPOUND },
		{ "{\"identifiers\":[" DNS("a.test") "," DNS("b.test") "," DNS(
		      "c.test") "," DNS("d.test") "," DNS("e."
							  "te"
							  "st") "," DNS("f."
									"te"
									"st") "]}",
		    400, ACME_PROBLEM_MALFORMED },
	};
	struct client c;
	size_t i;

	(void)state;
	sign_up(&c);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(&c, "/acme/new-order", rows[i].payload);
		expect(rows[i].status, rows[i].type);
	}
	assert_int_equal(lab.n_order, 0);
	/* five names an order, twelve pending in all, six orders an hour */
	for (i = 0; i < 2; i++)
		(void)new_order(
		    &c, DNS("a.test") "," DNS("b.test") "," DNS(
			    "c.test") "," DNS("d.test") "," DNS("e.test"));
	post(&c, "/acme/new-order",
	    "{\"identifiers\":[" DNS("a.test") "," DNS("b.test") "," DNS(
		"c.test") "]}");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	(void)new_order(&c, DNS("a.test"));
	(void)new_order(&c, DNS("a.test"));
	lab.now += 3600000;
	for (i = 0; i < 4; i++)
		(void)post(&c, "/acme/new-order",
		    "{\"identifiers\":[" DNS("a.test") "]}");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	EVP_PKEY_free(c.key);
}

static void
test_accounts(void **state)
{
	struct client c, same;
	int i;

	(void)state;
	client_new(&c);
	post(&c, "/acme/new-acct", "{\"onlyReturnExisting\":true}");
	expect(400, ACME_PROBLEM_ACCOUNT_DOES_NOT_EXIST);
	assert_int_equal(post(&c, "/acme/new-acct", "{}"), 201);
	same = c;
	(void)snprintf(
	    same.kid, sizeof(same.kid), "%s", reply_header("location"));
	/* known: 200 and the same Location (section 7.3) */
	assert_int_equal(post(&c, "/acme/new-acct", "{}"), 200);
	assert_string_equal(reply_header("location"), same.kid);
	assert_int_equal(lab.n_account, 1);
	assert_int_equal(
	    post(&same, text("%s/orders", path_of(same.kid)), ""), 200);
	EVP_PKEY_free(c.key);
	for (i = 0; i < 9; i++) {
		sign_up(&c);
		EVP_PKEY_free(c.key);
	}
	client_new(&c);
	post(&c, "/acme/new-acct", "{}");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	EVP_PKEY_free(c.key);
}

static int
get(const char *method, const char *path)
{
	const struct acme_request req = { method, path, NULL, "", 0, "x" };
	struct acme_turn *t;

	assert_int_equal(
	    acme_turn_begin(lab.server, &req, &store, lab.arena, &t), 0);
	acme_turn_decide(t, lab.now, &lab.out);
	acme_turn_end(t);
	return lab.out.status;
}

static void
test_resources(void **state)
{
	const struct acme_request plain = { "POST", "/acme/new-acct",
		"application/json", "{}", 2, "x" };
	struct acme_turn *t;

	(void)state;
	assert_int_equal(get("GET", "/acme/directory"), 200);
	assert_string_equal(member("newOrder"), BASE "/acme/new-order");
	assert_string_equal(member("revokeCert"), BASE "/acme/revoke-cert");
	assert_string_equal(member("renewalInfo"), BASE "/acme/renewal-info");
	assert_string_equal(member("keyChange"), BASE "/acme/key-change");
	/* only what works */
	assert_int_equal(get("HEAD", "/acme/new-nonce"), 200);
	assert_int_equal(get("GET", "/acme/new-nonce"), 204);
	assert_string_equal(reply_header("cache-control"), "no-store");
	assert_int_equal(get("GET", "/acme/new-order"), 405);
	assert_int_equal(get("GET", "/acme/order/x"), 405);
	assert_int_equal(get("DELETE", "/acme/directory"), 405);
	assert_int_equal(get("GET", "/acme/nothing"), 404);
	assert_int_equal(get("GET", "/acme/order"), 404);
	assert_int_equal(get("GET", "/acme/order/"), 404);
	assert_int_equal(get("GET", "/acme/order/x/y"), 404);
	assert_int_equal(get("GET", "/acme/"), 404);
	assert_int_equal(
	    acme_turn_begin(lab.server, &plain, &store, lab.arena, &t), 0);
	acme_turn_decide(t, lab.now, &lab.out);
	acme_turn_end(t);
	expect(415, ACME_PROBLEM_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_hostile_envelopes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_hostile_headers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_bad_orders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_accounts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_resources, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
