/* SPDX-License-Identifier: Apache-2.0 */

/*
 * OCSP against OpenSSL: it makes the requests that ours must read, and reads
 * and verifies the responses that ours writes.
 */
#include "pki/pki_test.h"

#include <openssl/ocsp.h>

#include "pki/ocsp.h"
#include "pki/ocsp_response.h"
#include "pki/tbs_ocsp.h"

static struct pki_world *w;
static struct pki_cert *leaf, *signer;
static EVP_PKEY *signer_key;

static X509 *
to_x509(const struct pki_cert *c)
{
	struct pki_bytes d = pki_cert_der(c);
	const uint8_t *p = d.data;
	X509 *x = d2i_X509(NULL, &p, (long)d.len);

	assert_non_null(x);
	return x;
}

static int
setup(void **state)
{
	struct der *tbs = malloc(sizeof(*tbs)), *spki = malloc(sizeof(*spki));
	struct pki_tbs_signer s = { .cn = "OCSP ca1",
		.not_before_ms = NOW_MS,
		.not_after_ms = NOW_MS + 7 * DAY_MS - 1000 };

	(void)state;
	w = world_new();
	assert_int_equal(pki_tbs_leaf(&w->leaf, PKI_TBS_PRECERT, tbs->data,
			     sizeof(tbs->data), &tbs->len),
	    0);
	leaf = certify(w->issuer_key, EVP_sha256(), tbs);
	signer_key = new_ec("P-256");
	spki_of(signer_key, spki);
	s.issuer = w->issuer;
	s.spki = bytes(spki);
	serial_for(s.serial, 9);
	assert_int_equal(
	    pki_tbs_ocsp_signer(&s, tbs->data, sizeof(tbs->data), &tbs->len),
	    0);
	signer = certify(w->issuer_key, EVP_sha256(), tbs);
	free(tbs);
	free(spki);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pki_cert_free(leaf);
	pki_cert_free(signer);
	EVP_PKEY_free(signer_key);
	world_free(w);
	return 0;
}

/* A request of ${n} certificates made by OpenSSL. */
static OCSP_REQUEST *
make_request(const EVP_MD *md, int n)
{
	OCSP_REQUEST *req = OCSP_REQUEST_new();
	X509 *issuer = to_x509(w->issuer), *x = to_x509(leaf);

	for (int i = 0; i < n; i++)
		assert_non_null(
		    OCSP_request_add0_id(req, OCSP_cert_to_id(md, x, issuer)));
	X509_free(issuer);
	X509_free(x);
	return req;
}

static int
parse(OCSP_REQUEST *req, struct der *d, struct pki_ocsp_request *ret)
{
	uint8_t *p = d->data;

	d->len = (size_t)i2d_OCSP_REQUEST(req, &p);
	return pki_ocsp_request_parse(bytes(d), ret);
}

static void
test_request(void **state)
{
	static const enum pki_ocsp_hash hashes[] = { PKI_OCSP_SHA1,
		PKI_OCSP_SHA256 };
	struct der *d = malloc(sizeof(*d));
	struct pki_ocsp_request r;
	uint8_t hash[32];
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		OCSP_REQUEST *req =
		    make_request(i == 0 ? EVP_sha1() : EVP_sha256(), 2);

		OCSP_request_add1_nonce(req, (uint8_t *)"0123456789abcdef", 16);
		assert_int_equal(parse(req, d, &r), 0);
		assert_int_equal(r.n, 2);
		assert_int_equal(r.id[0].hash, hashes[i]);
		assert_true(
		    pki_bytes_equal(r.id[1].serial, pki_cert_serial(leaf)));
		assert_int_equal(pki_ocsp_key_hash(pki_cert_spki(w->issuer),
				     hashes[i], hash, &len),
		    0);
		assert_true(pki_bytes_equal(r.id[0].key_hash, B(hash, len)));
		assert_int_equal(pki_ocsp_name_hash(pki_cert_subject(w->issuer),
				     hashes[i], hash, &len),
		    0);
		assert_true(pki_bytes_equal(r.id[0].name_hash, B(hash, len)));
		assert_true(
		    pki_bytes_equal(r.nonce, B("0123456789abcdef", 16)));
		OCSP_REQUEST_free(req);
	}
	free(d);
}

