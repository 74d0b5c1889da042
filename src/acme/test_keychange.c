/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyChange (RFC 8555 section 7.3.5), and attempts to take an account away
 * with it.
 */
#include "acme/fixture_test.h"

#define PATH "/acme/key-change"

/* What the inner JWS of a request says; NULL is the honest value. */
struct inner {
	const struct client *account, *old, *fresh, *signer;
	const char *url, *extra;
};

static const char *
inner_jws(const struct inner *in)
{
	const char *head, *payload;

	head = text("{\"alg\":\"ES256\",\"url\":\"%s\",\"jwk\":%s%s}",
	    in->url != NULL ? in->url : BASE PATH, in->fresh->jwk,
	    in->extra != NULL ? in->extra : "");
	payload = text("{\"account\":\"%s\",\"oldKey\":%s}", in->account->kid,
	    in->old->jwk);
	return jws(in->signer != NULL ? in->signer : in->fresh, head, payload);
}

static void
test_rollover(void **state)
{
	struct client c, fresh;
	const struct inner in = { .account = &c, .old = &c, .fresh = &fresh };

	(void)state;
	sign_up(&c);
	client_new(&fresh);
	assert_int_equal(post(&c, PATH, inner_jws(&in)), 200);
	assert_string_equal(reply_header("location"), c.kid);
	assert_string_equal(member("status"), "valid");
	assert_int_equal(lab.n_account, 1);
	/* the old key signs for nobody any more */
	post(&c, path_of(c.kid), "");
	expect(400, ACME_PROBLEM_MALFORMED);
	/* the new one for the same account */
	(void)snprintf(fresh.kid, sizeof(fresh.kid), "%s", c.kid);
	assert_int_equal(post(&fresh, path_of(c.kid), ""), 200);
	fresh.kid[0] = '\0';
	assert_int_equal(post(&fresh, "/acme/new-acct", "{}"), 200);
	assert_string_equal(reply_header("location"), c.kid);
	/* the same request once more: neither key may ask that now */
	post(&c, PATH, inner_jws(&in));
	expect(400, ACME_PROBLEM_MALFORMED);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(fresh.key);
}

static void
test_taken(void **state)
{
	struct client c, other;
	const struct inner to_other = {
		.account = &c, .old = &c, .fresh = &other
	};
	const struct inner to_self = { .account = &c, .old = &c, .fresh = &c };

	(void)state;
	sign_up(&c);
	sign_up(&other);
	post(&c, PATH, inner_jws(&to_other));
	expect(409, ACME_PROBLEM_MALFORMED);
	assert_string_equal(reply_header("location"), other.kid);
	post(&c, PATH, inner_jws(&to_self));
	expect(409, ACME_PROBLEM_MALFORMED);
	assert_string_equal(reply_header("location"), c.kid);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(other.key);
}

/* Each row must fail, and the victim's account keep its key. */
static void
test_theft(void **state)
{
	struct client victim, thief, fresh;
	const struct {
		struct inner in;
		const struct client *outer;
	} rows[] = {
		/* the thief's account asks for the victim's */
		{ { .account = &victim, .old = &victim, .fresh = &fresh },
		    &thief },
		{ { .account = &victim, .old = &thief, .fresh = &fresh },
		    &thief },
		{ { .account = &thief, .old = &victim, .fresh = &fresh },
		    &thief },
		/* a key whose private half nobody showed */
		{ { .account = &victim,
		      .old = &victim,
		      .fresh = &fresh,
		      .signer = &victim },
		    &victim },
		{ { .account = &thief,
		      .old = &thief,
		      .fresh = &fresh,
		      .signer = &thief },
		    &thief },
		/* an inner JWS made for another place, or with a nonce */
		{ { .account = &victim,
		      .old = &victim,
		      .fresh = &fresh,
		      .url = BASE "/acme/new-acct" },
		    &victim },
		{ { .account = &victim,
		      .old = &victim,
		      .fresh = &fresh,
		      .url = "https://other/acme/key-change" },
		    &victim },
		{ { .account = &victim,
		      .old = &victim,
		      .fresh = &fresh,
		      .extra = ",\"nonce\":\"AAAA\"" },
		    &victim },
		{ { .account = &victim,
		      .old = &victim,
		      .fresh = &fresh,
		      .extra = ",\"kid\":\"x\"" },
		    &victim },
		/* not the key that the account has */
		{ { .account = &victim, .old = &thief, .fresh = &fresh },
		    &victim },
	};
	const char *was;
	size_t i;

	(void)state;
	sign_up(&victim);
	sign_up(&thief);
	client_new(&fresh);
	was = lab.account[0].jwk;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		post(rows[i].outer, PATH, inner_jws(&rows[i].in));
		expect(400, ACME_PROBLEM_MALFORMED);
	}
	assert_string_equal(lab.account[0].jwk, was);
	assert_int_equal(lab.account[0].rev, 1);
	EVP_PKEY_free(victim.key);
	EVP_PKEY_free(thief.key);
	EVP_PKEY_free(fresh.key);
}

static void
test_rubbish(void **state)
{
	static const char *const payloads[] = { "", "{}", "[]", "{", "\"x\"",
		("{\"protected\":\"e30\",\"payload\":\"\","
		 "\"signature\":\"\"}") };
	struct client victim, thief, liar;
	const struct inner in = {
		.account = &victim, .old = &victim, .fresh = &thief
	};
	size_t i;

	(void)state;
	sign_up(&victim);
	client_new(&thief);
	/* the victim's kid under the thief's signature */
	liar = thief;
	(void)snprintf(liar.kid, sizeof(liar.kid), "%s", victim.kid);
	post(&liar, PATH, inner_jws(&in));
	expect(400, ACME_PROBLEM_MALFORMED);
	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		post(&victim, PATH, payloads[i]);
		expect(400, ACME_PROBLEM_MALFORMED);
	}
	assert_int_equal(lab.account[0].rev, 1);
	EVP_PKEY_free(victim.key);
	EVP_PKEY_free(thief.key);
}

/* A request that the old key signed is decided after the change. */
static void
test_race(void **state)
{
	static const char path[] = "/acme/new-order";
	struct client c, fresh;
	const struct inner in = { .account = &c, .old = &c, .fresh = &fresh };
	struct acme_request req = { "POST", path, "application/jose+json", NULL,
		0, "x" };
	struct acme_turn *t;

	(void)state;
	sign_up(&c);
	client_new(&fresh);
	req.body =
	    jws(&c, header(&c, path), "{\"identifiers\":[" DNS("a.test") "]}");
	req.body_len = strlen(req.body);
	assert_int_equal(
	    acme_turn_begin(lab.server, &req, &store, lab.arena, &t), 0);
	assert_int_equal(post(&c, PATH, inner_jws(&in)), 200);
	acme_turn_decide(t, lab.now, &lab.out);
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	assert_int_equal(lab.out.n_changes, 0);
	acme_turn_end(t);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(fresh.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_rollover, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_theft, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_rubbish, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_race, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
