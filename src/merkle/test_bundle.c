/* SPDX-License-Identifier: Apache-2.0 */
/* What is verified offline: tlog-proofs and evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "crypto/ed25519.h"
#include "merkle/checkpoint.h"
#include "merkle/cosig.h"
#include "merkle/cosigned.h"
#include "merkle/evidence_file.h"
#include "merkle/notekey.h"
#include "merkle/quorum.h"
#include "merkle/signed.h"
#include "merkle/test_reference.h"
#include "merkle/tlogproof.h"
#include "merkle/tree.h"
#include "wire/builder.h"

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	assert_non_null(s);
	return s;
}

static struct merkle_vkey log_key;
static struct merkle_quorum_witness witness[3];
static struct merkle_quorum quorum = { 2, 3, witness };
static struct merkle_signed_policy policy = { &log_key, &quorum };

static int
verify(const char *s, size_t len, const char *record)
{
	struct merkle_quorum_result r;
	struct merkle_tlogproof p;
	struct merkle_hash leaf;
	struct merkle_head head;
	int rc;

	merkle_tree_leaf((const uint8_t *)record, strlen(record), &leaf);
	if ((rc = merkle_tlogproof_parse(s, len, &p)) != 0)
		return rc;
	return merkle_tlogproof_verify(&p, &leaf, &policy, &head, &r);
}

/* Proofs made by another implementation: each verifies, for its own record
 * and with all its octets only. */