/* A signed request is read as if it were not. */
static void
test_request_signed(void **state)
{
	struct der *d = malloc(sizeof(*d));
	OCSP_REQUEST *req = make_request(EVP_sha1(), 1);
	struct pki_ocsp_request r;
	X509 *x = to_x509(leaf);

	(void)state;
	assert_int_equal(
	    OCSP_request_sign(req, x, w->leaf_key, EVP_sha256(), NULL, 0), 1);
	assert_int_equal(parse(req, d, &r), 0);
	assert_int_equal(r.n, 1);
	assert_null(r.nonce.data);
	X509_free(x);
	OCSP_REQUEST_free(req);
	free(d);
}

static int
with_nonce(size_t len)
{
	struct der *d = malloc(sizeof(*d));
	OCSP_REQUEST *req = make_request(EVP_sha1(), 1);
	struct pki_ocsp_request r;
	uint8_t text[256];
	int rc;

	memset(text, 'n', sizeof(text));
	OCSP_request_add1_nonce(req, text, (int)len);
	rc = parse(req, d, &r);
	if (rc == 0)
		assert_int_equal(r.nonce.len, len);
	OCSP_REQUEST_free(req);
	free(d);
	return rc;
}

static void
add_extension(OCSP_REQUEST *req, int nid, int critical)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ASN1_OCTET_STRING_set(value, (const uint8_t *)"\x05\x00", 2);
	ext = X509_EXTENSION_create_by_NID(NULL, nid, critical, value);
	assert_int_equal(OCSP_REQUEST_add_ext(req, ext, -1), 1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
}

static void
test_request_refused(void **state)
{
	struct der *d = malloc(sizeof(*d));
	struct pki_ocsp_request r;
	OCSP_REQUEST *req = make_request(EVP_sha1(), PKI_OCSP_CERTS_MAX);

	(void)state;
	assert_int_equal(parse(req, d, &r), 0);
	assert_int_equal(r.n, PKI_OCSP_CERTS_MAX);
	OCSP_REQUEST_free(req);
	req = make_request(EVP_sha1(), PKI_OCSP_CERTS_MAX + 1);
	assert_int_equal(parse(req, d, &r), ERR_PEER_TOO_LARGE);
	OCSP_REQUEST_free(req);
	req = make_request(EVP_sha1(), 0);
	assert_int_equal(parse(req, d, &r), ERR_PEER_MALFORMED);
	OCSP_REQUEST_free(req);
	/* What is not critical and not known is ignored. */
	req = make_request(EVP_sha1(), 1);
	add_extension(req, NID_id_pkix_OCSP_acceptableResponses, 0);
	assert_int_equal(parse(req, d, &r), 0);
	add_extension(req, NID_id_pkix_OCSP_archiveCutoff, 1);
	assert_int_equal(parse(req, d, &r), ERR_PEER_UNSUPPORTED);
	OCSP_REQUEST_free(req);
	assert_int_equal(with_nonce(1), 0);
	assert_int_equal(with_nonce(PKI_OCSP_NONCE_MAX), 0);
	assert_int_equal(
	    with_nonce(PKI_OCSP_NONCE_MAX + 1), ERR_PEER_MALFORMED);
	free(d);
}

/* Every cut and every changed octet is survived, and no cut is a request. */
static void
test_request_mutated(void **state)
{
	struct der *d = malloc(sizeof(*d)), *m = malloc(sizeof(*m));
	OCSP_REQUEST *req = make_request(EVP_sha256(), 3);
	struct pki_ocsp_request r;

	(void)state;
	OCSP_request_add1_nonce(req, NULL, 32);
	assert_int_equal(parse(req, d, &r), 0);
	for (size_t i = 0; i < d->len; i++) {
		m->len = i;
		memcpy(m->data, d->data, i);
		assert_int_not_equal(pki_ocsp_request_parse(bytes(m), &r), 0);
		m->len = d->len;
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(m->data, d->data, d->len);
			m->data[i] ^= (uint8_t)(1 << bit);
			if (pki_ocsp_request_parse(bytes(m), &r) == 0)
				assert_in_range(r.n, 1, PKI_OCSP_CERTS_MAX);
		}
	}
	OCSP_REQUEST_free(req);
	free(d);
	free(m);
}

