/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole requests, from account to issue.
 */
#include "acme/fixture_test.h"

/* Challenges of a name's authorization; the first is http-01. */
enum { M = 3 };

static void
test_issue(void **state)
{
	struct client c;
	const char *order, *chall, *authz, *cert;

	(void)state;
	sign_up(&c);
	order =
	    new_order(&c, DNS("A.test") "," DNS("b.test") "," DNS("a.test"));
	assert_int_equal(lab.n_authz, 2);
	assert_string_equal(member("status"), "pending");
	assert_int_equal(post(&c, order, ""), 200);
	/* too early */
	post(&c, text("%s/finalize", order),
	    text("{\"csr\":\"%s\"}", csr("DNS:a.test,DNS:b.test", NULL)));
	expect(403, ACME_PROBLEM_ORDER_NOT_READY);
	authz = text("/acme/authz/%s", lab.authz[0].id);
	assert_int_equal(post(&c, authz, ""), 200);
	assert_string_equal(member("status"), "pending");
	assert_int_equal(lab.out.effect, ACME_EFFECT_NONE);
	chall = text("/acme/chall/%s", lab.challenge[0].id);
	assert_int_equal(post(&c, chall, "{}"), 200);
	assert_string_equal(member("status"), "processing");
	assert_int_equal(lab.out.effect, ACME_EFFECT_VALIDATE);
	/* looking again asks for it again; a second response changes nothing */
	assert_int_equal(post(&c, authz, ""), 200);
	assert_int_equal(lab.out.effect, ACME_EFFECT_VALIDATE);
	assert_int_equal(post(&c, chall, "{}"), 200);
	assert_int_equal(lab.out.n_changes, 0);
	assert_int_equal(verdict(0, NULL), 0);
	assert_int_equal(lab.order[0].status, ACME_PENDING);
	assert_int_equal(
	    post(&c, text("/acme/chall/%s", lab.challenge[M].id), "{}"), 200);
	assert_int_equal(verdict(M, NULL), 0);
	assert_int_equal(lab.order[0].status, ACME_READY);
	assert_int_equal(verdict(M, NULL), ERR_STATE_STALE);
	/* names that are not the order's; the account's key */
	post(&c, text("%s/finalize", order),
	    text("{\"csr\":\"%s\"}",
		csr("DNS:a.test,DNS:b.test,DNS:c.test", NULL)));
	expect(400, ACME_PROBLEM_BAD_CSR);
	post(&c, text("%s/finalize", order),
	    text("{\"csr\":\"%s\"}", csr("DNS:a.test,DNS:b.test", c.key)));
	expect(400, ACME_PROBLEM_BAD_CSR);
	post(&c, text("%s/finalize", order), "{\"csr\":\"AAAA\"}");
	expect(400, ACME_PROBLEM_BAD_CSR);
	assert_int_equal(lab.order[0].status, ACME_READY);
	/* both became valid at once and neither saw the other */
	lab.order[0].status = ACME_PENDING;
	(void)post(&c, text("%s/finalize", order),
	    text("{\"csr\":\"%s\"}", csr("DNS:b.test,DNS:a.test", NULL)));
	assert_int_equal(lab.out.effect, ACME_EFFECT_ISSUE);
	assert_int_equal(lab.out.n_authzs, 2);
	/* what the store does at C1 and C2 */
	cert = text("/acme/cert/%s", lab.order[0].cert_id);
	lab.order[0].status = ACME_PROCESSING;
	post(&c, cert, "");
	expect(404, ACME_PROBLEM_MALFORMED);
	lab.order[0].status = ACME_VALID;
	assert_int_equal(post(&c, order, ""), 200);
	assert_string_equal(path_of(member("certificate")), cert);
	assert_int_equal(post(&c, cert, ""), 200);
	assert_memory_equal(lab.out.body, "CHAIN", 5);
	/* the next order finds both names proven */
	(void)new_order(&c, DNS("a.test"));
	assert_string_equal(member("status"), "ready");
	assert_int_equal(lab.n_authz, 2);
	EVP_PKEY_free(c.key);
}

