/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include "pki/chain.h"
#include "pki/csr.h"
#include "pki/roots.h"

#define DIR "tests/vectors/pki/"

static void
load(const char *name, struct der *d)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), DIR "%s", name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s: cannot open", path);
	d->len = fread(d->data, 1, sizeof(d->data), f);
	fclose(f);
}

static int
parse(const char *name, struct pki_san_list *names)
{
	struct der *d = malloc(sizeof(*d));
	struct pki_csr *c = NULL;
	int rc;

	load(name, d);
	rc = pki_csr_parse_any(bytes(d), &c);
	if (rc == 0)
		rc = pki_csr_names(c, names);
	pki_csr_free(c);
	free(d);
	return rc;
}

/* Requests made by the openssl program. */
static void
test_openssl(void **state)
{
	struct pki_san_list *l = calloc(1, sizeof(*l));
	char text[64];

	(void)state;
	assert_int_equal(parse("p256.csr", l), 0);
	assert_int_equal(l->n, 3);
	assert_string_equal((char *)l->item[1].value, "b.example.test");
	pki_san_text(&l->item[2], text, sizeof(text));
	assert_string_equal(text, "2001:db8::1");
	assert_int_equal(parse("p256.pem", l), 0);
	assert_int_equal(l->n, 1);
	assert_int_equal(parse("p384.csr", l), 0);
	assert_int_equal(parse("ed25519.csr", l), 0);
	assert_int_equal(l->n, 1);
	/* The common name joins the names, in lower case. */
	assert_int_equal(parse("rsa2048.csr", l), 0);
	assert_int_equal(l->n, 1);
	assert_string_equal((char *)l->item[0].value, "a.example.test");
	assert_int_equal(parse("none.csr", l), 0);
	assert_int_equal(l->n, 0);
	/* What else is asked for is not looked at. */
	assert_int_equal(parse("ca_true.csr", l), 0);
	assert_int_equal(l->n, 1);
	assert_int_equal(parse("email.csr", l), ERR_PEER_UNSUPPORTED);
	assert_int_equal(parse("cn_space.csr", l), ERR_PEER_NAME);
	assert_int_equal(parse("p521.csr", l), ERR_PEER_KEY);
	assert_int_equal(parse("ed448.csr", l), ERR_PEER_KEY);
	assert_int_equal(parse("root.crt", l), ERR_PEER_MALFORMED);
	free(l);
}

/* No bit of a request can change, no octet be missing or added. */
static void
test_every_bit(void **state)
{
	struct der *d = malloc(sizeof(*d));
	struct pki_csr *c;
	size_t i;
	int rc;

	(void)state;
	load("p256.csr", d);
	for (i = 0; i < 8 * d->len; i++) {
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
		rc = pki_csr_parse(bytes(d), &c);
		if (rc == 0)
			fail_msg("bit %zu does not matter", i);
		assert_int_equal(base_err_class(rc), ERR_CLASS_PEER);
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
	}
	for (i = 0; i < d->len; i++)
		assert_int_not_equal(pki_csr_parse(B(d->data, i), &c), 0);
	d->data[d->len++] = 0;
	assert_int_equal(pki_csr_parse(bytes(d), &c), ERR_PEER_TRAILING);
	d->len = PKI_CSR_DER_MAX + 1;
	assert_int_equal(
	    pki_csr_parse(B(d->data, d->len), &c), ERR_PEER_TOO_LARGE);
	free(d);
}

/* A chain made by the openssl program verifies as openssl says. */
static void
test_chain(void **state)
{
	static const char *const names[] = { "leaf.crt", "inter.crt" };
	struct der *d = malloc(sizeof(*d));
	struct pki_cert *c[2];
	struct pki_roots *roots;
	struct pki_path path;
	size_t i;

	(void)state;
	assert_int_equal(pki_roots_new(&roots), 0);
	load("root.crt", d);
	assert_int_equal(pki_roots_add(roots, bytes(d)), 0);
	for (i = 0; i < 2; i++) {
		load(names[i], d);
		assert_int_equal(pki_cert_parse(bytes(d), &c[i]), 0);
	}
	assert_int_equal(pki_chain_verify(roots,
			     (const struct pki_cert *const *)c, 2, -1, &path),
	    0);
	assert_int_equal(path.n, 3);
	pki_path_fini(&path);
	assert_int_equal(pki_chain_verify(roots,
			     (const struct pki_cert *const *)c, 2, 1000, NULL),
	    ERR_STATE_EXPIRED);
	assert_true(pki_cert_is_ca(c[1], NULL));
	assert_false(pki_cert_is_ca(c[0], NULL));
	pki_cert_free(c[0]);
	pki_cert_free(c[1]);
	pki_roots_free(roots);
	free(d);
}

/*
 * Each certificate bit is covered by parser or signature, and it makes no
 * difference to the parser whether the public key is decoded.
 */
static void
test_cert_bits(void **state)
{
	struct der *d = malloc(sizeof(*d));
	struct pki_cert *issuer, *c, *own;
	size_t i;
	int rc;

	(void)state;
	load("inter.crt", d);
	assert_int_equal(pki_cert_parse(bytes(d), &issuer), 0);
	load("leaf.crt", d);
	for (i = 0; i < 8 * d->len; i++) {
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
		c = own = NULL;
		rc = pki_cert_parse(bytes(d), &c);
		if (rc == 0 && pki_cert_verify(c, issuer) == 0)
			fail_msg("bit %zu does not matter", i);
		assert_int_equal(pki_cert_parse_own(bytes(d), &own), rc);
		if (rc == 0 && pki_cert_verify(own, issuer) == 0)
			fail_msg("bit %zu does not matter in our own", i);
		pki_cert_free(c);
		pki_cert_free(own);
		d->data[i / 8] ^= (uint8_t)(1 << (i % 8));
	}
	assert_int_equal(pki_cert_parse(bytes(d), &c), 0);
	assert_int_equal(pki_cert_verify(c, issuer), 0);
	pki_cert_free(c);
	assert_int_equal(pki_cert_parse_own(bytes(d), &own), 0);
	assert_int_equal(pki_cert_verify(own, issuer), 0);
	pki_cert_free(own);
	pki_cert_free(issuer);
	free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_cert_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
