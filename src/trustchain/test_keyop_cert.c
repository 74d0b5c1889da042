/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A main process in a stranger's hands, talking to a real key process over
 * its socketpair: what it may not get, it does not get, also from the next
 * key process.  The hierarchy and the requests are made by our writer, the
 * signatures that are given out are checked by OpenSSL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "crypto/rng.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/sth.h"
#include "pki/cert.h"
#include "pki/ct.h"
#include "pki/profile.h"
#include "pki/san.h"
#include "pki/tbs.h"
#include "trustchain/ca_mint.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/ct_list.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_rig.h"
#include "wire/pem.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define ORIGIN "ct.test/2026w48"

/* Keys and certificates that all tests share. */
static struct {
	struct crypto_pkey *root, *issuer, *log, *other, *list, *leaf;
	struct pki_cert *root_cert, *cert;
	struct buf leaf_spki, log_spki, root_spki;
	uint8_t key_hash[32];
	char list_vkey[MERKLE_VKEY_TEXT_MAX];
	struct merkle_vkey list_parsed;
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
	uint8_t public[32];
	size_t len;

	(void)state;
	w.root = make(CRYPTO_KEY_P384);
	w.issuer = make(CRYPTO_KEY_P256);
	w.log = make(CRYPTO_KEY_P256);
	w.other = make(CRYPTO_KEY_P256);
	w.leaf = make(CRYPTO_KEY_P256);
	w.list = make(CRYPTO_KEY_ED25519);
	m.key = m.signer = w.root;
	assert_int_equal(ca_mint(&m, crypto_rng_system(), &w.root_cert), 0);
	m = (struct ca_mint){ .kind = CA_MINT_INTERMEDIATE,
		.number = 1,
		.key = w.issuer,
		.signer = w.root,
		.issuer = w.root_cert,
		.now_ms = RIG_NOW };
	assert_int_equal(ca_mint(&m, crypto_rng_system(), &w.cert), 0);
	base_buf_init(&w.leaf_spki, 8192);
	base_buf_init(&w.log_spki, 8192);
	base_buf_init(&w.root_spki, 8192);
	assert_int_equal(crypto_pkey_spki(w.root, &w.root_spki), 0);
	assert_int_equal(crypto_pkey_spki(w.leaf, &w.leaf_spki), 0);
	assert_int_equal(crypto_pkey_spki(w.log, &w.log_spki), 0);
	assert_int_equal(crypto_pkey_spki_sha256(w.issuer, w.key_hash), 0);
	assert_int_equal(
	    crypto_pkey_raw_public(w.list, public, sizeof(public), &len), 0);
	assert_int_equal(merkle_vkey_init(&w.list_parsed, "ct.test/log-list",
			     MERKLE_SIG_ED25519, public),
	    0);
	assert_int_equal(merkle_vkey_encode(&w.list_parsed, w.list_vkey), 0);
	return 0;
}

static int
teardown(void **state)
{
	struct crypto_pkey *all[] = { w.root, w.issuer, w.log, w.other, w.list,
		w.leaf };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		crypto_pkey_free(all[i]);
	pki_cert_free(w.root_cert);
	pki_cert_free(w.cert);
	base_buf_free(&w.leaf_spki);
	base_buf_free(&w.log_spki);
	base_buf_free(&w.root_spki);
	return 0;
}

/* Sign ${text} as a note and append the packed form of list and note. */
static void
packed_list(struct buf *out, int64_t start_ms, int64_t end_ms)
{
	struct ct_list *list = calloc(1, sizeof(*list));
	struct ct_list_entry *e = &list->entry[0];
	char line[MERKLE_NOTEKEY_LINE_MAX];
	struct buf json, note;
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;

	list->n = 1;
	assert_int_equal(base_str_copy(e->name, sizeof(e->name), "2026w48"), 0);
	assert_int_equal(
	    base_str_copy(e->origin, sizeof(e->origin), ORIGIN), 0);
	assert_int_equal(
	    base_str_copy(e->url, sizeof(e->url), "https://" ORIGIN), 0);
	assert_int_equal(base_str_copy(e->note_vkey, sizeof(e->note_vkey),
			     "n+00000000+AAAA"),
	    0);
	memcpy(e->key, w.log_spki.data, w.log_spki.len);
	e->key_len = w.log_spki.len;
	assert_int_equal(crypto_pkey_spki_sha256(w.log, e->log_id), 0);
	e->start_ms = start_ms;
	e->end_ms = end_ms;
	e->state = CT_LIST_OPEN;
	base_buf_init(&json, 65536);
	base_buf_init(&note, 65536);
	assert_int_equal(ct_list_encode(list, &json), 0);
	assert_int_equal(ct_list_note(7, json.data, json.len, &note), 0);
	assert_int_equal(
	    crypto_pkey_sign(w.list, note.data, note.len, sig, &len), 0);
	assert_int_equal(merkle_notekey_line(w.list_parsed.name,
			     w.list_parsed.id, sig, len, line),
	    0);
	assert_int_equal(base_buf_append(&note, "\n", 1), 0);
	assert_int_equal(base_buf_append(&note, line, strlen(line)), 0);
	assert_int_equal(
	    ct_list_pack(note.data, note.len, json.data, json.len, out), 0);
	base_buf_free(&json);
	base_buf_free(&note);
	free(list);
}