/* Two verdicts at once: the second must not be written as it was decided. */
static void
test_race(void **state)
{
	struct acme_outcome out[2];
	struct client c;
	size_t i;
	int rc;

	(void)state;
	sign_up(&c);
	(void)new_order(&c, DNS("a.test") "," DNS("b.test"));
	for (i = 0; i < 2; i++)
		assert_int_equal(
		    post(&c, text("/acme/chall/%s", lab.challenge[i * M].id), "{}"),
		    200);
	for (i = 0; i < 2; i++) {
		const struct acme_verdict v = { lab.challenge[i * M].id, NULL, true,
			lab.now, 86400000 };

		rc = acme_verdict_apply(&v, &store, lab.arena, &out[i]);
		assert_int_equal(rc, 0);
	}
	commit(&out[0]);
	/* The order has moved on, so the store would refuse the second... */
	assert_int_equal(out[1].change[2].kind, ACME_PUT_ORDER);
	assert_int_not_equal(
	    ((const struct acme_order *)out[1].change[2].object)->rev,
	    lab.order[0].rev);
	/* ... and deciding again makes the order ready. */
	assert_int_equal(verdict(M, NULL), 0);
	assert_int_equal(lab.order[0].status, ACME_READY);
	EVP_PKEY_free(c.key);
}

static void
test_failure(void **state)
{
	struct client c;
	const char *order;
	int i;

	(void)state;
	sign_up(&c);
	for (i = 0; i < 2; i++) {
		order = new_order(&c, DNS("a.test"));
		assert_int_equal(
		    post(&c, text("/acme/chall/%s", lab.challenge[i * M].id), "{}"),
		    200);
		assert_int_equal(verdict((size_t)i * M, "{\"type\":\"x\"}"), 0);
		assert_int_equal(post(&c, order, ""), 200);
		assert_string_equal(member("status"), "invalid");
	}
	/* two failures an hour is this server's limit */
	(void)new_order(&c, DNS("a.test"));
	post(&c, text("/acme/chall/%s", lab.challenge[2 * M].id), "{}");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	assert_non_null(reply_header("retry-after"));
	lab.now += 2 * 3600000;
	post(&c, text("/acme/chall/%s", lab.challenge[2 * M].id), "{}");
	expect(400, ACME_PROBLEM_MALFORMED); /* it has expired */
	EVP_PKEY_free(c.key);
}

static void
test_deactivation(void **state)
{
	struct client c, other;
	const char *order, *acct;

	(void)state;
	sign_up(&c);
	sign_up(&other);
	order = new_order(&c, DNS("a.test"));
	post(&other, order, "");
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	post(&other, text("/acme/authz/%s", lab.authz[0].id), "");
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	post(&other, text("/acme/chall/%s", lab.challenge[0].id), "{}");
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	assert_int_equal(lab.challenge[0].status, ACME_PENDING);
	post(&c, text("/acme/authz/%s", lab.authz[0].id),
	    "{\"status\":\"valid\"}");
	expect(400, ACME_PROBLEM_MALFORMED);
	assert_int_equal(post(&c, text("/acme/authz/%s", lab.authz[0].id),
			     "{\"status\":\"deactivated\"}"),
	    200);
	assert_string_equal(member("status"), "deactivated");
	assert_int_equal(lab.order[0].status, ACME_INVALID);
	acct = path_of(c.kid);
	post(&other, acct, "{\"status\":\"deactivated\"}");
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	assert_int_equal(
	    post(&c, acct, "{\"contact\":[\"mailto:a@b.test\"]}"), 200);
	post(&c, acct, "{\"contact\":[\"tel:1\"]}");
	expect(400, ACME_PROBLEM_UNSUPPORTED_CONTACT);
	post(&c, acct, "{\"contact\":[\"mailto:a@b,c@d\"]}");
	expect(400, ACME_PROBLEM_INVALID_CONTACT);
	assert_int_equal(post(&c, acct, "{\"status\":\"deactivated\"}"), 200);
	post(&c, "/acme/new-order", "{\"identifiers\":[" DNS("a.test") "]}");
	expect(401, ACME_PROBLEM_UNAUTHORIZED);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(other.key);
}