static void
test_proofs(void **state)
{
	json_t *all = json_load_file(
	    "tests/vectors/transparency-dev-formats/tlogproof.json", 0, NULL);
	const json_t *list, *v;
	struct merkle_tlogproof p;
	char *s, again[16384];
	size_t i, at, len, n;

	(void)state;
	assert_non_null(all);
	assert_int_equal(merkle_vkey_parse(text_of(all, "Log"),
			     strlen(text_of(all, "Log")), &log_key),
	    0);
	list = json_object_get(all, "Witnesses");
	for (i = 0; i < 3; i++) {
		s = strdup(json_string_value(json_array_get(list, i)));
		witness[i].key_count = 1;
		assert_int_equal(
		    merkle_vkey_parse(s, strlen(s), &witness[i].key[0]), 0);
		free(s);
	}
	list = json_object_get(all, "Proofs");
	assert_int_equal(json_array_size(list), 9);
	for (i = 0; i < 9; i++) {
		v = json_array_get(list, i);
		s = strdup(text_of(v, "Text"));
		len = strlen(s);
		quorum.k = 2;
		assert_int_equal(verify(s, len, text_of(v, "Data")), 0);
		assert_int_equal(verify(s, len, "record x"), ERR_PEER_PROOF);
		assert_int_equal(merkle_tlogproof_parse(s, len, &p), 0);
		assert_int_equal(
		    merkle_tlogproof_encode(&p, again, sizeof(again), &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(again, s, n);
		quorum.k = 3;
		assert_int_equal(
		    verify(s, len, text_of(v, "Data")), ERR_STATE_REFUSED);
		quorum.k = 2;
		/* The last octets are those of the ML-DSA line; skip most. */
		for (at = 0; at < len; at += at + 3000 < len ? 1 : 97) {
			s[at] ^= 2;
			if (p.extra == NULL || s + at < s + 24 ||
			    at > 24 + 6 + p.extra_len)
				assert_int_not_equal(
				    verify(s, len, text_of(v, "Data")), 0);
			s[at] ^= 2;
		}
		free(s);
	}
	json_decref(all);
}

/* Our own log and witness, who lie. */
static const uint8_t log_seed[32] = { 1 }, witness_seed[32] = { 2 };
static struct merkle_vkey liar, lying_witness;

static struct merkle_head
head_of(int n)
{
	struct merkle_head head = { (uint64_t)n, { { 0 } } };

	ref_mth(0, n, head.root.b);
	return head;
}

/* A checkpoint with both signatures. */
static char *
sign_head(const struct merkle_head *head, const char *origin)
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	char line2[MERKLE_NOTEKEY_LINE_MAX], *note = malloc(16384);
	uint8_t sig[64], msg[MERKLE_COSIGNED_MAX], body[MERKLE_COSIG_BODY_MAX];
	struct merkle_cosigned m;
	struct merkle_cosig c;
	struct builder b;

	assert_int_equal(merkle_checkpoint_encode(origin, head, text), 0);
	assert_int_equal(
	    crypto_ed25519_sign(log_seed, text, strlen(text), sig), 0);
	assert_int_equal(
	    merkle_notekey_line(liar.name, liar.id, sig, 64, line), 0);
	assert_int_equal(merkle_cosigned_init(&m, MERKLE_SIG_COSIGNATURE,
			     lying_witness.name, text, strlen(text)),
	    0);
	m.timestamp_s = c.timestamp_s = 1700000000 + head->size;
	wire_builder_init(&b, msg, sizeof(msg));
	merkle_cosigned_encode(&m, &b);
	c.sig_len = 64;
	assert_int_equal(
	    crypto_ed25519_sign(witness_seed, msg, b.len, c.sig), 0);
	assert_int_equal(
	    merkle_notekey_line(lying_witness.name, lying_witness.id, body,
		merkle_cosig_body(&c, body), line2),
	    0);
	assert_non_null(note);
	(void)snprintf(note, 16384, "%s\n%s%s", text, line, line2);
	return note;
}

static int
setup(void **state)
{
	uint8_t pub[32];

	(void)state;
	ref_init();
	assert_int_equal(crypto_ed25519_public(log_seed, pub), 0);
	assert_int_equal(
	    merkle_vkey_init(&liar, "log.example/x", MERKLE_SIG_ED25519, pub),
	    0);
	assert_int_equal(crypto_ed25519_public(witness_seed, pub), 0);
	assert_int_equal(merkle_vkey_init(&lying_witness, "witness.example/x",
			     MERKLE_SIG_COSIGNATURE, pub),
	    0);
	return 0;
}

static void
fill(struct merkle_evidence *e, enum merkle_evidence_type type, const char *a,
    const char *b)
{
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->a = a;
	e->a_len = strlen(a);
	e->b = b;
	e->b_len = strlen(b);
}

static void
test_equivocation(void **state)
{
	struct merkle_head one = head_of(100), two = one, small = head_of(99);
	char *a, *b, *c, *d;
	struct merkle_evidence e;

	(void)state;
	two.root.b[0] ^= 1;
	a = sign_head(&one, liar.name);
	b = sign_head(&two, liar.name);
	c = sign_head(&small, liar.name);
	d = sign_head(&two, "log.example/other");
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, b);
	assert_int_equal(merkle_evidence_verify(&e, &liar), 0);
	e.type = MERKLE_EVIDENCE_BAD_COSIGNATURE;
	assert_int_equal(merkle_evidence_verify(&e, &lying_witness), 0);
	/* By the wrong key, or a type that it is not. */
	assert_int_equal(
	    merkle_evidence_verify(&e, &liar), ERR_PEER_UNSUPPORTED);
	e.type = MERKLE_EVIDENCE_FORK;
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	/* Twice the same, other sizes, another log: no contradiction. */
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, a);
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, c);
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, d);
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_MISMATCH);
	fill(&e, MERKLE_EVIDENCE_BAD_COSIGNATURE, a, d);
	assert_int_equal(
	    merkle_evidence_verify(&e, &lying_witness), ERR_PEER_PROOF);
	/* One of the heads forged by the accuser. */
	b[30] ^= 1;
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, b);
	assert_int_not_equal(merkle_evidence_verify(&e, &liar), 0);
	free(a);
	free(b);
	free(c);
	free(d);
}

