/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include <unistd.h>

#include <openssl/ct.h>

#include "pki/ct.h"
#include "pki/lint.h"
#include "pki/pubkey.h"

/* Sign one SCT over the precertificate's TBS, as a log does. */
static void
make_sct(struct pki_world *w, EVP_PKEY *log, struct pki_bytes tbs,
    uint64_t index, struct pki_ct_sct *s)
{
	struct der *in = malloc(sizeof(*in)), *sig = malloc(sizeof(*sig));
	struct pki_ct_entry e = { .type = PKI_CT_PRECERT, .cert = tbs };
	struct der *spki = malloc(sizeof(*spki));

	memset(s, 0, sizeof(*s));
	spki_of(log, spki);
	assert_int_equal(pki_ct_key_hash(bytes(spki), s->log_id), 0);
	assert_int_equal(
	    pki_ct_key_hash(pki_cert_spki(w->issuer), e.issuer_key_hash), 0);
	s->timestamp_ms = NOW_MS;
	s->hash_alg = 4;
	s->sig_alg = 3;
	s->ext_len = PKI_CT_LEAF_INDEX_LEN;
	pki_ct_leaf_index_encode(index, s->ext);
	assert_int_equal(
	    pki_ct_signed_input(&e, s->timestamp_ms, B(s->ext, s->ext_len),
		in->data, sizeof(in->data), &in->len),
	    0);
	sign_with(log, EVP_sha256(), bytes(in), sig);
	s->sig_len = (uint16_t)sig->len;
	memcpy(s->sig, sig->data, sig->len);
	free(in);
	free(sig);
	free(spki);
}

static void
leaf(struct pki_world *w, enum pki_tbs_variant v, struct der *out)
{

	assert_int_equal(
	    pki_tbs_leaf(&w->leaf, v, out->data, sizeof(out->data), &out->len),
	    0);
}

/* Give OpenSSL the log by its configuration file. */
static void
load_log(CTLOG_STORE *store, EVP_PKEY *log)
{
	char path[] = "/tmp/troth-ctlog-XXXXXX";
	unsigned char b64[1024];
	struct der *spki = malloc(sizeof(*spki));
	FILE *f;
	int fd;

	spki_of(log, spki);
	EVP_EncodeBlock(b64, spki->data, (int)spki->len);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	fprintf(f, "enabled_logs = t\n[t]\ndescription = t\nkey = %s\n", b64);
	fclose(f);
	assert_int_equal(CTLOG_STORE_load_file(store, path), 1);
	unlink(path);
	free(spki);
}

/*
 * OpenSSL's own CT code is the judge: it finds the list in the certificate,
 * builds the signed data its own way and accepts the signature.
 */
static void
test_openssl_accepts(void **state)
{
	struct pki_world *w = *state;
	struct der *plain = malloc(sizeof(*plain));
	struct der *final = malloc(sizeof(*final));
	EVP_PKEY *log = new_ec("P-256");
	CTLOG_STORE *store = CTLOG_STORE_new();
	CT_POLICY_EVAL_CTX *ctx = CT_POLICY_EVAL_CTX_new();
	STACK_OF(SCT) * list;
	uint8_t ext[PKI_CT_LIST_MAX * (PKI_CT_SCT_MAX + 2) + 8];
	struct pki_bytes d;
	struct pki_ct_sct sct;
	struct pki_cert *c;
	const uint8_t *p;
	X509 *x, *issuer;

	leaf(w, PKI_TBS_PLAIN, plain);
	make_sct(w, log, bytes(plain), 7, &sct);
	assert_int_equal(pki_ct_list_encode(
			     &sct, 1, ext, sizeof(ext), &w->leaf.sct_list.len),
	    0);
	w->leaf.sct_list.data = ext;
	leaf(w, PKI_TBS_FINAL, final);
	c = certify(w->issuer_key, EVP_sha256(), final);
	d = pki_cert_der(c);
	p = d.data;
	x = d2i_X509(NULL, &p, (long)d.len);
	d = pki_cert_der(w->issuer);
	p = d.data;
	issuer = d2i_X509(NULL, &p, (long)d.len);
	list = X509_get_ext_d2i(x, NID_ct_precert_scts, NULL, NULL);
	assert_non_null(list);
	assert_int_equal(sk_SCT_num(list), 1);

	load_log(store, log);
	CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, store);
	assert_int_equal(CT_POLICY_EVAL_CTX_set1_cert(ctx, x), 1);
	assert_int_equal(CT_POLICY_EVAL_CTX_set1_issuer(ctx, issuer), 1);
	CT_POLICY_EVAL_CTX_set_time(ctx, NOW_MS + 1000);
	SCT_set_source(sk_SCT_value(list, 0), SCT_SOURCE_X509V3_EXTENSION);
	assert_int_equal(SCT_validate(sk_SCT_value(list, 0), ctx), 1);
	assert_int_equal(SCT_get_validation_status(sk_SCT_value(list, 0)),
	    SCT_VALIDATION_STATUS_VALID);
	SCT_LIST_free(list);
	CT_POLICY_EVAL_CTX_free(ctx);
	CTLOG_STORE_free(store);
	X509_free(x);
	X509_free(issuer);
	EVP_PKEY_free(log);
	pki_cert_free(c);
	free(plain);
	free(final);
}