/* The other log, a foreign one, for what ends in [2026, 2027) or before it. */
static void
packed_foreign(struct buf *out, bool now)
{
	static const char both[] = "2026-01-01T00:00:00Z\0"
				   "2027-01-01T00:00:00Z",
			  past[] = "2025-01-01T00:00:00Z\0"
				   "2026-01-01T00:00:00Z";
	struct buf spki;

	base_buf_init(&spki, 8192);
	assert_int_equal(crypto_pkey_spki(w.other, &spki), 0);
	assert_int_equal(
	    base_buf_append(out, now ? both : past, sizeof(both)), 0);
	assert_int_equal(
	    wire_pem_encode("PUBLIC KEY", spki.data, spki.len, out), 0);
	base_buf_free(&spki);
}

/* What start_ca tells of the other log; NULL: nothing. */
static struct buf *foreign;

/* A key process of a CA with one issuer that wants ${min_scts} SCTs. */
static void
start_ca(struct rig *r, uint8_t min_scts)
{
	struct pki_bytes der = pki_cert_der(w.cert);
	struct buf pem, list;

	base_buf_init(&pem, 65536);
	base_buf_init(&list, 262144);
	assert_int_equal(
	    wire_pem_encode("CERTIFICATE", der.data, der.len, &pem), 0);
	assert_int_equal(
	    base_buf_append(&list, w.list_vkey, strlen(w.list_vkey) + 1), 0);
	packed_list(&list, RIG_NOW - 2 * DAY, RIG_NOW + 5 * DAY);
	rig_begin(r);
	rig_slot(r, 0, KEYOP_KIND_CA, 1000, w.issuer);
	rig_data(r, 0, KEYOP_TAG_CERT, pem.data, pem.len);
	rig_data(r, 0, KEYOP_TAG_MIN_SCTS, &min_scts, 1);
	rig_slot(r, KEYOP_SLOT_LOGS, KEYOP_KIND_LOGS, 0, NULL);
	rig_data(r, KEYOP_SLOT_LOGS, KEYOP_TAG_LIST, list.data, list.len);
	if (foreign != NULL)
		rig_data(r, KEYOP_SLOT_LOGS, KEYOP_TAG_FOREIGN, foreign->data,
		    foreign->len);
	rig_start(r);
	base_buf_free(&pem);
	base_buf_free(&list);
}

/* What a leaf request is made of; the payload is hash, then TBS. */
struct leaf {
	struct pki_tbs_leaf in;
	struct pki_san_list sans;
	uint8_t payload[32 + PKI_TBS_LEN_MAX];
	size_t len;
};

static struct leaf *
leaf_new(void)
{
	struct leaf *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	assert_int_equal(pki_san_add_text(&l->sans, "a.example.test"), 0);
	l->in.profile = pki_profile_builtin(0);
	l->in.issuer = w.cert;
	l->in.serial[0] = 0x41;
	l->in.sans = &l->sans;
	l->in.spki = (struct pki_bytes){ w.leaf_spki.data, w.leaf_spki.len };
	l->in.status_url = "http://status.test";
	l->in.issuer_id = "int1";
	assert_int_equal(pki_tbs_leaf_times(&l->in, RIG_NOW, 0), 0);
	return l;
}