/* The log signs size m with a root that its tree of 200 never had. */
static void
check_fork(int m)
{
	struct merkle_head lie = head_of(m), real = head_of(200), truth = lie;
	struct merkle_evidence e;
	uint8_t hash[16][32];
	char *a, *b, *good;
	int i, n;

	lie.root.b[7] ^= 1;
	a = sign_head(&lie, liar.name);
	good = sign_head(&truth, liar.name);
	b = sign_head(&real, liar.name);
	fill(&e, MERKLE_EVIDENCE_FORK, a, b);
	n = ref_subproof(m, 0, 200, 1, hash);
	e.proof.hash[0] = truth.root;
	for (i = 0; i < n; i++)
		memcpy(e.proof.hash[i + 1].b, hash[i], 32);
	e.proof.count = (size_t)n + 1;
	assert_int_equal(merkle_evidence_verify(&e, &liar), 0);
	e.type = MERKLE_EVIDENCE_BAD_COSIGNATURE;
	assert_int_equal(merkle_evidence_verify(&e, &lying_witness), 0);
	e.type = MERKLE_EVIDENCE_FORK;
	/* An honest head is not accused, whatever the list says. */
	fill(&e, MERKLE_EVIDENCE_FORK, good, b);
	for (i = 0; i <= n + 1; i++) {
		e.proof.count = (size_t)i;
		assert_int_equal(
		    merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	}
	e.proof.count = (size_t)n + 1;
	e.proof.hash[0].b[7] ^= 1;
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	free(a);
	free(b);
	free(good);
}

static void
test_fork(void **state)
{
	struct merkle_head zero = head_of(0), real = head_of(200);
	struct merkle_evidence e;
	char *a, *b;
	int m;

	(void)state;
	for (m = 1; m < 200; m += m < 20 ? 1 : 13)
		check_fork(m);
	check_fork(128);
	/* The empty tree with a root. */
	a = sign_head(&zero, liar.name);
	b = sign_head(&real, liar.name);
	fill(&e, MERKLE_EVIDENCE_FORK, a, b);
	e.proof.count = 1;
	assert_int_equal(merkle_evidence_verify(&e, &liar), ERR_PEER_PROOF);
	free(a);
	zero.root.b[0] ^= 1;
	a = sign_head(&zero, liar.name);
	fill(&e, MERKLE_EVIDENCE_FORK, a, b);
	e.proof.count = 1;
	assert_int_equal(merkle_evidence_verify(&e, &liar), 0);
	free(a);
	free(b);
}

static void
test_file(void **state)
{
	static const char *const bad[] = { "{}", "[]", "", "x",
		"{\"type\":\"fork\"}" };
	struct merkle_head one = head_of(100), two = one;
	struct merkle_evidence_file *file;
	struct merkle_evidence e, back;
	char *a, *b, *text, *p;
	size_t i, len;

	(void)state;
	two.root.b[0] ^= 1;
	a = sign_head(&one, liar.name);
	b = sign_head(&two, liar.name);
	fill(&e, MERKLE_EVIDENCE_EQUIVOCATION, a, b);
	e.proof.count = 2;
	text = merkle_evidence_file_encode(
	    &e, liar.name, "seen by a monitor", "2026-11-21T15:00:00Z");
	assert_non_null(text);
	len = strlen(text);
	assert_int_equal(
	    merkle_evidence_file_parse(text, len, &file, &back), 0);
	assert_int_equal(merkle_evidence_verify(&back, &liar), 0);
	assert_int_equal(back.proof.count, 2);
	merkle_evidence_file_free(file);
	for (i = 0; i < len; i++)
		assert_int_not_equal(
		    merkle_evidence_file_parse(text, i, &file, &back), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(merkle_evidence_file_parse(
					 bad[i], strlen(bad[i]), &file, &back),
		    0);
	assert_non_null(p = strstr(text, "equivocation"));
	*p = 'E';
	assert_int_equal(merkle_evidence_file_parse(text, len, &file, &back),
	    ERR_PEER_UNSUPPORTED);
	assert_int_equal(merkle_evidence_file_parse(
			     text, MERKLE_EVIDENCE_FILE_MAX + 1, &file, &back),
	    ERR_PEER_TOO_LARGE);
	merkle_evidence_file_free(NULL);
	free(text);
	free(a);
	free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_equivocation),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests_name("merkle/bundle", tests, setup, NULL);
}