/* Write a response about the leaf, as the responder does. */
static OCSP_RESPONSE *
respond(
    const struct pki_ocsp_single *of, struct pki_bytes nonce, struct der *out)
{
	struct der *d = malloc(sizeof(*d)), *sig = malloc(sizeof(*sig));
	struct pki_ocsp_data data = { .produced_ms = NOW_MS, .nonce = nonce };
	OCSP_REQUEST *req = make_request(EVP_sha256(), 2);
	struct pki_ocsp_single s[2] = { *of, *of };
	struct pki_ocsp_request r;
	struct pki_ocsp_signed all;
	struct pki_ocsp_times times;
	OCSP_RESPONSE *resp;
	uint8_t hash[32];
	const uint8_t *p;
	size_t len;

	assert_int_equal(parse(req, d, &r), 0);
	s[0].id = r.id[0].der;
	s[1].id = r.id[1].der;
	s[1].status = PKI_OCSP_UNKNOWN;
	data.n = 2;
	data.single = s;
	assert_int_equal(
	    pki_ocsp_key_hash(pki_cert_spki(signer), PKI_OCSP_SHA1, hash, &len),
	    0);
	memcpy(data.key_hash, hash, sizeof(data.key_hash));
	assert_int_equal(pki_ocsp_data_encode(
			     &data, out->data, sizeof(out->data), &out->len),
	    0);
	assert_int_equal(pki_ocsp_data_parse(bytes(out), &times), 0);
	assert_memory_equal(times.key_hash, hash, sizeof(times.key_hash));
	assert_int_equal(times.produced_ms, NOW_MS);
	assert_int_equal(times.this_first_ms, of->this_ms);
	assert_int_equal(times.this_last_ms, of->this_ms);
	assert_int_equal(times.life_max_ms, of->next_ms - of->this_ms);
	sign_with(signer_key, EVP_sha256(), bytes(out), sig);
	*d = *out;
	all.data = bytes(d);
	all.signature = bytes(sig);
	all.cert = pki_cert_der(signer);
	assert_int_equal(pki_ocsp_response_encode(
			     &all, out->data, sizeof(out->data), &out->len),
	    0);
	p = out->data;
	resp = d2i_OCSP_RESPONSE(NULL, &p, (long)out->len);
	assert_non_null(resp);
	assert_ptr_equal(p, out->data + out->len);
	OCSP_REQUEST_free(req);
	free(d);
	free(sig);
	return resp;
}

/* OpenSSL's judgement of the signature, by the root alone. */
static int
verify(OCSP_RESPONSE *resp)
{
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(resp);
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *root = to_x509(w->root), *issuer = to_x509(w->issuer);
	int ok;

	X509_STORE_add_cert(store, root);
	X509_VERIFY_PARAM_set_time(param, NOW_MS / 1000 + 60);
	sk_X509_push(chain, issuer);
	ok = OCSP_basic_verify(basic, chain, store, 0);
	sk_X509_free(chain);
	X509_free(root);
	X509_free(issuer);
	X509_STORE_free(store);
	OCSP_BASICRESP_free(basic);
	return ok;
}

static void
find(OCSP_RESPONSE *resp, int want_status, int want_reason)
{
	OCSP_BASICRESP *basic = OCSP_response_get1_basic(resp);
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *to = NULL;
	X509 *issuer = to_x509(w->issuer), *x = to_x509(leaf);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha256(), x, issuer);
	int status = -1, reason = -1;

	assert_int_equal(OCSP_resp_find_status(
			     basic, id, &status, &reason, &revoked, &from, &to),
	    1);
	assert_int_equal(status, want_status);
	assert_int_equal(reason, want_reason);
	assert_string_equal(
	    (const char *)ASN1_STRING_get0_data(from), "20261121120000Z");
	assert_string_equal(
	    (const char *)ASN1_STRING_get0_data(to), "20261122000000Z");
	if (want_status == V_OCSP_CERTSTATUS_REVOKED)
		assert_string_equal(
		    (const char *)ASN1_STRING_get0_data(revoked),
		    "20261120120000Z");
	OCSP_CERTID_free(id);
	X509_free(issuer);
	X509_free(x);
	OCSP_BASICRESP_free(basic);
}

static void
test_response(void **state)
{
	struct pki_ocsp_single s = { .status = PKI_OCSP_GOOD,
		.revoked_ms = NOW_MS - DAY_MS,
		.this_ms = NOW_MS,
		.next_ms = NOW_MS + DAY_MS / 2 };
	struct der *out = malloc(sizeof(*out));
	OCSP_BASICRESP *basic;
	OCSP_RESPONSE *resp;
	OCSP_REQUEST *req;

	(void)state;
	resp = respond(&s, B(NULL, 0), out);
	assert_int_equal(verify(resp), 1);
	find(resp, V_OCSP_CERTSTATUS_GOOD, -1);
	OCSP_RESPONSE_free(resp);
	s.status = PKI_OCSP_REVOKED;
	resp = respond(&s, B(NULL, 0), out);
	assert_int_equal(verify(resp), 1);
	find(resp, V_OCSP_CERTSTATUS_REVOKED, -1);
	OCSP_RESPONSE_free(resp);
	s.reason = 4;
	resp = respond(&s, B("0123456789abcdef", 16), out);
	assert_int_equal(verify(resp), 1);
	find(resp, V_OCSP_CERTSTATUS_REVOKED, 4);
	req = make_request(EVP_sha256(), 1);
	OCSP_request_add1_nonce(req, (uint8_t *)"0123456789abcdef", 16);
	basic = OCSP_response_get1_basic(resp);
	assert_int_equal(OCSP_check_nonce(req, basic), 1);
	OCSP_BASICRESP_free(basic);
	OCSP_REQUEST_free(req);
	OCSP_RESPONSE_free(resp);
	free(out);
}

