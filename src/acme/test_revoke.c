/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revokeCert (RFC 8555 section 7.6): who may, and what for.
 */
#include "acme/fixture_test.h"

#define PATH "/acme/revoke-cert"

static const struct acme_ident idents[] = { { "dns", "a.test" },
	{ "dns", "*.b.test" } };

/* The certificate "C1" of the account, with the key. */
static struct acme_cert *
cert_new(const char *account, EVP_PKEY *key)
{
	struct acme_cert *c = &lab.cert[lab.n_cert];
	uint8_t *spki = NULL;
	int len = i2d_PUBKEY(key, &spki);

	assert_true(len > 0);
	*c = (struct acme_cert){ .fingerprint = "f1",
		.account = account,
		.ident = idents,
		.n_idents = 2,
		.spki = base_arena_dup(lab.arena, spki, (size_t)len),
		.spki_len = (size_t)len };
	lab.cert_der[lab.n_cert++] = (const uint8_t *)"C1";
	OPENSSL_free(spki);
	return c;
}

static const char *
payload(const char *more)
{
	return text("{\"certificate\":\"%s\"%s}", b64("C1", 2), more);
}

static void
authorize(const struct client *c, const char *value, int wildcard)
{
	struct acme_authz *z = &lab.authz[lab.n_authz++];

	*z = (struct acme_authz){ .id = text("z%zu", lab.n_authz),
		.rev = 1,
		.account = strrchr(c->kid, '/') + 1,
		.status = ACME_VALID,
		.expires = lab.now + 1000,
		.type = "dns",
		.value = value,
		.wildcard = wildcard };
}

static void
test_owner(void **state)
{
	static const int reasons[] = { 0, 1, 3, 4, 5 };
	struct client c, key;
	struct acme_cert *cert;
	size_t i;

	(void)state;
	sign_up(&c);
	client_new(&key);
	cert = cert_new(lab.account[0].id, key.key);
	assert_int_equal(post(&c, PATH, payload("")), 200);
	assert_int_equal(lab.out.effect, ACME_EFFECT_REVOKE);
	assert_int_equal(lab.out.revocation->reason, 0);
	assert_string_equal(lab.out.revocation->fingerprint, "f1");
	assert_string_equal(
	    lab.out.revocation->by, text("acct:%s", lab.account[0].id));
	for (i = 0; i < 5; i++) {
		assert_int_equal(
		    post(&c, PATH, payload(text(",\"reason\":%d", reasons[i]))),
		    200);
		assert_int_equal(lab.out.revocation->reason, reasons[i]);
	}
	for (i = 0; i < 12; i++) {
		if (i < 2 || (i >= 3 && i <= 5))
			continue;
		post(&c, PATH, payload(text(",\"reason\":%zu", i)));
		expect(400, ACME_PROBLEM_BAD_REVOCATION_REASON);
	}
	post(&c, PATH, payload(",\"reason\":-1"));
	expect(400, ACME_PROBLEM_BAD_REVOCATION_REASON);
	post(&c, PATH, payload(",\"reason\":\"1\""));
	expect(400, ACME_PROBLEM_BAD_REVOCATION_REASON);
	post(&c, PATH, "{\"certificate\":\"AAAA\"}");
	expect(404, ACME_PROBLEM_MALFORMED);
	assert_non_null(strstr(member("detail"), "no such certificate"));
	post(&c, PATH, "{\"certificate\":\"+/+/\"}");
	expect(400, ACME_PROBLEM_MALFORMED);
	post(&c, PATH, "{}");
	expect(400, ACME_PROBLEM_MALFORMED);
	cert->revoked_at = 1;
	post(&c, PATH, payload(""));
	expect(400, ACME_PROBLEM_ALREADY_REVOKED);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(key.key);
}

/* Another account needs a valid authorization for every name. */
static void
test_authorized(void **state)
{
	struct client owner, c, key;

	(void)state;
	sign_up(&owner);
	sign_up(&c);
	client_new(&key);
	(void)cert_new(lab.account[0].id, key.key);
	post(&c, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	authorize(&c, "a.test", 0);
	post(&c, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	authorize(&owner, "b.test", 1); /* somebody else's */
	post(&c, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	authorize(&c, "b.test", 1);
	assert_int_equal(post(&c, PATH, payload(",\"reason\":4")), 200);
	assert_string_equal(
	    lab.out.revocation->by, text("acct:%s", lab.account[1].id));
	/* it knows nothing of the key */
	post(&c, PATH, payload(",\"reason\":1"));
	expect(400, ACME_PROBLEM_BAD_REVOCATION_REASON);
	lab.now += 2000; /* they have expired */
	post(&c, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	/* a certificate without names is nobody's by names */
	lab.cert[0].n_idents = 0;
	post(&c, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	assert_int_equal(lab.out.effect, ACME_EFFECT_NONE);
	EVP_PKEY_free(owner.key);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(key.key);
}

static void
test_key(void **state)
{
	struct client owner, key, other;

	(void)state;
	sign_up(&owner);
	client_new(&key);
	client_new(&other);
	(void)cert_new(NULL, key.key);
	assert_int_equal(post(&key, PATH, payload(",\"reason\":1")), 200);
	assert_string_equal(lab.out.revocation->by, "key");
	post(&other, PATH, payload(",\"reason\":1"));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	/* an account's key is not the certificate's */
	owner.kid[0] = '\0';
	post(&owner, PATH, payload(""));
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	EVP_PKEY_free(owner.key);
	EVP_PKEY_free(key.key);
	EVP_PKEY_free(other.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_owner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_authorized, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_key, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