static void
leaf_write(struct leaf *l, enum pki_tbs_variant variant)
{
	memset(l->payload, 0, 32);
	assert_int_equal(pki_tbs_leaf(&l->in, variant, l->payload + 32,
			     PKI_TBS_LEN_MAX, &l->len),
	    0);
	l->len += 32;
	if (variant == PKI_TBS_FINAL)
		memcpy(l->payload, w.key_hash, 32);
}

/* Make the SCT that ${key} gives for the leaf as it stands. */
static void
sct_with(struct leaf *l, const struct crypto_pkey *key, uint16_t ext_len,
    struct pki_ct_sct *sct)
{
	struct pki_ct_entry entry = { .type = PKI_CT_PRECERT };
	static uint8_t tbs[PKI_TBS_LEN_MAX], input[PKI_TBS_LEN_MAX + 64];
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;

	memset(sct, 0, sizeof(*sct));
	assert_int_equal(pki_tbs_leaf(&l->in, PKI_TBS_PLAIN, tbs, sizeof(tbs),
			     &entry.cert.len),
	    0);
	entry.cert.data = tbs;
	memcpy(entry.issuer_key_hash, w.key_hash, 32);
	assert_int_equal(crypto_pkey_spki_sha256(key, sct->log_id), 0);
	sct->timestamp_ms = (uint64_t)RIG_NOW;
	sct->hash_alg = 4;
	sct->sig_alg = 3;
	pki_ct_leaf_index_encode(42, sct->ext);
	sct->ext_len = ext_len;
	assert_int_equal(pki_ct_signed_input(&entry, sct->timestamp_ms,
			     (struct pki_bytes){ sct->ext, sct->ext_len },
			     input, sizeof(input), &len),
	    0);
	assert_int_equal(crypto_pkey_sign(key, input, len, sig, &len), 0);
	memcpy(sct->sig, sig, len);
	sct->sig_len = (uint16_t)len;
}

static void
sct_for(struct leaf *l, const struct crypto_pkey *key, struct pki_ct_sct *sct)
{
	sct_with(l, key, PKI_CT_LEAF_INDEX_LEN, sct);
}

static void
leaf_final(struct leaf *l, const struct pki_ct_sct *scts, size_t n)
{
	static uint8_t list[PKI_CT_LIST_MAX * PKI_CT_SCT_MAX];

	assert_int_equal(pki_ct_list_encode(
			     scts, n, list, sizeof(list), &l->in.sct_list.len),
	    0);
	l->in.sct_list.data = list;
	leaf_write(l, PKI_TBS_FINAL);
}

static int
ask_cert(struct rig *r, const struct leaf *l)
{
	return rig_call(r, KEYOP_CERT, 0, l->payload, l->len);
}

/* The answer is the issuer's signature over the TBS. */
static void
assert_signed(struct rig *r, const struct leaf *l)
{
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256, l->payload + 32,
		l->len - 32, r->answer, r->answer_len };

	assert_int_equal(crypto_pkey_verify(w.issuer, &s), 0);
}

static void
test_cert_good(void **state)
{
	struct leaf *l = leaf_new();
	struct pki_ct_sct sct;
	struct rig r;

	(void)state;
	start_ca(&r, 1);
	leaf_write(l, PKI_TBS_PRECERT);
	assert_int_equal(ask_cert(&r, l), 0);
	assert_signed(&r, l);
	sct_for(l, w.log, &sct);
	leaf_final(l, &sct, 1);
	assert_int_equal(ask_cert(&r, l), 0);
	assert_signed(&r, l);
	assert_int_equal(rig_reports(&r), 0);
	rig_close(&r, 0);
	free(l);
}

static void
refused(struct rig *r, const struct leaf *l, const char *why)
{
	assert_int_equal(ask_cert(r, l), ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(r), 1);
	assert_non_null(strstr(r->report, why));
}

/* Replace the only place where ${from} stands in the TBS. */
static void
patch(struct leaf *l, const char *from, const char *to, size_t len)
{
	uint8_t *at = memmem(l->payload + 32, l->len - 32, from, len);

	assert_non_null(at);
	memcpy(at, to, len);
}

