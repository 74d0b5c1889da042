/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests about accounts, certificates and renewals with the n-th allocation
 * failing, for each n: the answer is an error that changes nothing, or the
 * request is served as if nothing had been.
 */
#include "base/alloc_test.h"

#include <openssl/hmac.h>

#include "acme/fixture_test.h"

enum { FAILURES_MAX = 5000 };

static const uint8_t hmac_key[32] = "a key of thirty-two octets, yes";
static const char *const scopes[] = { "a.test" };
static const struct acme_ident names[] = { { "dns", "a.test" } };
static struct client owner, fresh, leaf;

/* One kind of request: its path and body, made anew for each attempt. */
struct scenario {
	const char *path;
	const char *(*body)(void); /* NULL: GET */
	int status;
};

static const char *
key_change(void)
{
	const char *head = text("{\"alg\":\"ES256\",\"url\":\"" BASE
				"/acme/key-change\",\"jwk\":%s}",
	    fresh.jwk);
	const char *inner = jws(&fresh, head,
	    text("{\"account\":\"%s\",\"oldKey\":%s}", owner.kid, owner.jwk));

	return jws(&owner, header(&owner, "/acme/key-change"), inner);
}

static const char *
bound_account(void)
{
	const char *head = "{\"alg\":\"HS256\",\"kid\":\"k1\",\"url\":\"" BASE
			   "/acme/new-acct\"}";
	const char *p = b64(head, strlen(head));
	const char *q = b64(fresh.jwk, strlen(fresh.jwk));
	const char *input = text("%s.%s", p, q);
	uint8_t mac[32];
	unsigned int len;

	assert_non_null(HMAC(EVP_sha256(), hmac_key, sizeof(hmac_key),
	    (const uint8_t *)input, strlen(input), mac, &len));
	return jws(&fresh, header(&fresh, "/acme/new-acct"),
	    text("{\"externalAccountBinding\":{\"protected\":\"%s\","
		 "\"payload\":\"%s\",\"signature\":\"%s\"}}",
		p, q, b64(mac, len)));
}

static const char *
revoke(const struct client *c)
{
	return jws(c, header(c, "/acme/revoke-cert"),
	    text("{\"certificate\":\"%s\",\"reason\":4}", b64("C1", 2)));
}

static const char *
revoke_owner(void)
{
	return revoke(&owner);
}

static const char *
revoke_key(void)
{
	return revoke(&leaf);
}

static const char *
replace(void)
{
	return jws(&owner, header(&owner, "/acme/new-order"),
	    text("{\"identifiers\":[" DNS("a.test") "],\"replaces\":\"%s.%s\"}",
		b64("AKI", 3), b64("1", 1)));
}

static const char *
refused(void)
{
	return jws(&owner, header(&owner, "/acme/new-order"),
	    "{\"identifiers\":[" DNS("a.example") "," DNS("b.example") "]}");
}

static const struct scenario scenarios[] = {
	{ "/acme/key-change", key_change, 200 },
	{ "/acme/new-acct", bound_account, 201 },
	{ "/acme/revoke-cert", revoke_owner, 200 },
	{ "/acme/revoke-cert", revoke_key, 200 },
	{ "/acme/new-order", replace, 201 },
	{ "/acme/new-order", refused, 400 },
	{ "/acme/renewal-info/QUtJ.MQ", NULL, 200 },
	{ "/acme/directory", NULL, 200 },
};

/* Whether an allocation failed; nothing of it is ever committed. */
static bool
attempt(const struct scenario *s, long n)
{
	struct acme_request req = { s->body == NULL ? "GET" : "POST", s->path,
		"application/jose+json", "", 0, "x" };
	struct arena *arena = base_arena_new(4 << 20), *kept = lab.arena;
	struct acme_turn *t = NULL;
	bool failed;
	int rc;

	/* What the client writes goes with the attempt. */
	lab.arena = base_arena_new(4 << 20);
	if (s->body != NULL)
		req.body = s->body();
	req.body_len = strlen(req.body);
	assert_true(alloc_test_fail(n) || n == 0);
	rc = acme_turn_begin(lab.server, &req, &store, arena, &t);
	if (rc == 0)
		acme_turn_decide(t, lab.now, &lab.out);
	failed = alloc_test_failed();
	if (rc == 0 && !failed)
		assert_int_equal(lab.out.status, s->status);
	if (rc == 0 && lab.out.status >= 400) {
		assert_int_equal(lab.out.n_changes, 0);
		assert_int_equal(lab.out.effect, ACME_EFFECT_NONE);
		assert_true(lab.out.body_len > 0);
	}
	if (rc == 0)
		acme_turn_end(t);
	base_arena_free(arena);
	base_arena_free(lab.arena);
	lab.arena = kept;
	return failed;
}

static void
lab_fill(void)
{
	uint8_t *spki = NULL;
	int len;

	sign_up(&owner);
	client_new(&fresh);
	client_new(&leaf);
	len = i2d_PUBKEY(leaf.key, &spki);
	lab.eab[lab.n_eab++] = (struct acme_eab){ .kid = "k1",
		.usable = true,
		.key = hmac_key,
		.key_len = sizeof(hmac_key),
		.scopes = scopes,
		.n_scopes = 1 };
	lab.cert[0] = (struct acme_cert){ .fingerprint = "f",
		.account = lab.account[0].id,
		.ident = names,
		.n_idents = 1,
		.spki = base_arena_dup(lab.arena, spki, (size_t)len),
		.spki_len = (size_t)len,
		.not_before = NOW,
		.not_after = NOW + 86399000 };
	lab.cert_der[0] = (const uint8_t *)"C1";
	lab.cert_serial[0] = "1";
	lab.n_cert = 1;
	OPENSSL_free(spki);
}

static void
test_requests(void **state)
{
	size_t i;
	long n;

	(void)state;
	lab_fill();
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		for (n = 0; attempt(&scenarios[i], n); n++)
			assert_true(n < FAILURES_MAX);
		/* Under a sanitizer none can be made to fail. */
		assert_true(n > 3 || !ALLOC_TEST);
	}
	EVP_PKEY_free(owner.key);
	EVP_PKEY_free(fresh.key);
	EVP_PKEY_free(leaf.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_requests, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
