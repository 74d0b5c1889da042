/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <openssl/x509v3.h>

#include "pki/chain.h"
#include "pki/ct.h"
#include "pki/roots.h"

static void
build(struct pki_world *w, enum pki_tbs_variant v, struct der *out)
{

	assert_int_equal(
	    pki_tbs_leaf(&w->leaf, v, out->data, sizeof(out->data), &out->len),
	    0);
}

/* OpenSSL reads the root as we meant it. */
static void
test_root(void **state)
{
	struct pki_world *w = *state;
	struct pki_bytes d = pki_cert_der(w->root);
	const uint8_t *p = d.data;
	X509 *x = d2i_X509(NULL, &p, (long)d.len);
	char *name;
	int crit;
	BASIC_CONSTRAINTS *bc;

	assert_non_null(x);
	assert_int_equal(X509_get_version(x), 2);
	name = X509_NAME_oneline(X509_get_subject_name(x), NULL, 0);
	assert_string_equal(
	    name, "/CN=TrustChain Root CA/C=US/O=HyperMesh/OU=Test");
	OPENSSL_free(name);
	assert_int_equal(X509_check_ca(x), 1);
	assert_int_equal(X509_get_pathlen(x), 1);
	assert_int_equal(X509_get_key_usage(x), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	bc = X509_get_ext_d2i(x, NID_basic_constraints, &crit, NULL);
	assert_non_null(bc);
	assert_int_equal(crit, 1);
	BASIC_CONSTRAINTS_free(bc);
	assert_int_equal(X509_get_signature_nid(x), NID_ecdsa_with_SHA384);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	X509_free(x);
}

static void
assert_uri(const GENERAL_NAME *name, const char *want)
{
	assert_int_equal(name->type, GEN_URI);
	assert_string_equal((const char *)ASN1_STRING_get0_data(
				name->d.uniformResourceIdentifier),
	    want);
}

/* Where OpenSSL would look for the status and for the issuer. */
static void
pointers(X509 *x)
{
	AUTHORITY_INFO_ACCESS *aia =
	    X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	CRL_DIST_POINTS *cdp =
	    X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
	GENERAL_NAMES *full;

	assert_non_null(aia);
	assert_non_null(cdp);
	assert_int_equal(sk_ACCESS_DESCRIPTION_num(aia), 2);
	assert_int_equal(
	    OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(aia, 0)->method),
	    NID_ad_OCSP);
	assert_uri(sk_ACCESS_DESCRIPTION_value(aia, 0)->location,
	    "http://status.test/ocsp");
	assert_int_equal(
	    OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(aia, 1)->method),
	    NID_ad_ca_issuers);
	assert_uri(sk_ACCESS_DESCRIPTION_value(aia, 1)->location,
	    "http://status.test/aia/ca1.cer");
	assert_int_equal(sk_DIST_POINT_num(cdp), 1);
	full = sk_DIST_POINT_value(cdp, 0)->distpoint->name.fullname;
	assert_int_equal(sk_GENERAL_NAME_num(full), 1);
	assert_uri(sk_GENERAL_NAME_value(full, 0),
	    "http://status.test/crl/ca1/7.crl");
	AUTHORITY_INFO_ACCESS_free(aia);
	CRL_DIST_POINTS_free(cdp);
}

static void
test_leaf(void **state)
{
	static const int order[] = { NID_key_usage, NID_ext_key_usage,
		NID_basic_constraints, NID_subject_key_identifier,
		NID_authority_key_identifier, NID_subject_alt_name,
		NID_info_access, NID_crl_distribution_points };
	struct pki_world *w = *state;
	struct der *tbs = malloc(sizeof(*tbs));
	struct pki_cert *c;
	const uint8_t *p;
	struct tm tm;
	X509 *x;
	int i;

	build(w, PKI_TBS_PLAIN, tbs);
	c = certify(w->issuer_key, EVP_sha256(), tbs);
	p = pki_cert_der(c).data;
	x = d2i_X509(NULL, &p, (long)pki_cert_der(c).len);
	assert_non_null(x);
	assert_int_equal(X509_get_ext_count(x), 8);
	for (i = 0; i < 8; i++)
		assert_int_equal(
		    OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(x, i))),
		    order[i]);
	assert_int_equal(X509_check_host(x, "a.example.test", 0,
			     X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL),
	    1);
	assert_int_equal(X509_check_ip_asc(x, "2001:db8::1", 0), 1);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_SERVER);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_check_ca(x), 0);
	pointers(x);
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notBefore(x), &tm), 1);
	assert_int_equal(timegm(&tm), NOW_MS / 1000 - 60);
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm), 1);
	assert_int_equal(timegm(&tm), NOW_MS / 1000 - 60 + 86399);
	assert_int_equal(pki_cert_verify(c, w->issuer), 0);
	assert_int_equal(pki_cert_verify(c, w->root), ERR_PEER_SIGNATURE);
	X509_free(x);
	pki_cert_free(c);
	free(tbs);
}