/* Poison off the one and list off the other leave the same octets. */
static void
test_strip(void **state)
{
	struct pki_world *w = *state;
	struct der *plain = malloc(sizeof(*plain)), *d = malloc(sizeof(*d));
	uint8_t out[4096];
	size_t len;
	uint32_t hits;
	struct der *pre = malloc(sizeof(*pre));

	leaf(w, PKI_TBS_PLAIN, plain);
	leaf(w, PKI_TBS_PRECERT, pre);
	assert_int_equal(
	    pki_ct_strip(bytes(pre), PKI_OID_CT_POISON, out, sizeof(out), &len),
	    0);
	assert_int_equal(len, plain->len);
	assert_memory_equal(out, plain->data, len);
	assert_int_equal(pki_ct_strip(bytes(plain), PKI_OID_CT_POISON, out,
			     sizeof(out), &len),
	    ERR_STATE_NOT_FOUND);
	w->leaf.sct_list = B("\x04\x02\x00\x00", 4);
	leaf(w, PKI_TBS_FINAL, d);
	assert_int_equal(
	    pki_ct_strip(bytes(d), PKI_OID_CT_SCT_LIST, out, sizeof(out), &len),
	    0);
	assert_int_equal(len, plain->len);
	assert_memory_equal(out, plain->data, len);
	assert_int_equal(pki_lint_pair(bytes(pre), bytes(d), &hits), 0);
	assert_int_equal(hits, 0);
	/* The list put into the precertificate gives the same octets. */
	assert_int_equal(
	    pki_ct_embed(bytes(pre), w->leaf.sct_list, out, sizeof(out), &len),
	    0);
	assert_int_equal(len, d->len);
	assert_memory_equal(out, d->data, len);
	d->data[40] ^= 1;
	assert_int_equal(pki_lint_pair(bytes(pre), bytes(d), &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(17));
	free(plain);
	free(pre);
	free(d);
}

static int
lint_scts(const struct der *tbs, struct pki_bytes issuer_spki,
    const struct pki_lint_log *logs, size_t n, unsigned min_scts,
    uint32_t *ret_hits)
{
	struct pki_cert *c;
	int rc;

	assert_int_equal(pki_cert_parse_tbs(bytes(tbs), &c), 0);
	rc = pki_lint_scts(c, issuer_spki, logs, n, min_scts, ret_hits);
	pki_cert_free(c);
	return rc;
}

/* L18, and what a verifier must notice. */
static void
test_scts(void **state)
{
	struct pki_world *w = *state;
	struct der *plain = malloc(sizeof(*plain)), *d = malloc(sizeof(*d));
	struct der *spki = malloc(2 * sizeof(*spki));
	EVP_PKEY *log[2] = { new_ec("P-256"), new_ec("P-256") };
	struct pki_lint_log logs[2];
	uint8_t ext[8192];
	struct pki_ct_sct sct[2], back[PKI_CT_LIST_MAX];
	struct pki_bytes ispki = pki_cert_spki(w->issuer);
	uint32_t hits;
	size_t n, len;
	int i;

	leaf(w, PKI_TBS_PLAIN, plain);
	for (i = 0; i < 2; i++) {
		make_sct(w, log[i], bytes(plain), 5, &sct[i]);
		spki_of(log[i], &spki[i]);
		logs[i].spki = bytes(&spki[i]);
		logs[i].start_ms = NOW_MS - DAY_MS;
		logs[i].end_ms = NOW_MS + 7 * DAY_MS;
	}
	assert_int_equal(pki_ct_list_encode(sct, 2, ext, sizeof(ext), &len), 0);
	assert_int_equal(pki_ct_list_parse(B(ext, len), back, &n), 0);
	assert_int_equal(n, 2);
	assert_memory_equal(&back[0], &sct[0], sizeof(sct[0]));
	w->leaf.sct_list = B(ext, len);
	leaf(w, PKI_TBS_FINAL, d);
	assert_int_equal(lint_scts(d, ispki, logs, 2, 2, &hits), 0);
	assert_int_equal(hits, 0);
	/* Too few, unknown log, outside the range, the same log twice. */
	assert_int_equal(lint_scts(d, ispki, logs, 2, 3, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(18));
	assert_int_equal(lint_scts(d, ispki, logs, 1, 1, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(18));
	logs[1].end_ms = NOW_MS;
	assert_int_equal(lint_scts(d, ispki, logs, 2, 2, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(18));
	logs[1].end_ms = NOW_MS + 7 * DAY_MS;
	sct[1] = sct[0];
	assert_int_equal(pki_ct_list_encode(sct, 2, ext, sizeof(ext), &len), 0);
	w->leaf.sct_list = B(ext, len);
	leaf(w, PKI_TBS_FINAL, d);
	assert_int_equal(lint_scts(d, ispki, logs, 2, 2, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(18));
	/* A signature bit. */
	sct[0].sig[sct[0].sig_len - 1] ^= 1;
	assert_int_equal(pki_ct_list_encode(sct, 1, ext, sizeof(ext), &len), 0);
	w->leaf.sct_list = B(ext, len);
	leaf(w, PKI_TBS_FINAL, d);
	assert_int_equal(lint_scts(d, ispki, logs, 2, 1, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(18));
	for (i = 0; i < 2; i++)
		EVP_PKEY_free(log[i]);
	free(plain);
	free(d);
	free(spki);
}

/* Every prefix of a good SCT is refused, and one octet more. */
static void
test_sct_bounds(void **state)
{
	struct pki_world *w = *state;
	struct der *plain = malloc(sizeof(*plain));
	EVP_PKEY *log = new_ec("P-256");
	uint8_t buf[PKI_CT_SCT_MAX + 1];
	struct pki_ct_sct sct, back;
	uint64_t index;
	size_t len, i;

	leaf(w, PKI_TBS_PLAIN, plain);
	make_sct(w, log, bytes(plain), 0xfedcba9876, &sct);
	assert_int_equal(pki_ct_sct_encode(&sct, buf, sizeof(buf), &len), 0);
	assert_int_equal(pki_ct_sct_parse(B(buf, len), &back), 0);
	assert_int_equal(
	    pki_ct_leaf_index_parse(B(back.ext, back.ext_len), &index), 0);
	assert_true(index == UINT64_C(0xfedcba9876));
	for (i = 0; i < len; i++)
		assert_int_not_equal(pki_ct_sct_parse(B(buf, i), &back), 0);
	buf[len] = 0;
	assert_int_equal(
	    pki_ct_sct_parse(B(buf, len + 1), &back), ERR_PEER_TRAILING);
	buf[0] = 1;
	assert_int_equal(
	    pki_ct_sct_parse(B(buf, len), &back), ERR_PEER_UNSUPPORTED);
	EVP_PKEY_free(log);
	free(plain);
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
		cmocka_unit_test_setup_teardown(
		    test_openssl_accepts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scts, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_sct_bounds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
