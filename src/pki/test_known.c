/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <time.h>

#include <openssl/x509v3.h>

#include "pki/chain.h"
#include "pki/known.h"
#include "pki/roots.h"

/*
 * A path that is known is judged as one that is not: each case is verified by
 * a set of roots that has seen nothing, which is OpenSSL's answer, and by one
 * that has just accepted another leaf over the very same issuer.
 */
struct ext {
	int nid;
	const char *value;
};

struct ca {
	EVP_PKEY *key;
	X509 *x509;
	struct pki_cert *cert;
};

static struct ca root, issuer;
static long serial = 1;

static struct pki_cert *
parsed(X509 *x)
{
	struct pki_cert *c = NULL;
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);

	assert_true(len > 0);
	assert_int_equal(pki_cert_parse(B(der, len), &c), 0);
	OPENSSL_free(der);
	return c;
}

/* A certificate for ${key}, valid for ${days} from an hour ago. */
static X509 *
make(const char *cn, EVP_PKEY *key, const struct ca *by, long days,
    const struct ext *ext)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();
	X509_EXTENSION *e;

	assert_true(X509_set_version(x, X509_VERSION_3));
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const uint8_t *)cn, -1, -1, 0);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(
	    x, by->x509 != NULL ? X509_get_subject_name(by->x509) : name);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), days * 86400 - 7200);
	X509_set_pubkey(x, key);
	for (; ext != NULL && ext->value != NULL; ext++) {
		e = X509V3_EXT_conf_nid(NULL, NULL, ext->nid, ext->value);
		assert_non_null(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, by->key, EVP_sha256()) > 0);
	X509_NAME_free(name);
	return x;
}

static const struct ext ca_ext[] = {
	{ NID_basic_constraints, "critical,CA:TRUE" },
	{ NID_key_usage, "critical,keyCertSign" },
	{ 0, NULL },
};

static void
ca_init(struct ca *ca, const char *cn, const struct ca *by, long days,
    const struct ext *ext)
{

	ca->key = new_ec("P-256");
	ca->x509 = NULL;
	ca->x509 = make(cn, ca->key, by != NULL ? by : ca, days, ext);
	ca->cert = parsed(ca->x509);
}

static void
ca_fini(struct ca *ca)
{

	EVP_PKEY_free(ca->key);
	X509_free(ca->x509);
	pki_cert_free(ca->cert);
}

static struct pki_roots *
new_roots(void)
{
	struct pki_roots *r;

	assert_int_equal(pki_roots_new(&r), 0);
	assert_int_equal(pki_roots_add(r, pki_cert_der(root.cert)), 0);
	return r;
}

static int
verify(const struct pki_roots *r, const struct pki_cert *leaf,
    const struct pki_cert *by, int64_t at_ms)
{
	const struct pki_cert *chain[2] = { leaf, by };
	struct pki_path path = { 0, { NULL } };
	int rc = pki_chain_verify(r, chain, 2, at_ms, &path);

	assert_int_equal(path.n, rc == 0 ? 3 : 0);
	if (rc == 0) {
		assert_ptr_equal(path.cert[0], leaf);
		assert_ptr_equal(path.cert[1], by);
		assert_ptr_equal(path.cert[2], pki_roots_get(r, 0));
	}
	pki_path_fini(&path);
	return rc;
}

/* Verify ${x} by an ignorant set and by one that ${good} made wise. */
static void
expect(int want, X509 *x, const struct ca *by, X509 *good, int64_t at_ms)
{
	struct pki_roots *fresh = new_roots(), *wise = new_roots();
	struct pki_cert *leaf = parsed(x), *other = parsed(good);

	assert_int_equal(verify(wise, other, by->cert, -1), 0);
	assert_int_equal(verify(wise, other, by->cert, -1), 0);
	assert_int_equal(verify(fresh, leaf, by->cert, at_ms), want);
	assert_int_equal(verify(wise, leaf, by->cert, at_ms), want);
	pki_cert_free(leaf);
	pki_cert_free(other);
	pki_roots_free(fresh);
	pki_roots_free(wise);
	X509_free(x);
	X509_free(good);
}

static X509 *
leaf(const char *cn, const struct ca *by, const struct ext *ext)
{

	return make(cn, issuer.key, by, 1, ext);
}

static void
test_leaves(void **state)
{
	static const struct ext poison[] = {
		{ NID_ct_precert_poison, "critical,NULL" },
		{ 0, NULL },
	};
	struct ca forger = { root.key, issuer.x509, NULL };
	int64_t now = (int64_t)time(NULL) * 1000;

	(void)state;
	expect(
	    0, leaf("a", &issuer, NULL), &issuer, leaf("b", &issuer, NULL), -1);
	expect(0, leaf("a", &issuer, poison), &issuer, leaf("b", &issuer, NULL),
	    -1);
	/* Signed by another key than the issuer's. */
	expect(ERR_PEER_SIGNATURE, leaf("a", &forger, NULL), &issuer,
	    leaf("b", &issuer, NULL), -1);
	/* Times count where they are asked for. */
	expect(ERR_STATE_EXPIRED, leaf("a", &issuer, NULL), &issuer,
	    leaf("b", &issuer, NULL), now + 2 * DAY_MS);
	expect(0, leaf("a", &issuer, NULL), &issuer, leaf("b", &issuer, NULL),
	    now);
}

