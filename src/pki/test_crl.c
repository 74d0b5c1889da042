/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CRLs against OpenSSL, which reads, re-encodes and verifies what we write
 * and judges a certificate by it; and the reader of the key process against
 * what OpenSSL writes otherwise.
 */
#include "pki/pki_test.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "pki/crl.h"

#define SHARD_URL "http://status.test/crl/ca1/7.crl"

static struct pki_world *w;
static struct pki_profile profile;
static struct pki_cert *leaf;
static struct der tbs, crl_der;

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
	struct der *t = malloc(sizeof(*t));

	(void)state;
	w = world_new();
	profile = *pki_profile_builtin(0);
	profile.status_pointers = PKI_STATUS_BOTH;
	w->leaf.profile = &profile;
	assert_int_equal(pki_tbs_leaf(&w->leaf, PKI_TBS_PLAIN, t->data,
			     sizeof(t->data), &t->len),
	    0);
	leaf = certify(w->issuer_key, EVP_sha256(), t);
	free(t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pki_cert_free(leaf);
	world_free(w);
	return 0;
}

static struct pki_crl
plain_crl(void)
{
	struct pki_crl c = { .issuer = pki_cert_subject(w->issuer),
		.issuer_spki = pki_cert_spki(w->issuer),
		.this_update_ms = NOW_MS,
		.next_update_ms = NOW_MS + DAY_MS / 2,
		.number = UINT64_C(1795262400123) };

	return c;
}

/* Write, sign by OpenSSL, parse by OpenSSL, which must re-encode alike. */
static X509_CRL *
make(const struct pki_crl *c, struct pki_bytes entries)
{
	struct der *sig = malloc(sizeof(*sig));
	const uint8_t *p = crl_der.data;
	unsigned char *again = NULL;
	X509_CRL *x;
	int n;

	assert_int_equal(
	    pki_crl_tbs(c, entries, tbs.data, sizeof(tbs.data), &tbs.len), 0);
	sign_with(w->issuer_key, EVP_sha256(), bytes(&tbs), sig);
	assert_int_equal(pki_crl_assemble(bytes(&tbs), bytes(sig), crl_der.data,
			     sizeof(crl_der.data), &crl_der.len),
	    0);
	x = d2i_X509_CRL(NULL, &p, (long)crl_der.len);
	assert_non_null(x);
	assert_ptr_equal(p, crl_der.data + crl_der.len);
	n = i2d_X509_CRL(x, &again);
	assert_int_equal(n, crl_der.len);
	assert_memory_equal(again, crl_der.data, crl_der.len);
	OPENSSL_free(again);
	assert_int_equal(X509_CRL_verify(x, w->issuer_key), 1);
	free(sig);
	return x;
}

static void
add(struct der *entries, struct pki_bytes serial, int64_t at, unsigned reason)
{
	struct pki_crl_entry e = { serial, at, reason };
	size_t len;

	assert_int_equal(
	    pki_crl_entry(&e, entries->data + entries->len, &len), 0);
	entries->len += len;
}

/* -1: good, else the reason; by OpenSSL with the CRL checked. */
static int
judge(X509_CRL *crl)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	X509 *root = to_x509(w->root), *issuer = to_x509(w->issuer);
	X509 *x = to_x509(leaf);
	int rc, error;

	X509_STORE_add_cert(store, root);
	sk_X509_push(chain, issuer);
	sk_X509_CRL_push(crls, crl);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, x, chain), 1);
	X509_STORE_CTX_set0_crls(ctx, crls);
	X509_STORE_CTX_set_time(ctx,
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT,
	    (time_t)(NOW_MS / 1000));
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx),
	    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_EXTENDED_CRL_SUPPORT);
	rc = X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_free(chain);
	sk_X509_CRL_free(crls);
	X509_free(root);
	X509_free(issuer);
	X509_free(x);
	return rc == 1 ? X509_V_OK : error;
}

