/* SPDX-License-Identifier: Apache-2.0 */
/*
 * External account binding (RFC 8555 section 7.3.4).  The MAC is OpenSSL's.
 */
#include <openssl/hmac.h>

#include "acme/fixture_test.h"

#define URL BASE "/acme/new-acct"

static const uint8_t key[32] = "a key of thirty-two octets, yes";
static const char *const scopes[] = { "a.test", "2001:db8::/32" };
static const char *const profiles[] = { "service" };

static struct acme_eab *
eab_new(const char *kid, bool preauthorized)
{
	struct acme_eab *e = &lab.eab[lab.n_eab++];

	*e = (struct acme_eab){ .kid = kid,
		.usable = true,
		.key = key,
		.key_len = sizeof(key),
		.scopes = scopes,
		.n_scopes = 2,
		.preauthorized = preauthorized };
	return e;
}

/* A newAccount payload with a binding. */
static const char *
bound(const char *alg, const char *kid, const char *url, const char *payload)
{
	const char *head = text(
	    "{\"alg\":\"%s\",\"kid\":\"%s\",\"url\":\"%s\"}", alg, kid, url);
	const char *p = b64(head, strlen(head));
	const char *q = b64(payload, strlen(payload));
	const char *input = text("%s.%s", p, q);
	uint8_t mac[32];
	unsigned int len;

	assert_non_null(HMAC(EVP_sha256(), key, sizeof(key),
	    (const uint8_t *)input, strlen(input), mac, &len));
	return text("{\"externalAccountBinding\":{\"protected\":\"%s\","
		    "\"payload\":\"%s\",\"signature\":\"%s\"}}",
	    p, q, b64(mac, len));
}

static int
sign_up_bound(struct client *c, const char *kid)
{
	client_new(c);
	if (post(c, "/acme/new-acct", bound("HS256", kid, URL, c->jwk)) == 201)
		(void)snprintf(
		    c->kid, sizeof(c->kid), "%s", reply_header("location"));
	return lab.out.status;
}

/* What the last request has in the audit log about ${event}. */
static const char *
audited(const char *event)
{
	const struct acme_change *c = lab.out.change;
	size_t i;

	for (i = 0; i < lab.out.n_changes; i++)
		if (c[i].kind == ACME_AUDIT && strcmp(c[i].event, event) == 0)
			return c[i].fields;
	return "";
}

static void
test_bind(void **state)
{
	struct client c, second;

	(void)state;
	(void)eab_new("k1", false);
	assert_int_equal(sign_up_bound(&c, "k1"), 201);
	assert_string_equal(lab.account[0].eab_kid, "k1");
	assert_string_equal(audited("acme.account.created"),
	    text("{\"account\":\"%s\",\"eab_kid\":\"k1\"}",
		lab.account[0].id));
	assert_string_equal(lab.bound[0], lab.account[0].id);
	/* one account per key */
	assert_int_equal(sign_up_bound(&second, "k1"), 403);
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	EVP_PKEY_free(second.key);
	/* confined to its names, all of them named */
	post(&c, "/acme/new-order",
	    "{\"identifiers\":[" DNS("www.a.test") "," DNS("b.test") "," DNS(
		"xa.test") "]}");
	expect(400, ACME_PROBLEM_COMPOUND);
	assert_non_null(strstr(lab.out.body, "rejectedIdentifier"));
	assert_null(strstr(lab.out.body, "www.a.test"));
	post(&c, "/acme/new-order", "{\"identifiers\":[" DNS("b.test") "]}");
	expect(400, ACME_PROBLEM_REJECTED_IDENTIFIER);
	(void)new_order(&c, DNS("www.a.test") "," DNS("a.test"));
	assert_string_equal(member("status"), "pending");
	EVP_PKEY_free(c.key);
}

static void
test_preauthorized(void **state)
{
	struct client c;
	struct acme_eab *e = eab_new("k1", true);
	const char *order;

	(void)state;
	e->profiles = profiles;
	e->n_profiles = 1;
	assert_int_equal(sign_up_bound(&c, "k1"), 201);
	order = new_order(&c, DNS("www.a.test"));
	assert_string_equal(member("status"), "ready");
	/* the first profile that it may have, as it asked for none */
	assert_string_equal(member("profile"), "service");
	assert_int_equal(lab.n_challenge, 0);
	assert_int_equal(
	    post(&c, text("/acme/authz/%s", lab.authz[0].id), ""), 200);
	assert_string_equal(member("status"), "valid");
	(void)post(&c, text("%s/finalize", order),
	    text("{\"csr\":\"%s\"}", csr("DNS:www.a.test", NULL)));
	assert_int_equal(lab.out.effect, ACME_EFFECT_ISSUE);
	post(&c, "/acme/new-order",
	    "{\"identifiers\":[" DNS("a.test") "],\"profile\":\"server\"}");
	expect(400, ACME_PROBLEM_INVALID_PROFILE);
	/* an account whose key is gone is not let loose */
	lab.n_eab = 0;
	post(&c, "/acme/new-order", "{\"identifiers\":[" DNS("a.test") "]}");
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	EVP_PKEY_free(c.key);
}

