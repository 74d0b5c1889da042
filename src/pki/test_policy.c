/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in certificates, as OpenSSL reads them. */
#include "pki/pki_test.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "pki/policy.h"

static const char *const good[] = { "2.23.140.1.2.1", "1.3.6.1.4.1.99999.1",
	"2.999.3", "0.0.1", "1.39.127.128.16383.16384.4294967295" };
enum { GOOD = sizeof(good) / sizeof(good[0]) };

static void
test_add(void **state)
{
	static const char *const bad[] = { "", "1", "1.2", "3.1.1", "1.40.1",
		"1..2", ".1.2.3", "1.2.3.", "1.2.03", "1.2.x", "1.2.-3",
		"1.2.4294967296", " 1.2.3" };
	struct pki_profile p = { .name = "p" };
	char many[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    pki_policy_add(&p, bad[i]), ERR_PEER_MALFORMED);
	assert_int_equal(
	    pki_policy_add(&p, "1.3.4294967295.4294967295.4294967295."
			       "4294967295.4294967295.4294967295.4294967295"),
	    ERR_PEER_TOO_LARGE);
	assert_int_equal(p.n_policies, 0);
	for (int i = 0; i < 8; i++) {
		(void)snprintf(many, sizeof(many), "1.2.%d", i);
		assert_int_equal(pki_policy_add(&p, many), 0);
		assert_int_equal(pki_policy_add(&p, many), ERR_PEER_DUPLICATE);
	}
	assert_int_equal(pki_policy_add(&p, "1.2.99"), ERR_PEER_TOO_LARGE);
}

static void
test_certificate(void **state)
{
	struct pki_world *w = world_new();
	struct pki_profile p = *w->leaf.profile;
	struct der *tbs = malloc(sizeof(*tbs));
	CERTIFICATEPOLICIES *policies;
	struct pki_cert *c;
	const uint8_t *d;
	char text[80];
	X509 *x;

	(void)state;
	for (int i = 0; i < GOOD; i++)
		assert_int_equal(pki_policy_add(&p, good[i]), 0);
	w->leaf.profile = &p;
	assert_int_equal(pki_tbs_leaf(&w->leaf, PKI_TBS_PRECERT, tbs->data,
			     sizeof(tbs->data), &tbs->len),
	    0);
	c = certify(w->issuer_key, EVP_sha256(), tbs);
	d = pki_cert_der(c).data;
	x = d2i_X509(NULL, &d, (long)pki_cert_der(c).len);
	policies = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
	assert_non_null(policies);
	assert_int_equal(sk_POLICYINFO_num(policies), GOOD);
	for (int i = 0; i < GOOD; i++) {
		OBJ_obj2txt(text, sizeof(text),
		    sk_POLICYINFO_value(policies, i)->policyid, 1);
		assert_string_equal(text, good[i]);
	}
	CERTIFICATEPOLICIES_free(policies);
	X509_free(x);
	pki_cert_free(c);
	free(tbs);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
