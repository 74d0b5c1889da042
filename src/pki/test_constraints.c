/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints as OpenSSL understands them, and requests for
 * intermediates.
 */
#include "pki/pki_test.h"

#include "pki/chain.h"
#include "pki/constraints.h"
#include "pki/csr.h"
#include "pki/csr_make.h"
#include "pki/roots.h"

static const char text[] = "# ours\n"
			   "dns  example.test\r\n"
			   "\n"
			   "dns\thypermesh # a label alone\n"
			   "ipv6 2001:db8::/32";

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int rc;
		size_t line;
	} bad[] = {
		{ "", ERR_STATE_NOT_FOUND, 1 },
		{ "# nothing\n\n", ERR_STATE_NOT_FOUND, 3 },
		{ "dns a.test\ndns\n", ERR_PEER_NAME, 2 },
		{ "dns *.a.test\n", ERR_PEER_NAME, 1 },
		{ "dns .a.test\n", ERR_PEER_NAME, 1 },
		{ "dns A.test\n", ERR_PEER_NAME, 1 },
		{ "dns 1.2.3.4\n", ERR_PEER_NAME, 1 },
		{ "dns a.test b.test\n", ERR_PEER_MALFORMED, 1 },
		{ "dns a.test\ndns a.test\n", ERR_PEER_DUPLICATE, 2 },
		{ "ipv6 ::\n", ERR_PEER_MALFORMED, 1 },
		{ "ipv6 ::/129\n", ERR_PEER_MALFORMED, 1 },
		{ "ipv6 2001:db8::1/32\n", ERR_PEER_MALFORMED, 1 },
		{ "ipv6 10.0.0.0/8\n", ERR_PEER_MALFORMED, 1 },
		{ "\n\nipv4 10.0.0.0/8\n", ERR_PEER_MALFORMED, 3 },
		{ "dns b\xc3\xbc"
		  "cher.test\n",
		    ERR_PEER_MALFORMED, 1 },
	};
	struct pki_constraints c;
	char many[4096] = "";
	size_t line, n = 0;

	(void)state;
	assert_int_equal(
	    pki_constraints_parse(text, sizeof(text) - 1, &c, &line), 0);
	assert_int_equal(c.n_dns, 2);
	assert_int_equal(c.n_ip6, 1);
	assert_string_equal(c.dns[0], "example.test");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pki_constraints_parse(bad[i].text,
				     strlen(bad[i].text), &c, &line),
		    bad[i].rc);
		assert_int_equal(line, bad[i].line);
	}
	for (int i = 0; i <= PKI_CONSTRAINTS_MAX; i++)
		n += (size_t)snprintf(
		    many + n, sizeof(many) - n, "dns a%d.test\n", i);
	assert_int_equal(
	    pki_constraints_parse(many, n, &c, &line), ERR_PEER_TOO_LARGE);
	assert_int_equal(line, PKI_CONSTRAINTS_MAX + 1);
}

/* An intermediate of the world's key that may issue for ${c} only. */
static struct pki_cert *
constrained(const struct pki_world *w, const struct pki_constraints *c)
{
	struct der *tbs = malloc(sizeof(*tbs)), *spki = malloc(sizeof(*spki));
	struct pki_tbs_ca ca = { .cn = "TrustChain Intermediate CA 1",
		.issuer = w->root,
		.not_before_ms = NOW_MS - DAY_MS,
		.not_after_ms = NOW_MS + 90 * DAY_MS,
		.permitted = c };
	struct pki_cert *ret;

	serial_for(ca.serial, 5);
	spki_of(w->issuer_key, spki);
	ca.spki = bytes(spki);
	assert_int_equal(
	    pki_tbs_ca(&ca, tbs->data, sizeof(tbs->data), &tbs->len), 0);
	ret = certify(w->root_key, EVP_sha384(), tbs);
	free(spki);
	free(tbs);
	return ret;
}