static void
test_entries(void **state)
{
	static const uint8_t high[] = { 0x80, 0x01 };
	struct pki_crl c = plain_crl();
	struct der *entries = calloc(1, sizeof(*entries));
	STACK_OF(X509_REVOKED) * rows;
	ASN1_ENUMERATED *reason;
	ASN1_INTEGER *number;
	X509_REVOKED *row;
	X509_CRL *x;
	int64_t v;
	int crit;

	(void)state;
	add(entries, pki_cert_serial(leaf), NOW_MS - 999, 1);
	add(entries, B(high, 2), NOW_MS - DAY_MS, 0);
	x = make(&c, bytes(entries));
	assert_int_equal(X509_CRL_get_version(x), 1);
	rows = X509_CRL_get_REVOKED(x);
	assert_int_equal(sk_X509_REVOKED_num(rows), 2);
	row = sk_X509_REVOKED_value(rows, 0);
	reason = X509_REVOKED_get_ext_d2i(row, NID_crl_reason, &crit, NULL);
	assert_int_equal(crit, 0);
	assert_int_equal(ASN1_ENUMERATED_get(reason), 1);
	ASN1_ENUMERATED_free(reason);
	row = sk_X509_REVOKED_value(rows, 1);
	assert_int_equal(X509_REVOKED_get_ext_count(row), 0);
	assert_int_equal(
	    ASN1_INTEGER_get_int64(&v, X509_REVOKED_get0_serialNumber(row)), 1);
	assert_int_equal(v, 0x8001);
	number = X509_CRL_get_ext_d2i(x, NID_crl_number, &crit, NULL);
	assert_int_equal(ASN1_INTEGER_get_int64(&v, number), 1);
	assert_int_equal(v, INT64_C(1795262400123));
	ASN1_INTEGER_free(number);
	assert_int_equal(
	    X509_CRL_get_ext_by_NID(x, NID_issuing_distribution_point, -1), -1);
	assert_int_equal(judge(x), X509_V_ERR_CERT_REVOKED);
	X509_CRL_free(x);
	/* Without the leaf, and without any entry at all, it is good. */
	entries->len = 0;
	add(entries, B(high, 2), NOW_MS, 4);
	x = make(&c, bytes(entries));
	assert_int_equal(judge(x), X509_V_OK);
	X509_CRL_free(x);
	x = make(&c, B(NULL, 0));
	assert_null(X509_CRL_get_REVOKED(x));
	assert_int_equal(judge(x), X509_V_OK);
	X509_CRL_free(x);
	free(entries);
}

/* A shard's CRL counts for certificates that point to it, and no others. */
static void
test_shard(void **state)
{
	struct pki_crl c = plain_crl();
	struct der *entries = calloc(1, sizeof(*entries));
	ISSUING_DIST_POINT *idp;
	X509_CRL *x;
	int crit;

	(void)state;
	c.idp_url = SHARD_URL;
	x = make(&c, B(NULL, 0));
	idp = X509_CRL_get_ext_d2i(
	    x, NID_issuing_distribution_point, &crit, NULL);
	assert_non_null(idp);
	assert_int_equal(crit, 1);
	assert_int_equal(idp->onlyuser, 0xff);
	ISSUING_DIST_POINT_free(idp);
	assert_int_equal(judge(x), X509_V_OK);
	X509_CRL_free(x);
	add(entries, pki_cert_serial(leaf), NOW_MS, 5);
	x = make(&c, bytes(entries));
	assert_int_equal(judge(x), X509_V_ERR_CERT_REVOKED);
	X509_CRL_free(x);
	c.idp_url = "http://status.test/crl/ca1/8.crl";
	x = make(&c, bytes(entries));
	assert_int_equal(judge(x), X509_V_ERR_DIFFERENT_CRL_SCOPE);
	X509_CRL_free(x);
	free(entries);
}

static void
test_read(void **state)
{
	struct pki_crl c = plain_crl();
	struct der *entries = calloc(1, sizeof(*entries));
	struct pki_crl_view v;
	size_t i, bad = 0;

	(void)state;
	c.idp_url = SHARD_URL;
	add(entries, pki_cert_serial(leaf), NOW_MS, 5);
	X509_CRL_free(make(&c, bytes(entries)));
	assert_int_equal(pki_crl_read(bytes(&tbs), &v), 0);
	assert_true(pki_bytes_equal(v.issuer, pki_cert_subject(w->issuer)));
	assert_int_equal(v.this_update_ms, NOW_MS);
	assert_int_equal(v.next_update_ms, NOW_MS + DAY_MS / 2);
	assert_int_equal(v.number, c.number);
	assert_true(pki_bytes_equal(v.entries, bytes(entries)));
	assert_int_equal(v.key_id.len, 20);
	assert_non_null(
	    memmem(v.idp.data, v.idp.len, SHARD_URL, strlen(SHARD_URL)));
	/* Every prefix is refused, and most changes of one octet. */
	for (i = 0; i < tbs.len; i++) {
		assert_true(pki_crl_read(B(tbs.data, i), &v) != 0);
		tbs.data[i] ^= 0x20;
		bad += pki_crl_read(bytes(&tbs), &v) != 0;
		tbs.data[i] ^= 0x20;
	}
	assert_true(bad > 20);
	c.idp_url = NULL;
	X509_CRL_free(make(&c, B(NULL, 0)));
	assert_int_equal(pki_crl_read(bytes(&tbs), &v), 0);
	assert_int_equal(v.entries.len, 0);
	assert_int_equal(v.idp.len, 0);
	free(entries);
}

