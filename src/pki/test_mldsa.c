/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ML-DSA in certificates (RFC 9881): the RFC's own examples, and a hierarchy
 * of ours that OpenSSL verifies.
 */
#include "pki/pki_test.h"

#include "base/buf.h"
#include "pki/chain.h"
#include "pki/lint.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/roots.h"
#include "pki/san.h"
#include "pki/signer.h"
#include "wire/pem.h"

#define VECTORS "tests/vectors/rfc9881/"

static const char *const kinds[] = { "ML-DSA-44", "ML-DSA-65", "ML-DSA-87" };
static const enum pki_key_type types[] = { PKI_KEY_MLDSA44, PKI_KEY_MLDSA65,
	PKI_KEY_MLDSA87 };

/* The certificates of the RFC's appendix are self-signed. */
static void
test_examples(void **state)
{
	char path[128], text[16384];
	enum pki_key_type type;
	struct pki_cert *c;
	struct buf der;
	size_t n, pos;
	FILE *f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), VECTORS "%s.crt", kinds[i]);
		assert_non_null(f = fopen(path, "r"));
		n = fread(text, 1, sizeof(text), f);
		assert_int_equal(fclose(f), 0);
		pos = 0;
		base_buf_init(&der, 65536);
		assert_int_equal(
		    wire_pem_next(text, n, &pos, "CERTIFICATE", &der), 0);
		assert_int_equal(pki_cert_parse(B(der.data, der.len), &c), 0);
		assert_int_equal(pki_pubkey_check(pki_cert_spki(c),
				     PKI_KEY_MLDSA, &type, NULL),
		    0);
		assert_int_equal(type, types[i]);
		assert_int_equal(pki_cert_verify(c, c), 0);
		assert_int_equal(pki_pubkey_verify(pki_cert_spki(c),
				     pki_cert_tbs(c), pki_cert_signature(c)),
		    0);
		pki_cert_free(c);
		base_buf_free(&der);
	}
}

struct world {
	EVP_PKEY *root_key, *issuer_key;
	struct pki_cert *root, *issuer;
	struct pki_san_list sans;
};

static struct pki_cert *
certify_ca(struct world *w, EVP_PKEY *key, uint32_t pathlen)
{
	struct der *tbs = malloc(sizeof(*tbs)), *spki = malloc(sizeof(*spki));
	struct pki_tbs_ca ca = { .cn = pathlen == 1 ? "Root" : "Intermediate",
		.ou = "Test PQ",
		.issuer = w->root,
		.not_before_ms = NOW_MS - DAY_MS,
		.not_after_ms = NOW_MS + 1000 * DAY_MS,
		.pathlen = pathlen };
	struct pki_cert *c;

	serial_for(ca.serial, (uint8_t)(pathlen + 1));
	spki_of(key, spki);
	ca.spki = bytes(spki);
	assert_int_equal(
	    pki_tbs_ca(&ca, tbs->data, sizeof(tbs->data), &tbs->len), 0);
	c = certify(w->root_key, NULL, tbs);
	free(tbs);
	free(spki);
	return c;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->root_key = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-87");
	w->issuer_key = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-65");
	w->root = certify_ca(w, w->root_key, 1);
	w->issuer = certify_ca(w, w->issuer_key, 0);
	assert_int_equal(pki_san_add_text(&w->sans, "pq.example.test"), 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	pki_cert_free(w->root);
	pki_cert_free(w->issuer);
	EVP_PKEY_free(w->root_key);
	EVP_PKEY_free(w->issuer_key);
	free(w);
	return 0;
}

/* A leaf of each kind: linted, signed, verified up to the root by OpenSSL. */
static void
test_hierarchy(void **state)
{
	static const struct pki_name_policy policy;
	struct world *w = *state;
	struct pki_tbs_leaf leaf = { .profile = pki_profile_builtin(0),
		.issuer = w->issuer,
		.sans = &w->sans,
		.status_url = "http://status.test",
		.issuer_id = "pq-1" };
	struct pki_lint_input in = { .profile = leaf.profile,
		.issuer = w->issuer,
		.names = &policy,
		.status_url = leaf.status_url,
		.issuer_id = leaf.issuer_id };
	struct der *tbs = malloc(sizeof(*tbs)), *spki = malloc(sizeof(*spki));
	const struct pki_cert *chain[2];
	struct pki_roots *roots;
	struct pki_cert *c, *own;
	uint32_t hits;
	EVP_PKEY *key;

	assert_int_equal(pki_roots_new(&roots), 0);
	assert_int_equal(pki_roots_add(roots, pki_cert_der(w->root)), 0);
	serial_for(leaf.serial, 9);
	assert_int_equal(pki_tbs_leaf_times(&leaf, NOW_MS, 0), 0);
	for (int i = 0; i < 3; i++) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);
		spki_of(key, spki);
		leaf.spki = bytes(spki);
		assert_int_equal(pki_tbs_leaf(&leaf, PKI_TBS_PRECERT, tbs->data,
				     sizeof(tbs->data), &tbs->len),
		    0);
		in.tbs = bytes(tbs);
		assert_int_equal(pki_lint_tbs(&in, &hits), 0);
		assert_int_equal(hits, 0);
		c = certify(w->issuer_key, NULL, tbs);
		chain[0] = c;
		chain[1] = w->issuer;
		assert_int_equal(
		    pki_chain_verify(roots, chain, 2, NOW_MS, NULL), 0);
		assert_int_equal(pki_cert_parse_own(pki_cert_der(c), &own), 0);
		assert_int_equal(pki_cert_verify(own, w->issuer), 0);
		assert_int_equal(
		    pki_cert_verify(own, w->root), ERR_PEER_MISMATCH);
		pki_cert_free(own);
		pki_cert_free(c);
		EVP_PKEY_free(key);
	}
	pki_roots_free(roots);
	free(tbs);
	free(spki);
}