/* Whether OpenSSL takes a leaf for ${name} of an intermediate with ${rules}. */
static bool
accepted(struct pki_world *w, const char *rules, const char *name)
{
	struct pki_constraints *c = malloc(sizeof(*c));
	struct pki_san_list *sans = calloc(1, sizeof(*sans));
	struct der *tbs = malloc(sizeof(*tbs));
	struct pki_tbs_leaf leaf = w->leaf;
	const struct pki_cert *chain[2];
	struct pki_cert *ca, *cert;
	struct pki_roots *roots;
	size_t line;
	bool ok, critical;
	int rc;

	assert_int_equal(
	    pki_constraints_parse(rules, strlen(rules), c, &line), 0);
	ca = constrained(w, c);
	assert_true(
	    pki_cert_extension(ca, PKI_OID_NAME_CONSTRAINTS, NULL, &critical));
	assert_true(critical);
	assert_int_equal(pki_san_add_text(sans, name), 0);
	leaf.sans = sans;
	leaf.issuer = ca;
	assert_int_equal(pki_tbs_leaf(&leaf, PKI_TBS_PLAIN, tbs->data,
			     sizeof(tbs->data), &tbs->len),
	    0);
	cert = certify(w->issuer_key, EVP_sha256(), tbs);
	assert_int_equal(pki_roots_new(&roots), 0);
	assert_int_equal(pki_roots_add(roots, pki_cert_der(w->root)), 0);
	chain[0] = cert;
	chain[1] = ca;
	rc = pki_chain_verify(roots, chain, 2, NOW_MS, NULL);
	ok = rc == 0;
	assert_true(ok || rc == ERR_PEER_MISMATCH);
	pki_roots_free(roots);
	pki_cert_free(cert);
	pki_cert_free(ca);
	free(c);
	free(sans);
	free(tbs);
	return ok;
}

static void
test_names(void **state)
{
	struct pki_world *w = *state;

	assert_true(accepted(w, text, "example.test"));
	assert_true(accepted(w, text, "a.b.example.test"));
	assert_true(accepted(w, text, "node.hypermesh"));
	assert_true(accepted(w, text, "2001:db8:1::7"));
	assert_false(accepted(w, text, "badexample.test"));
	assert_false(accepted(w, text, "example.com"));
	assert_false(accepted(w, text, "2001:db9::7"));
	assert_false(accepted(w, text, "192.0.2.7"));
	/* No address is listed: none is permitted, and the other way. */
	assert_true(accepted(w, "dns a.test", "a.test"));
	assert_false(accepted(w, "dns a.test", "2001:db8::7"));
	assert_false(accepted(w, "dns a.test", "192.0.2.7"));
	assert_true(accepted(w, "ipv6 2001:db8::/32", "2001:db8::7"));
	assert_false(accepted(w, "ipv6 2001:db8::/32", "a.test"));
	assert_false(accepted(w, "ipv6 ::/0", "192.0.2.7"));
	/* A node's URI is of neither kind. */
	assert_true(accepted(w, "dns a.test", "urn:troth:node:00"));
}

/* Our request, read by OpenSSL and by ourselves. */
static void
test_request(void **state)
{
	struct pki_world *w = *state;
	struct der *info = malloc(sizeof(*info)), *sig = malloc(sizeof(*sig));
	struct der *csr = malloc(sizeof(*csr)), *spki = malloc(sizeof(*spki));
	struct pki_csr *c;
	const uint8_t *p;
	X509_REQ *req;
	int pathlen;
	bool ca;

	spki_of(w->issuer_key, spki);
	assert_int_equal(pki_csr_make_info("ca-1", bytes(spki), info->data,
			     sizeof(info->data), &info->len),
	    0);
	sign_with(w->issuer_key, EVP_sha256(), bytes(info), sig);
	assert_int_equal(
	    pki_csr_make_whole(bytes(info), bytes(spki), bytes(sig), csr->data,
		sizeof(csr->data), &csr->len),
	    0);
	p = csr->data;
	req = d2i_X509_REQ(NULL, &p, (long)csr->len);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, w->issuer_key), 1);
	X509_REQ_free(req);
	assert_int_equal(pki_csr_parse(bytes(csr), &c), 0);
	assert_int_equal(pki_csr_basic(c, &ca, &pathlen), 0);
	assert_true(ca);
	assert_int_equal(pathlen, 0);
	pki_csr_free(c);
	/* The signature is of this info only. */
	csr->data[csr->len - 1] ^= 1;
	assert_int_not_equal(pki_csr_parse(bytes(csr), &c), 0);
	assert_int_equal(pki_csr_make_whole(bytes(info), bytes(spki),
			     bytes(sig), csr->data, 100, &csr->len),
	    ERR_SYS_LIMIT);
	free(spki);
	free(info);
	free(sig);
	free(csr);
}

static int
setup(void **state)
{

	*state = world_new();
	return 0;
}

static int
teardown(void **state)
{

	world_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
