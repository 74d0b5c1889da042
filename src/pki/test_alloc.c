/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "pki/chain.h"
#include "pki/csr.h"
#include "pki/ct.h"
#include "pki/lint.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/roots.h"

/*
 * Every operation with OpenSSL's n-th allocation failing, for each n: it
 * succeeds or fails, without crash or leak.  (Which of the two causes it names
 * is not looked at: OpenSSL drops the cause in many places where a name, a key
 * or a signature is read.)
 */
static long left = -1; /* allocations until one fails; -1: never */

static bool
deny(void)
{
	return left >= 0 && left-- == 0;
}

static void *
ossl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return deny() ? NULL : malloc(n);
}

static void *
ossl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return deny() ? NULL : realloc(p, n);
}

static void
ossl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static struct pki_world *w;
static struct der *csr_der, *leaf_der, *pre;

static int
do_csr(void)
{
	struct pki_csr *c;
	int rc = pki_csr_parse(bytes(csr_der), &c);

	if (rc == 0)
		pki_csr_free(c);
	return rc;
}

static int
do_cert(void)
{
	struct pki_cert *c;
	int rc = pki_cert_parse(bytes(leaf_der), &c);

	if (rc == 0)
		pki_cert_free(c);
	return rc;
}

static int
do_key(void)
{
	const char *why;

	return pki_pubkey_check(bytes(&w->leaf_spki), PKI_KEY_ANY, NULL, &why);
}

static int
do_chain(void)
{
	const struct pki_cert *chain[2] = { NULL, w->issuer };
	struct pki_roots *roots = NULL;
	struct pki_cert *c = NULL;
	struct pki_path path = { 0, { NULL } };
	int rc;

	if ((rc = pki_cert_parse(bytes(leaf_der), &c)) == 0 &&
	    (rc = pki_roots_new(&roots)) == 0 &&
	    (rc = pki_roots_add(roots, pki_cert_der(w->root))) == 0) {
		chain[0] = c;
		rc = pki_chain_verify(roots, chain, 2, NOW_MS, &path);
	}
	pki_path_fini(&path);
	pki_roots_free(roots);
	pki_cert_free(c);
	return rc;
}

static int
do_lint(void)
{
	static const struct pki_name_policy policy;
	struct pki_lint_input in = { .tbs = bytes(pre),
		.profile = w->leaf.profile,
		.issuer = w->issuer,
		.names = &policy,
		.status_url = w->leaf.status_url,
		.issuer_id = w->leaf.issuer_id,
		.crl_shard = w->leaf.crl_shard };
	uint32_t hits = 0;
	int rc = pki_lint_tbs(&in, &hits);

	/* L15 cannot tell: the key check itself may lack memory. */
	return rc != 0 ? rc : (hits & ~PKI_LINT_BIT(15)) != 0 ? -1 : 0;
}

static void
fail_each(const char *name, int (*fn)(void))
{
	long n, failed = 0;
	int rc;

	/* Once without failures, so that OpenSSL has fetched what it needs. */
	assert_int_equal(fn(), 0);
	for (n = 0; n < 20000; n++) {
		left = n;
		rc = fn();
		if (left >= 0) {
			/* Fewer than n allocations: all have failed once. */
			left = -1;
			assert_int_equal(rc, 0);
			assert_true(failed > 3);
			return;
		}
		left = -1;
		failed += rc != 0 ? 1 : 0;
	}
	fail_msg("%s never ends", name);
}

static void
test_each(void **state)
{
	(void)state;
	fail_each("csr", do_csr);
	fail_each("cert", do_cert);
	fail_each("key", do_key);
	fail_each("chain", do_chain);
	fail_each("lint", do_lint);
}

static int
setup(void **state)
{
	X509_REQ *req;
	struct der *sig = malloc(sizeof(*sig));
	uint8_t *p;

	(void)state;
	w = world_new();
	csr_der = malloc(sizeof(*csr_der));
	leaf_der = malloc(sizeof(*leaf_der));
	pre = malloc(sizeof(*pre));
	req = X509_REQ_new();
	X509_REQ_set_pubkey(req, w->leaf_key);
	assert_true(X509_REQ_sign(req, w->leaf_key, EVP_sha256()) > 0);
	p = csr_der->data;
	csr_der->len = (size_t)i2d_X509_REQ(req, &p);
	X509_REQ_free(req);
	assert_int_equal(pki_tbs_leaf(&w->leaf, PKI_TBS_PRECERT, pre->data,
			     sizeof(pre->data), &pre->len),
	    0);
	sign_with(w->issuer_key, EVP_sha256(), bytes(pre), sig);
	assert_int_equal(
	    pki_cert_assemble(bytes(pre), bytes(sig), leaf_der->data,
		sizeof(leaf_der->data), &leaf_der->len),
	    0);
	free(sig);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_free(w);
	free(csr_der);
	free(leaf_der);
	free(pre);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
	};

	/* Before OpenSSL allocates anything. */
	if (CRYPTO_set_mem_functions(ossl_malloc, ossl_realloc, ossl_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