/* An issuer that is not post-quantum itself certifies no such key (L15). */
static void
test_classical_issuer(void **state)
{
	static const struct pki_name_policy policy;
	struct world *w = *state;
	struct pki_world *old = world_new();
	struct pki_lint_input in = { .profile = old->leaf.profile,
		.issuer = old->issuer,
		.names = &policy,
		.status_url = old->leaf.status_url,
		.issuer_id = old->leaf.issuer_id,
		.crl_shard = old->leaf.crl_shard };
	struct der *tbs = malloc(sizeof(*tbs));
	uint32_t hits;

	assert_int_equal(
	    pki_signer_allows(pki_cert_spki(old->issuer), PKI_KEY_ANY),
	    PKI_KEY_ANY & ~PKI_KEY_MLDSA);
	assert_int_equal(
	    pki_signer_allows(pki_cert_spki(w->issuer), PKI_KEY_ANY),
	    PKI_KEY_ANY);
	old->leaf.spki = pki_cert_spki(w->issuer);
	assert_int_equal(pki_tbs_leaf(&old->leaf, PKI_TBS_PRECERT, tbs->data,
			     sizeof(tbs->data), &tbs->len),
	    0);
	in.tbs = bytes(tbs);
	assert_int_equal(pki_lint_tbs(&in, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(15));
	world_free(old);
	free(tbs);
}

/* A key whose algorithm has parameters, or of another length, is none. */
static void
test_form(void **state)
{
	struct world *w = *state;
	struct pki_bytes spki = pki_cert_spki(w->issuer);
	uint8_t *bad = malloc(spki.len + 2);
	const char *why = "";

	/* SEQUENCE, SEQUENCE, OID, BIT STRING: their lengths are at 2, 5. */
	memcpy(bad, spki.data, spki.len);
	assert_int_equal(bad[4], 0x30);
	assert_int_equal(bad[5], 11);
	memmove(bad + 19, bad + 17, spki.len - 17);
	bad[17] = 0x05;
	bad[18] = 0x00;
	bad[5] = 13;
	bad[3] = (uint8_t)(bad[3] + 2);
	assert_int_equal(
	    pki_pubkey_check(B(bad, spki.len + 2), PKI_KEY_ANY, NULL, &why),
	    ERR_PEER_KEY);
	assert_string_equal(why, "malformed key");
	/* One octet less. */
	memcpy(bad, spki.data, spki.len);
	bad[3]--;
	bad[20]--;
	assert_int_equal(
	    pki_pubkey_check(B(bad, spki.len - 1), PKI_KEY_ANY, NULL, &why),
	    ERR_PEER_KEY);
	assert_string_equal(why, "key has the wrong length");
	free(bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_hierarchy),
		cmocka_unit_test(test_classical_issuer),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
