/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Operations GENERATE and OCSP of a real key process, asked by a main process
 * in a stranger's hands.  Signatures that are given out are checked by OpenSSL
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
#include "pki/ocsp.h"
#include "pki/ocsp_response.h"
#include "pki/tbs.h"
#include "pki/tbs_ocsp.h"
#include "trustchain/ca_mint.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_rig.h"
#include "wire/pem.h"

#define DAY INT64_C(86400000)

static struct {
	struct crypto_pkey *root, *issuer[2], *other;
	struct pki_cert *root_cert, *cert[2];
} w;

static struct crypto_pkey *
make(enum crypto_key_type type)
{
	struct crypto_pkey *k;

	assert_int_equal(crypto_pkey_generate(type, &k), 0);
	return k;
}

static int
setup(void **state)
{
	struct ca_mint m = { .kind = CA_MINT_ROOT, .now_ms = RIG_NOW };

	(void)state;
	w.root = make(CRYPTO_KEY_P384);
	w.other = make(CRYPTO_KEY_P256);
	m.key = m.signer = w.root;
	assert_int_equal(ca_mint(&m, crypto_rng_system(), &w.root_cert), 0);
	for (unsigned i = 0; i < 2; i++) {
		w.issuer[i] = make(CRYPTO_KEY_P256);
		m = (struct ca_mint){ .kind = CA_MINT_INTERMEDIATE,
			.number = i + 1,
			.key = w.issuer[i],
			.signer = w.root,
			.issuer = w.root_cert,
			.now_ms = RIG_NOW };
		assert_int_equal(
		    ca_mint(&m, crypto_rng_system(), &w.cert[i]), 0);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	crypto_pkey_free(w.root);
	crypto_pkey_free(w.issuer[0]);
	crypto_pkey_free(w.issuer[1]);
	crypto_pkey_free(w.other);
	pki_cert_free(w.root_cert);
	pki_cert_free(w.cert[0]);
	pki_cert_free(w.cert[1]);
	return 0;
}

/* A process of two issuers; the second one has an ocsp_key, ${w.other}. */
static void
start_ca(struct rig *r)
{
	const uint8_t min_scts = 1;
	struct pki_bytes der;
	struct buf pem;

	rig_begin(r);
	for (uint8_t i = 0; i < 2; i++) {
		der = pki_cert_der(w.cert[i]);
		base_buf_init(&pem, 65536);
		assert_int_equal(
		    wire_pem_encode("CERTIFICATE", der.data, der.len, &pem), 0);
		rig_slot(r, i, KEYOP_KIND_CA, 1000, w.issuer[i]);
		rig_data(r, i, KEYOP_TAG_CERT, pem.data, pem.len);
		rig_data(r, i, KEYOP_TAG_MIN_SCTS, &min_scts, 1);
		base_buf_free(&pem);
	}
	rig_slot(r, KEYOP_SLOT_OCSP_KEY(1), KEYOP_KIND_OCSP, 0, w.other);
	rig_start(r);
}

/* A key that GENERATE made. */
struct made {
	uint8_t slot;
	uint8_t spki[256];
	size_t len;
};

static void
generate(struct rig *r, uint8_t issuer, struct made *m)
{
	assert_int_equal(rig_call(r, KEYOP_GENERATE, issuer, "ocsp", 4), 0);
	assert_in_range(r->answer_len, 60, sizeof(m->spki));
	m->slot = r->answer[0];
	m->len = r->answer_len - 1;
	memcpy(m->spki, r->answer + 1, m->len);
}

struct ask {
	struct pki_tbs_signer in;
	uint8_t payload[32 + PKI_TBS_LEN_MAX];
	size_t len;
};

static void
signer(struct ask *a, uint8_t issuer, const struct made *m)
{
	memset(a, 0, sizeof(*a));
	a->in = (struct pki_tbs_signer){ .issuer = w.cert[issuer],
		.cn = "OCSP int1",
		.serial = { 0x41 },
		.not_before_ms = RIG_NOW - 60000,
		.not_after_ms = RIG_NOW - 60000 + 7 * DAY - 1000,
		.spki = { m->spki, m->len } };
}

static int
ask_cert(struct rig *r, uint8_t issuer, struct ask *a)
{
	assert_int_equal(pki_tbs_ocsp_signer(
			     &a->in, a->payload + 32, PKI_TBS_LEN_MAX, &a->len),
	    0);
	a->len += 32;
	return rig_call(r, KEYOP_CERT, issuer, a->payload, a->len);
}

static void
refused(struct rig *r, int rc, const char *why)
{
	assert_int_equal(rc, ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(r), 1);
	assert_non_null(strstr(r->report, why));
}

static void
test_signer(void **state)
{
	struct ask *a = malloc(sizeof(*a));
	struct crypto_signed s = { .alg = CRYPTO_SIG_ECDSA_SHA256 };
	struct made m, second, third, own;
	struct buf spki;
	struct rig r;

	(void)state;
	start_ca(&r);
	generate(&r, 0, &m);
	signer(a, 0, &m);
	assert_int_equal(ask_cert(&r, 0, a), 0);
	s.msg = a->payload + 32;
	s.msg_len = a->len - 32;
	s.sig = r.answer;
	s.sig_len = r.answer_len;
	assert_int_equal(crypto_pkey_verify(w.issuer[0], &s), 0);
	a->in.not_after_ms += 1000;
	refused(&r, ask_cert(&r, 0, a), "longer than 7 days");
	/* Made for the other issuer. */
	signer(a, 1, &m);
	refused(&r, ask_cert(&r, 1, a), "from elsewhere");
	/* The configured key is its issuer's alone. */
	base_buf_init(&spki, CRYPTO_PKEY_DER_MAX);
	assert_int_equal(crypto_pkey_spki(w.other, &spki), 0);
	own.len = spki.len;
	memcpy(own.spki, spki.data, spki.len);
	base_buf_free(&spki);
	signer(a, 1, &own);
	assert_int_equal(ask_cert(&r, 1, a), 0);
	signer(a, 0, &own);
	refused(&r, ask_cert(&r, 0, a), "from elsewhere");
	/* Two keys of an issuer are alive: the third takes the first's place.
	 */
	generate(&r, 0, &second);
	assert_int_not_equal(second.slot, m.slot);
	signer(a, 0, &m);
	assert_int_equal(ask_cert(&r, 0, a), 0);
	generate(&r, 0, &third);
	assert_int_equal(third.slot, m.slot);
	signer(a, 0, &m);
	refused(&r, ask_cert(&r, 0, a), "from elsewhere");
	signer(a, 0, &second);
	assert_int_equal(ask_cert(&r, 0, a), 0);
	assert_int_equal(
	    rig_call(&r, KEYOP_GENERATE, 0, "seal", 4), ERR_PEER_MALFORMED);
	refused(&r, rig_call(&r, KEYOP_GENERATE, m.slot, "ocsp", 4),
	    "not allowed on this slot");
	rig_close(&r, 0);
	free(a);
}

/* An answer about one certificate, to be signed by the key ${m}. */
struct answer {
	struct pki_ocsp_data data;
	struct pki_ocsp_single single;
	uint8_t der[PKI_OCSP_DATA_MAX];
	size_t len;
};

static void
answer(struct answer *a, const struct made *m)
{
	/* A CertID of SHA-1 with hashes and serial of zeros and a one. */
	static const uint8_t id[] = { 0x30, 0x3a, 0x30, 0x09, 0x06, 0x05, 0x2b,
		0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x14, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
		0x01, 0x01 };
	uint8_t hash[32];
	size_t len;

	memset(a, 0, sizeof(*a));
	assert_int_equal(
	    pki_ocsp_key_hash((struct pki_bytes){ m->spki, m->len },
		PKI_OCSP_SHA1, hash, &len),
	    0);
	memcpy(a->data.key_hash, hash, sizeof(a->data.key_hash));
	a->single.id = (struct pki_bytes){ id, sizeof(id) };
	a->single.this_ms = RIG_NOW;
	a->single.next_ms = RIG_NOW + DAY / 2;
	a->data.n = 1;
	a->data.single = &a->single;
	a->data.produced_ms = RIG_NOW;
}

static int
ask_ocsp(struct rig *r, uint8_t slot, struct answer *a)
{
	assert_int_equal(
	    pki_ocsp_data_encode(&a->data, a->der, sizeof(a->der), &a->len), 0);
	return rig_call(r, KEYOP_OCSP, slot, a->der, a->len);
}

static void
test_ocsp(void **state)
{
	struct answer *a = malloc(sizeof(*a));
	struct crypto_signed s = { .alg = CRYPTO_SIG_ECDSA_SHA256 };
	struct crypto_pkey *key;
	struct made m, second;
	struct rig r;
	size_t at;

	(void)state;
	start_ca(&r);
	generate(&r, 0, &m);
	generate(&r, 0, &second);
	answer(a, &m);
	assert_int_equal(ask_ocsp(&r, m.slot, a), 0);
	assert_int_equal(crypto_pkey_from_spki(m.spki, m.len, &key), 0);
	s.msg = a->der;
	s.msg_len = a->len;
	s.sig = r.answer;
	s.sig_len = r.answer_len;
	assert_int_equal(crypto_pkey_verify(key, &s), 0);
	crypto_pkey_free(key);
	refused(&r, ask_ocsp(&r, second.slot, a), "not that of the slot");
	refused(&r, ask_ocsp(&r, 0, a), "not allowed on this slot");
	a->data.produced_ms = RIG_NOW + 301000;
	refused(&r, ask_ocsp(&r, m.slot, a), "producedAt");
	a->data.produced_ms = RIG_NOW - 301000;
	refused(&r, ask_ocsp(&r, m.slot, a), "producedAt");
	a->data.produced_ms = RIG_NOW - 300000;
	assert_int_equal(ask_ocsp(&r, m.slot, a), 0);
	a->single.this_ms = RIG_NOW - 301000;
	refused(&r, ask_ocsp(&r, m.slot, a), "thisUpdate");
	a->single.this_ms = RIG_NOW + 301000;
	refused(&r, ask_ocsp(&r, m.slot, a), "thisUpdate");
	a->single.this_ms = RIG_NOW;
	a->single.next_ms = RIG_NOW + 7 * DAY;
	assert_int_equal(ask_ocsp(&r, m.slot, a), 0);
	a->single.next_ms += 1000;
	refused(&r, ask_ocsp(&r, m.slot, a), "beyond 7 days");
	/* What is no ResponseData: cut, or a TBSCertificate. */
	answer(a, &m);
	assert_int_equal(ask_ocsp(&r, m.slot, a), 0);
	assert_int_equal(rig_call(&r, KEYOP_OCSP, m.slot, a->der, a->len - 1),
	    ERR_PEER_MALFORMED);
	/* The first tag inside. */
	at = a->der[1] == 0x81 ? 3 : 2;
	assert_int_equal(a->der[at], 0xa2);
	a->der[at] = 0xa0;
	assert_int_equal(rig_call(&r, KEYOP_OCSP, m.slot, a->der, a->len),
	    ERR_PEER_MALFORMED);
	a->der[at] = 0xa1;
	refused(&r, rig_call(&r, KEYOP_OCSP, m.slot, a->der, a->len),
	    "not named by its key");
	rig_close(&r, 0);
	free(a);
}

/* The next key process knows nothing of what the last one made. */
static void
test_replaced(void **state)
{
	struct answer *a = malloc(sizeof(*a));
	struct made m, again;
	struct rig r;

	(void)state;
	start_ca(&r);
	generate(&r, 0, &m);
	rig_replace(&r);
	answer(a, &m);
	refused(&r, ask_ocsp(&r, m.slot, a), "not allowed on this slot");
	generate(&r, 0, &again);
	assert_int_equal(again.slot, m.slot);
	refused(&r, ask_ocsp(&r, again.slot, a), "not that of the slot");
	answer(a, &again);
	assert_int_equal(ask_ocsp(&r, again.slot, a), 0);
	rig_close(&r, 0);
	free(a);
}

/* An ocsp slot holds a P-256 key and nothing else. */
static void
test_wrong_key(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_slot(&r, KEYOP_SLOT_OCSP_KEY(0), KEYOP_KIND_OCSP, 0, w.root);
	rig_start_fails(&r, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signer),
		cmocka_unit_test(test_ocsp),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_wrong_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