/* An empty subject makes the names critical. */
static void
test_ip_only(void **state)
{
	struct pki_world *w = *state;
	struct der *tbs = malloc(sizeof(*tbs));
	struct pki_san_list *sans = calloc(1, sizeof(*sans));
	struct pki_tbs_leaf in = w->leaf;
	struct pki_cert *c;
	bool critical;

	assert_int_equal(pki_san_add_text(sans, "[2001:db8::2]"), 0);
	in.sans = sans;
	assert_int_equal(pki_tbs_leaf(&in, PKI_TBS_PRECERT, tbs->data,
			     sizeof(tbs->data), &tbs->len),
	    0);
	c = certify(w->issuer_key, EVP_sha256(), tbs);
	assert_int_equal(pki_cert_subject(c).len, 2);
	assert_true(
	    pki_cert_extension(c, PKI_OID_SUBJECT_ALT_NAME, NULL, &critical));
	assert_true(critical);
	assert_true(pki_cert_is_precert(c));
	pki_cert_free(c);
	free(sans);
	free(tbs);
}

/* A buffer of every too small size fails; the exact one does not. */
static void
test_small_buffer(void **state)
{
	struct pki_world *w = *state;
	struct der *tbs = malloc(sizeof(*tbs));
	size_t cap, len = 0;

	build(w, PKI_TBS_PRECERT, tbs);
	for (cap = 0; cap < tbs->len; cap++)
		assert_int_equal(pki_tbs_leaf(&w->leaf, PKI_TBS_PRECERT,
				     tbs->data, cap, &len),
		    ERR_SYS_LIMIT);
	assert_int_equal(
	    pki_tbs_leaf(&w->leaf, PKI_TBS_PRECERT, tbs->data, cap, &len), 0);
	assert_int_equal(len, cap);
	free(tbs);
}

static void
test_times(void **state)
{
	struct pki_world *w = *state;
	struct pki_tbs_leaf in = w->leaf;
	int64_t end = pki_cert_not_after_ms(w->issuer);

	assert_int_equal(pki_tbs_leaf_times(&in, NOW_MS + 999, 3600), 0);
	assert_int_equal(in.not_before_ms, NOW_MS - 60000);
	assert_int_equal(in.not_after_ms, NOW_MS - 60000 + 3599000);
	assert_int_equal(pki_tbs_leaf_times(&in, NOW_MS, 1000000), 0);
	assert_int_equal(in.not_after_ms - in.not_before_ms, DAY_MS - 1000);
	assert_int_equal(pki_tbs_leaf_times(&in, end - 2 * 3600000, 0), 0);
	assert_int_equal(in.not_after_ms, end);
	assert_int_equal(
	    pki_tbs_leaf_times(&in, end - 3599000, 0), ERR_STATE_EXPIRED);
}

static void
test_chain(void **state)
{
	struct pki_world *w = *state;
	struct der *tbs = malloc(sizeof(*tbs));
	const struct pki_cert *chain[2];
	struct pki_roots *roots;
	struct pki_path path;
	struct pki_cert *c;

	build(w, PKI_TBS_PRECERT, tbs);
	c = certify(w->issuer_key, EVP_sha256(), tbs);
	chain[0] = c;
	chain[1] = w->issuer;
	assert_int_equal(pki_roots_new(&roots), 0);
	assert_int_equal(pki_chain_verify(roots, chain, 2, NOW_MS, NULL),
	    ERR_PEER_UNTRUSTED);
	assert_int_equal(
	    pki_roots_add(roots, pki_cert_der(w->issuer)), ERR_STATE_REFUSED);
	assert_int_equal(pki_roots_add(roots, pki_cert_der(w->root)), 0);
	/* The critical poison does not stand in the way. */
	assert_int_equal(pki_chain_verify(roots, chain, 2, NOW_MS, &path), 0);
	assert_int_equal(path.n, 3);
	assert_true(
	    pki_bytes_equal(pki_cert_der(path.cert[2]), pki_cert_der(w->root)));
	pki_path_fini(&path);
	assert_int_equal(
	    pki_chain_verify(roots, chain, 2, NOW_MS + 2 * DAY_MS, NULL),
	    ERR_STATE_EXPIRED);
	assert_int_equal(pki_chain_verify(roots, chain, 2, -1, NULL), 0);
	assert_int_equal(pki_chain_verify(roots, chain, 1, NOW_MS, NULL),
	    ERR_PEER_UNTRUSTED);
	/* A certificate that leads nowhere is refused. */
	chain[1] = c;
	assert_int_not_equal(
	    pki_chain_verify(roots, chain, 2, NOW_MS, NULL), 0);
	pki_cert_free(c);
	/* A leaf that signs is no CA. */
	c = certify(w->leaf_key, EVP_sha256(), tbs);
	chain[0] = c;
	chain[1] = w->issuer;
	assert_int_equal(pki_chain_verify(roots, chain, 2, NOW_MS, NULL),
	    ERR_PEER_SIGNATURE);
	pki_cert_free(c);
	pki_roots_free(roots);
	free(tbs);
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
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_leaf),
		cmocka_unit_test(test_ip_only),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