/* What OpenSSL writes: the same form passes, any other does not. */
static int
read_foreign(const char *value, int nid)
{
	X509_CRL *x = X509_CRL_new();
	X509 *issuer = to_x509(w->issuer);
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(NOW_MS / 1000));
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	uint8_t *p = crl_der.data;
	struct pki_crl_view v;
	struct der *d = &crl_der;
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	int rc;

	X509_CRL_set_version(x, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(x, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(x, t);
	X509_CRL_set1_nextUpdate(x, t);
	X509V3_set_ctx(&ctx, issuer, NULL, NULL, x, 0);
	e = X509V3_EXT_conf_nid(
	    NULL, &ctx, NID_authority_key_identifier, "keyid");
	assert_non_null(e);
	X509_CRL_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ASN1_INTEGER_set(n, 42);
	X509_CRL_add1_ext_i2d(x, NID_crl_number, n, 0, 0);
	if (nid != 0) {
		e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
		assert_non_null(e);
		X509_CRL_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_CRL_sign(x, w->issuer_key, EVP_sha256()) > 0);
	d->len = (size_t)i2d_re_X509_CRL_tbs(x, &p);
	rc = pki_crl_read(bytes(d), &v);
	if (rc == 0)
		assert_int_equal(v.number, 42);
	X509_CRL_free(x);
	X509_free(issuer);
	ASN1_TIME_free(t);
	ASN1_INTEGER_free(n);
	return rc;
}

static void
test_foreign(void **state)
{
	(void)state;
	assert_int_equal(read_foreign(NULL, 0), 0);
	assert_int_equal(read_foreign("critical,fullname:URI:http://a.b/c,"
				      "onlyuser:TRUE",
			     NID_issuing_distribution_point),
	    0);
	assert_int_equal(read_foreign("fullname:URI:http://a.b/c",
			     NID_issuing_distribution_point),
	    ERR_PEER_MALFORMED);
	/* A delta CRL is another thing. */
	assert_int_equal(read_foreign("critical,DER:02:01:05", NID_delta_crl),
	    ERR_PEER_MALFORMED);
}

/* Longer than three octets of length can say, and more than one MiB. */
static void
test_large(void **state)
{
	struct pki_crl c = plain_crl();
	struct pki_crl_entry e = { pki_cert_serial(leaf), NOW_MS, 5 };
	struct pki_crl_view v;
	const size_t cap = 18 << 20;
	uint8_t *entries = malloc(cap), *out = malloc(cap + PKI_CRL_FRAME_MAX);
	size_t len = 0, one, out_len;

	(void)state;
	while (len + PKI_CRL_ENTRY_MAX < cap) {
		assert_int_equal(pki_crl_entry(&e, entries + len, &one), 0);
		len += one;
	}
	assert_int_equal(pki_crl_tbs(&c, B(entries, len), out,
			     len + PKI_CRL_FRAME_MAX, &out_len),
	    0);
	assert_int_equal(pki_crl_read(B(out, out_len), &v), 0);
	assert_int_equal(v.entries.len, len);
	assert_int_equal(pki_crl_tbs(&c, B(entries, len), out, len, &out_len),
	    ERR_SYS_LIMIT);
	e.serial.len = 0;
	assert_int_equal(pki_crl_entry(&e, entries, &one), ERR_SYS_LIMIT);
	e.serial = B(entries, 21);
	assert_int_equal(pki_crl_entry(&e, entries, &one), ERR_SYS_LIMIT);
	e.serial.len = 20;
	entries[0] = 0xff;
	assert_int_equal(pki_crl_entry(&e, entries + 32, &one), 0);
	e.revoked_ms = INT64_MIN;
	assert_int_equal(
	    pki_crl_entry(&e, entries + 32, &one), ERR_STATE_REFUSED);
	free(entries);
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_shard),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
