/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_FIXTURE_TEST_H
#define ACME_FIXTURE_TEST_H

#include "acme/client_test.h"

/* Setting the lab up, and steps that several tests take. */

/** fill: randomness. */
static int
fill(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	return RAND_bytes(buf, (int)len) == 1 ? 0 : ERR_SYS_RNG;
}

/** allowed: only names below test and addresses of fd00::/8. */
static int
allowed(void *ctx, const struct acme_ident *ident, const char *profile,
    const char **ret_why)
{
	(void)ctx;
	(void)profile;
	*ret_why = "not below test";
	return strstr(ident->value, ".test") != NULL ||
		       strncmp(ident->value, "fd", 2) == 0
		   ? 0
		   : ERR_PEER_NAME;
}

static bool lab_require_eab;

/** server_new: the lab's server. */
static int
server_new(void)
{
	static const struct rng rng = { fill, NULL };
	static const char *const ids[] = { "ca.test" };
	static const struct acme_server_profile profiles[] = {
		{ "server", "24 h" }, { "service", "both" }
	};
	const struct acme_server_config conf = { .base_url = BASE,
		.terms_url = "",
		.website = "",
		.caa_identities = ids,
		.n_caa_identities = 1,
		.profiles = profiles,
		.n_profiles = 2,
		.max_identifiers = 5,
		.order_ttl_ms = 3600000,
		.limit = { 10, 6, 2, 2 },
		.limit_pending_authz = 12,
		.renewal = { 28800000, 14400000, 1800 },
		.require_eab = lab_require_eab,
		.ident_allowed = allowed };

	return acme_server_new(&conf, &rng, &lab.server);
}

/** set_up: an empty lab. */
static int
set_up(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.now = NOW;
	lab.arena = base_arena_new(64 << 20);
	return server_new();
}

/** tear_down: frees it. */
static int
tear_down(void **state)
{
	(void)state;
	acme_server_free(lab.server);
	base_arena_free(lab.arena);
	return 0;
}

/** new_order: an order; its path. */
static inline const char *
new_order(const struct client *c, const char *idents)
{
	assert_int_equal(
	    post(c, "/acme/new-order", text("{\"identifiers\":[%s]}", idents)),
	    201);
	return path_of(reply_header("location"));
}

#define IP(text) "{\"type\":\"ip\",\"value\":\"" text "\"}"
#define DNS(name) "{\"type\":\"dns\",\"value\":\"" name "\"}"

/** verdict: a validation has ended. */
static inline int
verdict(size_t challenge, const char *error)
{
	const struct acme_verdict v = { lab.challenge[challenge].id, error,
		true, lab.now, 86400000 };
	struct acme_outcome out;
	int rc = acme_verdict_apply(&v, &store, lab.arena, &out);

	if (rc == 0)
		commit(&out);
	return rc;
}

/** csr: The DER of a CSR for one name, with a key of its own or the given one.
 */
static inline const char *
csr(const char *names, EVP_PKEY *with)
{
	EVP_PKEY *key = with == NULL ? EVP_EC_gen("P-256") : with;
	X509_REQ *r = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *san =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	uint8_t *der = NULL;
	const char *out;
	int len;

	assert_non_null(san);
	(void)sk_X509_EXTENSION_push(exts, san);
	assert_int_equal(X509_REQ_add_extensions(r, exts), 1);
	assert_int_equal(X509_REQ_set_pubkey(r, key), 1);
	assert_true(X509_REQ_sign(r, key, EVP_sha256()) > 0);
	len = i2d_X509_REQ(r, &der);
	assert_true(len > 0);
	out = b64(der, (size_t)len);
	OPENSSL_free(der);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	X509_REQ_free(r);
	if (with == NULL)
		EVP_PKEY_free(key);
	return out;
}

#endif