static void
test_cert_times(void **state)
{
	struct leaf *l = leaf_new();
	int64_t from = l->in.not_before_ms, to = l->in.not_after_ms;
	struct rig r;

	(void)state;
	start_ca(&r, 1);
	l->in.not_after_ms = from + 365 * DAY;
	leaf_write(l, PKI_TBS_PRECERT);
	refused(&r, l, "longer than 24 hours");
	l->in.not_after_ms = from + DAY;
	leaf_write(l, PKI_TBS_PRECERT);
	refused(&r, l, "longer than 24 hours");
	l->in.not_before_ms = from + DAY;
	l->in.not_after_ms = to + DAY;
	leaf_write(l, PKI_TBS_PRECERT);
	refused(&r, l, "in the future");
	l->in.not_before_ms = RIG_NOW - 3606 * 1000;
	l->in.not_after_ms = RIG_NOW + HOUR;
	leaf_write(l, PKI_TBS_PRECERT);
	refused(&r, l, "in the past");
	l->in.not_before_ms = RIG_NOW - 3605 * 1000;
	leaf_write(l, PKI_TBS_PRECERT);
	assert_int_equal(ask_cert(&r, l), 0);
	rig_close(&r, 0);
	free(l);
}

static void
test_cert_usage(void **state)
{
	struct leaf *l = leaf_new();
	struct pki_tbs_ca ca = { .cn = "Mine",
		.issuer = w.cert,
		.serial = { 0x41 },
		.not_before_ms = l->in.not_before_ms,
		.not_after_ms = l->in.not_after_ms,
		.spki = l->in.spki };
	struct rig r;

	(void)state;
	start_ca(&r, 1);
	assert_int_equal(
	    pki_tbs_ca(&ca, l->payload + 32, PKI_TBS_LEN_MAX, &l->len), 0);
	l->len += 32;
	refused(&r, l, "is a CA certificate");
	leaf_write(l, PKI_TBS_PRECERT);
	/* extKeyUsage: serverAuth becomes OCSPSigning. */
	patch(l, "\x2b\x06\x01\x05\x05\x07\x03\x01",
	    "\x2b\x06\x01\x05\x05\x07\x03\x09", 8);
	refused(&r, l, "OCSPSigning");
	leaf_write(l, PKI_TBS_PRECERT);
	/* ... or anything else. */
	patch(l, "\x2b\x06\x01\x05\x05\x07\x03\x01",
	    "\x2b\x06\x01\x05\x05\x07\x03\x03", 8);
	refused(&r, l, "extKeyUsage");
	leaf_write(l, PKI_TBS_PRECERT);
	/* keyUsage: digitalSignature becomes keyCertSign. */
	patch(l, "\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80",
	    "\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x02\x04", 12);
	refused(&r, l, "keyUsage");
	l->in.issuer = w.root_cert;
	leaf_write(l, PKI_TBS_PRECERT);
	refused(&r, l, "issuer is not");
	rig_close(&r, 0);
	free(l);
}

static void
test_cert_scts(void **state)
{
	struct leaf *l = leaf_new();
	struct pki_ct_sct sct[2];
	struct rig r;

	(void)state;
	start_ca(&r, 1);
	leaf_write(l, PKI_TBS_PLAIN);
	refused(&r, l, "poison");
	sct_for(l, w.log, &sct[0]);
	leaf_final(l, sct, 1);
	memset(l->payload, 0, 32);
	refused(&r, l, "issuer_key_hash");
	sct[0].sig[20] ^= 1;
	leaf_final(l, sct, 1);
	refused(&r, l, "does not verify");
	sct_for(l, w.other, &sct[0]);
	leaf_final(l, sct, 1);
	refused(&r, l, "unknown log");
	/* One good SCT does not carry a bad one along. */
	sct_for(l, w.log, &sct[1]);
	leaf_final(l, sct, 2);
	refused(&r, l, "unknown log");
	sct[0] = sct[1];
	leaf_final(l, sct, 2);
	refused(&r, l, "two SCTs");
	/* An SCT of the same log for another certificate. */
	l->in.serial[15] ^= 1;
	leaf_final(l, sct, 1);
	refused(&r, l, "does not verify");
	rig_close(&r, 0);
	start_ca(&r, 2);
	sct_for(l, w.log, &sct[0]);
	leaf_final(l, sct, 1);
	refused(&r, l, "min_scts");
	rig_close(&r, 0);
	free(l);
}