/* One flipped bit of what is signed, and OpenSSL refuses it. */
static void
test_response_tampered(void **state)
{
	struct pki_ocsp_single s = { .status = PKI_OCSP_GOOD,
		.this_ms = NOW_MS,
		.next_ms = NOW_MS + DAY_MS / 2 };
	struct der *out = malloc(sizeof(*out));
	OCSP_RESPONSE *resp = respond(&s, B(NULL, 0), out);
	const uint8_t *p = out->data;
	uint8_t *at;

	(void)state;
	OCSP_RESPONSE_free(resp);
	at = memmem(out->data, out->len, "20261122000000Z", 15);
	assert_non_null(at);
	at[3] ^= 1;
	resp = d2i_OCSP_RESPONSE(NULL, &p, (long)out->len);
	assert_non_null(resp);
	assert_int_not_equal(verify(resp), 1);
	OCSP_RESPONSE_free(resp);
	free(out);
}

static void
test_errors(void **state)
{
	static const enum pki_ocsp_error all[] = { PKI_OCSP_MALFORMED_REQUEST,
		PKI_OCSP_INTERNAL_ERROR, PKI_OCSP_TRY_LATER,
		PKI_OCSP_UNAUTHORIZED };
	uint8_t out[PKI_OCSP_ERROR_LEN];
	OCSP_RESPONSE *resp;
	const uint8_t *p;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		pki_ocsp_error_encode(all[i], out);
		p = out;
		resp = d2i_OCSP_RESPONSE(NULL, &p, sizeof(out));
		assert_non_null(resp);
		assert_int_equal(OCSP_response_status(resp), (int)all[i]);
		OCSP_RESPONSE_free(resp);
	}
}

/* A ResponseData of OpenSSL's responder, which names itself as asked. */
static int
foreign(unsigned long flags, struct pki_ocsp_times *ret)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	X509 *issuer = to_x509(w->issuer), *x = to_x509(leaf);
	X509 *by = to_x509(signer);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, issuer);
	ASN1_TIME *from = X509_gmtime_adj(NULL, 0);
	ASN1_TIME *to = X509_gmtime_adj(NULL, 3600);
	uint8_t *der = NULL;
	int len, rc;

	assert_non_null(OCSP_basic_add1_status(
	    basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, from, to));
	assert_int_equal(
	    OCSP_basic_sign(basic, by, signer_key, EVP_sha256(), NULL, flags),
	    1);
	len = i2d_OCSP_RESPDATA(
	    (OCSP_RESPDATA *)(uintptr_t)OCSP_resp_get0_respdata(basic), &der);
	assert_true(len > 0);
	rc = pki_ocsp_data_parse(B(der, (size_t)len), ret);
	OPENSSL_free(der);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	OCSP_CERTID_free(id);
	X509_free(issuer);
	X509_free(x);
	X509_free(by);
	OCSP_BASICRESP_free(basic);
	return rc;
}

/* What OpenSSL's responder says is read by the signer's check, too. */
static void
test_data(void **state)
{
	struct pki_ocsp_times times;
	uint8_t hash[32];
	size_t len;

	(void)state;
	assert_int_equal(foreign(OCSP_RESPID_KEY, &times), 0);
	assert_in_range(times.life_max_ms, 3599000, 3601000);
	assert_int_equal(
	    pki_ocsp_key_hash(pki_cert_spki(signer), PKI_OCSP_SHA1, hash, &len),
	    0);
	assert_memory_equal(times.key_hash, hash, sizeof(times.key_hash));
	/* By name: the key does not tell whose it is. */
	assert_int_equal(foreign(0, &times), ERR_PEER_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_signed),
		cmocka_unit_test(test_request_refused),
		cmocka_unit_test(test_request_mutated),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_response_tampered),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_data),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