/* Everything the issuer says about its leaves. */
static void
test_issuers(void **state)
{
	static const struct ext constrained[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign" },
		{ NID_name_constraints, "critical,permitted;DNS:ok.test" },
		{ 0, NULL },
	};
	static const struct ext in[] = {
		{ NID_subject_alt_name, "DNS:a.ok.test" }, { 0, NULL }
	};
	static const struct ext out[] = {
		{ NID_subject_alt_name, "DNS:a.bad.test" }, { 0, NULL }
	};
	int64_t now = (int64_t)time(NULL) * 1000;
	struct ca ca;

	(void)state;
	ca_init(&ca, "Constrained", &root, 10, constrained);
	expect(0, leaf("", &ca, in), &ca, leaf("", &ca, in), -1);
	expect(
	    ERR_PEER_MISMATCH, leaf("", &ca, out), &ca, leaf("", &ca, in), -1);
	ca_fini(&ca);
	/* An issuer that has expired, its leaf not: a log takes it. */
	ca_init(&ca, "Expired", &root, 0, ca_ext);
	expect(0, leaf("a", &ca, NULL), &ca, leaf("b", &ca, NULL), -1);
	expect(ERR_STATE_EXPIRED, leaf("a", &ca, NULL), &ca,
	    leaf("b", &ca, NULL), now);
	ca_fini(&ca);
}

/* An issuer that may not sign is not believed, the second time neither. */
static void
test_key_usage(void **state)
{
	static const struct ext no_sign[] = {
		{ NID_basic_constraints, "critical,CA:TRUE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ 0, NULL },
	};
	struct pki_roots *r = new_roots();
	struct pki_cert *c;
	struct ca ca;
	X509 *x;
	int i;

	(void)state;
	ca_init(&ca, "No signer", &root, 10, no_sign);
	x = leaf("a", &ca, NULL);
	c = parsed(x);
	for (i = 0; i < 3; i++)
		assert_int_not_equal(verify(r, c, ca.cert, -1), 0);
	pki_cert_free(c);
	X509_free(x);
	ca_fini(&ca);
	pki_roots_free(r);
}

/* A certificate with the issuer's name and key that the root never signed. */
static void
test_lookalike(void **state)
{
	struct pki_roots *r = new_roots();
	struct pki_cert *c, *false_cert;
	X509 *x = leaf("a", &issuer, NULL), *y;
	struct ca by = { issuer.key, root.x509, NULL };

	(void)state;
	c = parsed(x);
	assert_int_equal(verify(r, c, issuer.cert, -1), 0);
	y = make("Issuer", issuer.key, &by, 10, ca_ext);
	false_cert = parsed(y);
	assert_int_equal(verify(r, c, false_cert, -1), ERR_PEER_SIGNATURE);
	assert_int_equal(verify(r, c, false_cert, -1), ERR_PEER_SIGNATURE);
	pki_cert_free(false_cert);
	pki_cert_free(c);
	X509_free(x);
	X509_free(y);
	pki_roots_free(r);
}

/* What one set of roots knows is nothing to another. */
static void
test_other_roots(void **state)
{
	struct pki_roots *r = new_roots(), *other;
	struct pki_cert *c, *again;
	X509 *x = leaf("a", &issuer, NULL);
	struct ca stranger;

	(void)state;
	ca_init(&stranger, "Stranger", NULL, 10, ca_ext);
	c = parsed(x);
	/* Nothing is kept before it was verified. */
	assert_int_equal(
	    pki_roots_parse(r, pki_cert_der(issuer.cert), &again), 0);
	assert_ptr_not_equal(again, issuer.cert);
	pki_cert_free(again);
	assert_int_equal(verify(r, c, issuer.cert, -1), 0);
	assert_int_equal(
	    pki_roots_parse(r, pki_cert_der(issuer.cert), &again), 0);
	assert_ptr_equal(again, issuer.cert);
	pki_cert_free(again);
	assert_int_equal(pki_roots_new(&other), 0);
	assert_int_equal(pki_roots_add(other, pki_cert_der(stranger.cert)), 0);
	assert_int_equal(verify(other, c, issuer.cert, -1), ERR_PEER_UNTRUSTED);
	pki_cert_free(c);
	X509_free(x);
	ca_fini(&stranger);
	pki_roots_free(other);
	pki_roots_free(r);
}

/* However many there are, no more than the maximum is kept. */
static void
test_bound(void **state)
{
	enum { N = 3 * PKI_KNOWN_CERTS_MAX };
	const struct pki_cert *path[1];
	struct pki_cert **c = calloc(N, sizeof(struct pki_cert *)), *found;
	size_t i, certs = 0, paths = 0;
	struct pki_known *k;
	X509 *x;

	(void)state;
	assert_int_equal(pki_known_new(&k), 0);
	for (i = 0; i < N; i++) {
		x = leaf("a", &issuer, NULL);
		path[0] = c[i] = parsed(x);
		X509_free(x);
		pki_known_keep(k, c[i]);
		pki_known_keep_path(k, path, 1);
		assert_true(pki_known_path(k, path, 1));
	}
	for (i = 0; i < N; i++) {
		found = pki_known_cert(k, pki_cert_der(c[i]));
		certs += found != NULL;
		pki_cert_free(found);
		path[0] = c[i];
		paths += pki_known_path(k, path, 1);
	}
	assert_in_range(certs, 1, PKI_KNOWN_CERTS_MAX);
	assert_in_range(paths, 1, PKI_KNOWN_PATHS_MAX);
	for (i = 0; i < N; i++)
		pki_cert_free(c[i]);
	free(c);
	pki_known_free(k);
}

static int
setup(void **state)
{

	(void)state;
	ca_init(&root, "Root", NULL, 10, ca_ext);
	ca_init(&issuer, "Issuer", &root, 10, ca_ext);
	return 0;
}

static int
teardown(void **state)
{

	(void)state;
	ca_fini(&issuer);
	ca_fini(&root);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_issuers),
		cmocka_unit_test(test_key_usage),
		cmocka_unit_test(test_lookalike),
		cmocka_unit_test(test_other_roots),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
