/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Operation CRL of a real key process, asked by a main process in a stranger's
 * hands.  Signatures that are given out are checked by OpenSSL
 * (crypto/pkey_sign.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "trustchain/ca_mint.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_rig.h"
#include "wire/pem.h"

#define DAY INT64_C(86400000)
#define SHARD(n) "http://status.test/crl/ca1/" #n ".crl"

static struct {
	struct crypto_pkey *root, *issuer, *other;
	struct pki_cert *root_cert, *cert, *other_cert;
} w;

static struct crypto_pkey *
make(enum crypto_key_type type)
{
	struct crypto_pkey *k;

	assert_int_equal(crypto_pkey_generate(type, &k), 0);
	return k;
}

static struct pki_cert *
intermediate(const struct crypto_pkey *key, unsigned number)
{
	struct ca_mint m = { .kind = CA_MINT_INTERMEDIATE,
		.number = number,
		.key = key,
		.signer = w.root,
		.issuer = w.root_cert,
		.now_ms = RIG_NOW };
	struct pki_cert *c;

	assert_int_equal(ca_mint(&m, crypto_rng_system(), &c), 0);
	return c;
}

static int
setup(void **state)
{
	struct ca_mint m = { .kind = CA_MINT_ROOT, .now_ms = RIG_NOW };

	(void)state;
	w.root = make(CRYPTO_KEY_P384);
	w.issuer = make(CRYPTO_KEY_P256);
	w.other = make(CRYPTO_KEY_P256);
	m.key = m.signer = w.root;
	assert_int_equal(ca_mint(&m, crypto_rng_system(), &w.root_cert), 0);
	w.cert = intermediate(w.issuer, 1);
	w.other_cert = intermediate(w.other, 2);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	crypto_pkey_free(w.root);
	crypto_pkey_free(w.issuer);
	crypto_pkey_free(w.other);
	pki_cert_free(w.root_cert);
	pki_cert_free(w.cert);
	pki_cert_free(w.other_cert);
	return 0;
}

static void
start(struct rig *r)
{
	struct pki_bytes d = pki_cert_der(w.cert);
	uint8_t one = 1;
	struct buf pem;

	rig_begin(r);
	base_buf_init(&pem, 65536);
	assert_int_equal(
	    wire_pem_encode("CERTIFICATE", d.data, d.len, &pem), 0);
	rig_slot(r, 0, KEYOP_KIND_CA, 100000, w.issuer);
	rig_data(r, 0, KEYOP_TAG_CERT, pem.data, pem.len);
	rig_data(r, 0, KEYOP_TAG_MIN_SCTS, &one, 1);
	base_buf_free(&pem);
	rig_start(r);
}

static struct pki_crl
good(uint64_t number)
{
	struct pki_crl c = { .issuer = pki_cert_subject(w.cert),
		.issuer_spki = pki_cert_spki(w.cert),
		.this_update_ms = RIG_NOW,
		.next_update_ms = RIG_NOW + DAY / 2,
		.number = number };

	return c;
}

/* Ask for a CRL with one entry; a signature that comes is the slot's. */
static int
ask(struct rig *r, const struct pki_crl *c)
{
	static const uint8_t serial[] = { 0x41, 0x07 };
	struct pki_crl_entry e = { { serial, 2 }, RIG_NOW, 1 };
	struct crypto_signed s = { .alg = CRYPTO_SIG_ECDSA_SHA256 };
	uint8_t entry[PKI_CRL_ENTRY_MAX], tbs[4096];
	size_t n, len;
	int rc;

	assert_int_equal(pki_crl_entry(&e, entry, &n), 0);
	assert_int_equal(pki_crl_tbs(c, (struct pki_bytes){ entry, n }, tbs,
			     sizeof(tbs), &len),
	    0);
	rc = rig_call(r, KEYOP_CRL, 0, tbs, len);
	s.msg = tbs;
	s.msg_len = len;
	s.sig = r->answer;
	s.sig_len = r->answer_len;
	if (rc == 0)
		assert_int_equal(crypto_pkey_verify(w.issuer, &s), 0);
	return rc;
}

static void
test_numbers(void **state)
{
	struct pki_crl c = good(100);
	struct rig r;

	(void)state;
	start(&r);
	assert_int_equal(ask(&r, &c), 0);
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.number = 99;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	/* Another distribution point counts for itself. */
	c.idp_url = SHARD(1);
	assert_int_equal(ask(&r, &c), 0);
	c.idp_url = SHARD(2);
	assert_int_equal(ask(&r, &c), 0);
	c.idp_url = SHARD(1);
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.number = (uint64_t)(RIG_NOW + DAY);
	assert_int_equal(ask(&r, &c), 0);
	c.idp_url = SHARD(2);
	c.number++;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(&r), 4);
	rig_close(&r, 0);
}

static void
test_times(void **state)
{
	struct pki_crl c = good(1);
	struct rig r;

	(void)state;
	start(&r);
	c.this_update_ms = RIG_NOW - 301000;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.this_update_ms = RIG_NOW + 301000;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.this_update_ms = RIG_NOW - 299000;
	c.next_update_ms = c.this_update_ms;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.next_update_ms = c.this_update_ms + 7 * DAY + 1000;
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.next_update_ms = c.this_update_ms + 7 * DAY;
	assert_int_equal(ask(&r, &c), 0);
	assert_int_equal(rig_reports(&r), 4);
	rig_close(&r, 0);
}

/* Not for another CA, not by another's key, and nothing else than a CRL. */
static void
test_shape(void **state)
{
	struct pki_crl c = good(1);
	struct pki_bytes cert = pki_cert_tbs(w.cert);
	struct rig r;

	(void)state;
	start(&r);
	c.issuer = pki_cert_subject(w.other_cert);
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c = good(1);
	c.issuer_spki = pki_cert_spki(w.other_cert);
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	c.issuer_spki = pki_cert_spki(w.root_cert); /* another algorithm */
	assert_int_equal(ask(&r, &c), ERR_STATE_REFUSED);
	assert_int_equal(rig_call(&r, KEYOP_CRL, 0, cert.data, cert.len),
	    ERR_PEER_MALFORMED);
	assert_int_equal(rig_call(&r, KEYOP_CRL, 0, "", 0), ERR_PEER_MALFORMED);
	assert_int_equal(
	    rig_call(&r, KEYOP_CRL, 1, cert.data, cert.len), ERR_STATE_REFUSED);
	c = good(1);
	assert_int_equal(ask(&r, &c), 0);
	rig_close(&r, 0);
}

/* The table of distribution points has an end. */
static void
test_many(void **state)
{
	struct pki_crl c = good(1);
	char url[64];
	struct rig r;
	int i, rc = 0;

	(void)state;
	start(&r);
	c.idp_url = url;
	for (i = 0; i < 3000 && rc == 0; i++) {
		snprintf(url, sizeof(url), "http://a.test/%d", i);
		rc = ask(&r, &c);
	}
	assert_int_equal(rc, ERR_STATE_REFUSED);
	assert_int_equal(i, 2049);
	/* Those that are known go on. */
	snprintf(url, sizeof(url), "http://a.test/7");
	c.number = 2;
	assert_int_equal(ask(&r, &c), 0);
	rig_close(&r, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