static void
test_bad_bindings(void **state)
{
	struct client c, other;
	const struct {
		const char *alg, *kid, *url;
		const struct client *payload;
		int status;
		enum acme_problem_type type;
	} rows[] = {
		{ "HS512", "k1", URL, &c, 400,
		    ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM },
		{ "ES256", "k1", URL, &c, 400,
		    ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM },
		{ "none", "k1", URL, &c, 400,
		    ACME_PROBLEM_BAD_SIGNATURE_ALGORITHM },
		{ "HS256", "k2", URL, &c, 403, ACME_PROBLEM_UNAUTHORIZED },
		{ "HS256", "ended", URL, &c, 403, ACME_PROBLEM_UNAUTHORIZED },
		{ "HS256", "another", URL, &c, 403, ACME_PROBLEM_UNAUTHORIZED },
		{ "HS256", "k1", BASE "/acme/new-order", &c, 400,
		    ACME_PROBLEM_MALFORMED },
		/* a binding that was made for somebody else */
		{ "HS256", "k1", URL, &other, 400, ACME_PROBLEM_MALFORMED },
	};
	static const uint8_t another[32] = "another key";
	size_t i;

	(void)state;
	client_new(&c);
	client_new(&other);
	(void)eab_new("k1", false);
	eab_new("ended", false)->usable = false;
	eab_new("another", false)->key = another;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(&c, "/acme/new-acct",
		    bound(rows[i].alg, rows[i].kid, rows[i].url,
			rows[i].payload->jwk));
		expect(rows[i].status, rows[i].type);
	}
	post(&c, "/acme/new-acct", bound("HS256", "k1", URL, "{}"));
	expect(400, ACME_PROBLEM_MALFORMED);
	post(&c, "/acme/new-acct", "{\"externalAccountBinding\":\"x\"}");
	expect(400, ACME_PROBLEM_MALFORMED);
	post(&c, "/acme/new-acct", "{\"externalAccountBinding\":{}}");
	expect(400, ACME_PROBLEM_MALFORMED);
	assert_int_equal(lab.n_account, 0);
	assert_true(lab.eab[0].usable);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(other.key);
}

/* The key is bound by another request before this one is committed. */
static void
test_race(void **state)
{
	struct acme_request req = { "POST", "/acme/new-acct",
		"application/jose+json", NULL, 0, "x" };
	struct client c, winner;
	struct acme_turn *t;

	(void)state;
	client_new(&c);
	(void)eab_new("k1", false);
	req.body = jws(
	    &c, header(&c, "/acme/new-acct"), bound("HS256", "k1", URL, c.jwk));
	req.body_len = strlen(req.body);
	assert_int_equal(
	    acme_turn_begin(lab.server, &req, &store, lab.arena, &t), 0);
	acme_turn_decide(t, lab.now, &lab.out);
	assert_int_equal(lab.out.status, 201);
	assert_int_equal(lab.out.change[0].kind, ACME_BIND_EAB);
	assert_int_equal(sign_up_bound(&winner, "k1"), 201);
	/* the store says CONFLICT: decide again */
	acme_turn_decide(t, lab.now, &lab.out);
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	acme_turn_end(t);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(winner.key);
}

static void
test_required(void **state)
{
	struct client c, known;

	(void)state;
	sign_up(&known);
	lab_require_eab = true;
	acme_server_free(lab.server);
	assert_int_equal(server_new(), 0);
	lab_require_eab = false;
	client_new(&c);
	post(&c, "/acme/new-acct", "{}");
	expect(403, ACME_PROBLEM_EXTERNAL_ACCOUNT_REQUIRED);
	/* one that exists needs none */
	known.kid[0] = '\0';
	assert_int_equal(post(&known, "/acme/new-acct", "{}"), 200);
	EVP_PKEY_free(c.key);
	(void)eab_new("k1", false);
	assert_int_equal(sign_up_bound(&c, "k1"), 201);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(known.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_preauthorized, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_bad_bindings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_race, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_required, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