/* A foreign log's SCT has no extensions, and counts in its range only. */
static void
test_cert_foreign(void **state)
{
	struct leaf *l = leaf_new();
	struct pki_ct_sct sct[2];
	struct buf packed;
	struct rig r;

	(void)state;
	base_buf_init(&packed, 8192);
	packed_foreign(&packed, true);
	foreign = &packed;
	start_ca(&r, 2);
	sct_for(l, w.log, &sct[0]);
	sct_with(l, w.other, 0, &sct[1]);
	leaf_final(l, sct, 2);
	assert_int_equal(ask_cert(&r, l), 0);
	assert_signed(&r, l);
	leaf_final(l, &sct[1], 1);
	refused(&r, l, "min_scts");
	sct[1].sig[20] ^= 1;
	leaf_final(l, sct, 2);
	refused(&r, l, "does not verify");
	sct_for(l, w.other, &sct[1]);
	leaf_final(l, sct, 2);
	refused(&r, l, "with extensions");
	/* Ours must say where the leaf is. */
	sct_with(l, w.log, 0, &sct[0]);
	sct_with(l, w.other, 0, &sct[1]);
	leaf_final(l, sct, 2);
	refused(&r, l, "without leaf_index");
	rig_close(&r, 0);
	base_buf_free(&packed);
	base_buf_init(&packed, 8192);
	packed_foreign(&packed, false);
	start_ca(&r, 1);
	leaf_final(l, &sct[1], 1);
	refused(&r, l, "another shard");
	rig_close(&r, 0);
	base_buf_free(&packed);
	foreign = NULL;
	free(l);
}

/* The form in which the key process is told of such a log. */
static void
test_foreign_form(void **state)
{
	struct ct_list_entry e;
	struct buf packed;
	uint8_t id[32], was;
	size_t i;

	(void)state;
	base_buf_init(&packed, 8192);
	packed_foreign(&packed, true);
	assert_int_equal(ca_log_foreign_open(packed.data, packed.len, &e), 0);
	assert_int_equal(e.end_ms - e.start_ms, 365 * DAY);
	assert_int_equal(crypto_pkey_spki_sha256(w.other, id), 0);
	assert_memory_equal(e.log_id, id, sizeof(id));
	/* Cut anywhere, but for the last line's end, it is nothing. */
	for (i = 0; i + 1 < packed.len; i++)
		assert_int_equal(ca_log_foreign_open(packed.data, i, &e),
		    ERR_STATE_CONFIG);
	/* Neither is a range that is none, or another kind of key. */
	was = packed.data[3];
	packed.data[3] = '8';
	assert_int_equal(
	    ca_log_foreign_open(packed.data, packed.len, &e), ERR_STATE_CONFIG);
	packed.data[3] = was;
	packed.len = 42;
	assert_int_equal(wire_pem_encode("PUBLIC KEY", w.root_spki.data,
			     w.root_spki.len, &packed),
	    0);
	assert_int_equal(
	    ca_log_foreign_open(packed.data, packed.len, &e), ERR_STATE_CONFIG);
	base_buf_free(&packed);
}

/* What is no TBSCertificate at all is malformed, not signed. */
static void
test_cert_malformed(void **state)
{
	struct leaf *l = leaf_new();
	struct rig r;

	(void)state;
	start_ca(&r, 1);
	leaf_write(l, PKI_TBS_PRECERT);
	assert_int_equal(rig_call(&r, KEYOP_CERT, 0, l->payload, l->len - 1),
	    ERR_PEER_MALFORMED);
	assert_int_equal(
	    rig_call(&r, KEYOP_CERT, 0, l->payload, 32), ERR_PEER_MALFORMED);
	/* The slot does nothing but CERT, and other slots do not exist. */
	assert_int_equal(
	    rig_call(&r, KEYOP_STH, 0, l->payload, 50), ERR_STATE_REFUSED);
	assert_int_equal(
	    rig_call(&r, KEYOP_CERT, 9, l->payload, l->len), ERR_STATE_REFUSED);
	assert_int_equal(
	    rig_call(&r, KEYOP_NOTE, 0, l->payload, l->len), ERR_STATE_REFUSED);
	assert_int_equal(rig_reports(&r), 3);
	rig_close(&r, 0);
	free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cert_good),
		cmocka_unit_test(test_cert_times),
		cmocka_unit_test(test_cert_usage),
		cmocka_unit_test(test_cert_scts),
		cmocka_unit_test(test_cert_foreign),
		cmocka_unit_test(test_foreign_form),
		cmocka_unit_test(test_cert_malformed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