/* The types of the challenges an authorization shows, in one string. */
static const char *
methods(const struct client *c, size_t authz)
{
	const char *path = text("/acme/authz/%s", lab.authz[authz].id);
	const char *all = "";
	json_t *o, *list;
	size_t i;

	assert_int_equal(post(c, path, ""), 200);
	o = json_loadb(lab.out.body, lab.out.body_len, 0, NULL);
	assert_non_null(o);
	list = json_object_get(o, "challenges");
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		all = text("%s%s ", all,
		    json_string_value(json_object_get(one, "type")));
	}
	json_decref(o);
	return all;
}

static void
test_methods(void **state)
{
	const size_t n = M + 1 + 2; /* challenges of the first order */
	struct client c;
	size_t i;

	(void)state;
	sign_up(&c);
	(void)new_order(&c, DNS("a.test") "," DNS("*.A.test") "," IP(
	    "FD00::1"));
	assert_int_equal(lab.n_authz, 3);
	assert_string_equal(lab.authz[1].value, "a.test");
	assert_int_equal(lab.authz[1].wildcard, 1);
	assert_string_equal(methods(&c, 0), "http-01 dns-01 tls-alpn-01 ");
	assert_string_equal(methods(&c, 1), "dns-01 ");
	assert_non_null(strstr(lab.out.body, "\"wildcard\":true"));
	assert_string_equal(lab.authz[2].value, "fd00::1");
	assert_string_equal(methods(&c, 2), "http-01 tls-alpn-01 ");
	/* RFC 8555 section 7.1.4: then only the one that was used. */
	assert_int_equal(
	    post(&c, text("/acme/chall/%s", lab.challenge[2].id), "{}"), 200);
	assert_string_equal(methods(&c, 0), "http-01 dns-01 tls-alpn-01 ");
	assert_int_equal(lab.out.effect, ACME_EFFECT_VALIDATE);
	assert_string_equal(lab.out.challenge->type, "tls-alpn-01");
	assert_int_equal(verdict(2, NULL), 0);
	assert_string_equal(methods(&c, 0), "tls-alpn-01 ");
	assert_int_equal(lab.out.effect, ACME_EFFECT_NONE);
	assert_int_equal(
	    post(&c, text("/acme/chall/%s", lab.challenge[3].id), "{}"), 200);
	assert_int_equal(verdict(3, "{\"type\":\"x\"}"), 0);
	assert_string_equal(methods(&c, 1), "dns-01 ");
	assert_string_equal(member("status"), "invalid");
	/* Of two that run the first to end decides. */
	(void)new_order(&c, DNS("b.test"));
	for (i = n; i < n + 2; i++)
		assert_int_equal(
		    post(&c, text("/acme/chall/%s", lab.challenge[i].id), "{}"),
		    200);
	assert_int_equal(verdict(n + 1, NULL), 0);
	assert_int_equal(
	    verdict(n, "{\"type\":\"x\"}"), ERR_STATE_STALE);
	assert_string_equal(methods(&c, 3), "dns-01 ");
	assert_string_equal(member("status"), "valid");
	/* Whoever proved a name has not proved all names below it. */
	(void)new_order(&c, DNS("a.test") "," DNS("*.a.test"));
	assert_int_equal(lab.n_authz, 5);
	assert_int_equal(lab.authz[4].wildcard, 1);
	EVP_PKEY_free(c.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_issue, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_race, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_deactivation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_methods, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
