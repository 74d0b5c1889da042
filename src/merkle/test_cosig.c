/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/cosig.h"

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
#include "crypto/mldsa.h"
#include "merkle/cosigned.h"
#include "merkle/notekey.h"
#include "merkle/quorum.h"
#include "wire/base64.h"
#include "wire/builder.h"

#define TEXT                                                                   \
	"log.example/one\n123\n"                                               \
	"f+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n"

static json_t *vectors; /* made by another implementation, see PROVENANCE.md */

static int
load(void **state)
{
	(void)state;
	vectors = json_load_file(
	    "tests/vectors/transparency-dev-formats/cosig.json", 0, NULL);
	return vectors != NULL ? 0 : -1;
}

static int
unload(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static const char *
text_of(const json_t *o, const char *member)
{
	const char *s = json_string_value(json_object_get(o, member));

	assert_non_null(s);
	return s;
}

static void
vkey_of(const char *s, struct merkle_vkey *key)
{
	char back[MERKLE_VKEY_TEXT_MAX];

	assert_int_equal(merkle_vkey_parse(s, strlen(s), key), 0);
	assert_int_equal(merkle_vkey_encode(key, back), 0);
	assert_string_equal(back, s);
}

static int
verify(const char *s, const struct merkle_vkey *key, uint64_t *time_s)
{
	struct merkle_note note;

	assert_int_equal(merkle_note_parse(s, strlen(s), &note), 0);
	return merkle_cosig_verify(&note, key, time_s);
}

/* Each vector verifies; with any octet of its text changed it does not,
 * except ML-DSA's with changed extension lines, which it does not cover. */
static void
test_vectors(void **state)
{
	uint64_t time_s;
	struct merkle_vkey key;
	struct merkle_note note;
	const char *ext;
	size_t i, n, at, step;
	json_t *v;
	char *s;
	int rc;

	(void)state;
	n = json_array_size(json_object_get(vectors, "Notes"));
	assert_int_equal(n, 8);
	for (i = 0; i < n; i++) {
		v = json_array_get(json_object_get(vectors, "Notes"), i);
		vkey_of(text_of(v, "Vkey"), &key);
		s = strdup(text_of(v, "Note"));
		assert_int_equal(verify(s, &key, &time_s), 0);
		assert_in_range(time_s, 1795000000, 1796000000);
		assert_int_equal(merkle_note_parse(s, strlen(s), &note), 0);
		ext = strstr(s, "first");
		step = key.type == MERKLE_SIG_COSIGNATURE ? 1 : 7;
		for (at = 0; at < note.text_len - 1; at += step) {
			if (s[at] == '\n')
				continue;
			s[at] ^= 1;
			rc = verify(s, &key, &time_s);
			if (ext != NULL && s + at >= ext &&
			    key.type == MERKLE_SIG_COSIGNATURE44)
				assert_int_equal(rc, 0);
			else if (rc != ERR_PEER_MALFORMED)
				assert_int_equal(rc, ERR_PEER_SIGNATURE);
			s[at] ^= 1;
		}
		free(s);
	}
}

/* A signature line that was changed, or is of the wrong length or kind. */
static void
test_bad_lines(void **state)
{
	const json_t *v = json_array_get(json_object_get(vectors, "Notes"), 0);
	char *s = strdup(text_of(v, "Note")), *line;
	struct merkle_vkey key, other;
	struct merkle_note note;
	uint8_t body[MERKLE_COSIG_BODY_MAX];
	char full[8192], made[MERKLE_NOTEKEY_LINE_MAX];
	uint64_t time_s;
	size_t n, i;

	(void)state;
	vkey_of(text_of(v, "Vkey"), &key);
	line = strstr(s, "\xe2\x80\x94");
	assert_int_equal(merkle_note_parse(s, strlen(s), &note), 0);
	assert_int_equal(
	    merkle_note_sig_decode(&note.sig[0], body, sizeof(body), &n), 0);
	assert_int_equal(n, 72);
	*line = '\0';
	for (i = 0; i < n; i++) {
		body[i] ^= 0x80;
		assert_int_equal(
		    merkle_notekey_line(key.name, key.id, body, n, made), 0);
		(void)snprintf(full, sizeof(full), "%s%s", s, made);
		assert_int_equal(
		    verify(full, &key, &time_s), ERR_PEER_SIGNATURE);
		body[i] ^= 0x80;
	}
	/* One octet short, one long; then the same line twice. */
	for (i = 71; i <= 73; i++) {
		assert_int_equal(
		    merkle_notekey_line(key.name, key.id, body, i, made), 0);
		(void)snprintf(full, sizeof(full), "%s%s%s", s, made, made);
		assert_int_equal(verify(full, &key, &time_s),
		    i == 72 ? 0 : ERR_PEER_SIGNATURE);
	}
	/* Other keys: unknown, and no cosigner. */
	other = key;
	other.id ^= 1;
	assert_int_equal(
	    verify(text_of(v, "Note"), &other, &time_s), ERR_STATE_NOT_FOUND);
	other = key;
	other.type = MERKLE_SIG_ED25519;
	assert_int_equal(
	    verify(text_of(v, "Note"), &other, &time_s), ERR_PEER_UNSUPPORTED);
	/* A note that is no checkpoint. */
	assert_int_equal(
	    verify("not\na checkpoint\n\n"
		   "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQ\n",
		&key, &time_s),
	    ERR_PEER_MALFORMED);
	free(s);
}

/* Subtree cosignatures, by the message that both sides build. */
static void
test_subtrees(void **state)
{
	const json_t *list = json_object_get(vectors, "Subtrees"), *v;
	uint8_t raw[MERKLE_COSIG_BODY_MAX], msg[MERKLE_COSIGNED_MAX];
	struct merkle_cosigned m, back;
	struct merkle_cosig cosig;
	struct merkle_vkey key;
	struct builder b;
	size_t i, n;

	(void)state;
	assert_int_equal(json_array_size(list), 3);
	for (i = 0; i < 3; i++) {
		v = json_array_get(list, i);
		vkey_of(text_of(v, "Vkey"), &key);
		assert_int_equal(
		    merkle_cosigned_init(&m, MERKLE_SIG_COSIGNATURE44, key.name,
			TEXT, strlen(TEXT)),
		    0);
		(void)snprintf(
		    m.origin, sizeof(m.origin), "%s", text_of(v, "Origin"));
		m.timestamp_s = (uint64_t)json_integer_value(
		    json_object_get(v, "Timestamp"));
		m.start =
		    (uint64_t)json_integer_value(json_object_get(v, "Start"));
		m.head.size =
		    (uint64_t)json_integer_value(json_object_get(v, "End"));
		assert_int_equal(
		    wire_base64_decode(WIRE_BASE64_STD, text_of(v, "Signature"),
			strlen(text_of(v, "Signature")), raw, sizeof(raw), &n),
		    0);
		assert_int_equal(n, MERKLE_COSIG_BODY_MAX);
		cosig.timestamp_s = m.timestamp_s;
		cosig.sig_len = n - 8;
		memcpy(cosig.sig, raw + 8, n - 8);
		assert_int_equal(merkle_cosig_check(&m, &key, &cosig), 0);
		wire_builder_init(&b, msg, sizeof(msg));
		merkle_cosigned_encode(&m, &b);
		assert_int_equal(merkle_cosigned_parse(MERKLE_SIG_COSIGNATURE44,
				     msg, b.len, &back),
		    0);
		assert_int_equal(back.start, m.start);
		assert_string_equal(back.cosigner, key.name);
		m.start ^= 1;
		assert_int_equal(
		    merkle_cosig_check(&m, &key, &cosig), ERR_PEER_SIGNATURE);
	}
}

/* What a key process is asked to sign: whole, and cut, and changed. */
static void
test_messages(void **state)
{
	uint8_t msg[MERKLE_COSIGNED_MAX], pub[CRYPTO_MLDSA44_PUBLIC_LEN];
	static const enum merkle_sig_type types[] = { MERKLE_SIG_COSIGNATURE,
		MERKLE_SIG_COSIGNATURE44 };
	struct merkle_cosigned m, back;
	struct merkle_vkey key;
	struct builder b;
	size_t i, n;

	(void)state;
	memset(pub, 7, sizeof(pub));
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    merkle_vkey_init(&key, "w.example", types[i], pub), 0);
		assert_int_equal(merkle_cosigned_init(&m, types[i], key.name,
				     TEXT "ext\n", strlen(TEXT "ext\n")),
		    0);
		m.timestamp_s = 1679315147;
		wire_builder_init(&b, msg, sizeof(msg));
		merkle_cosigned_encode(&m, &b);
		assert_int_equal(b.rc, 0);
		if (i == 0)
			assert_memory_equal(msg,
			    "cosignature/v1\ntime 1679315147\n" TEXT "ext\n",
			    b.len);
		assert_int_equal(
		    merkle_cosigned_parse(types[i], msg, b.len, &back), 0);
		assert_int_equal(back.timestamp_s, 1679315147);
		assert_string_equal(back.origin, "log.example/one");
		assert_int_equal(back.head.size, 123);
		for (n = 0; n + 4 < b.len; n++)
			assert_int_not_equal(
			    merkle_cosigned_parse(types[i], msg, n, &back), 0);
		assert_int_not_equal(
		    merkle_cosigned_parse(types[1 - i], msg, b.len, &back), 0);
	}
	/* After the 12 octets of label and "w.example": the time. */
	msg[22] = 0x80;
	assert_int_equal(merkle_cosigned_parse(types[1], msg, b.len, &back),
	    ERR_PEER_MALFORMED);
	msg[22] = 0;
	msg[12 + 10 + 8 + 16 + 7] = 1; /* start */
	assert_int_equal(merkle_cosigned_parse(types[1], msg, b.len, &back),
	    ERR_PEER_MALFORMED);
	assert_int_equal(merkle_cosigned_parse(
			     MERKLE_SIG_ED25519, TEXT, strlen(TEXT), &back),
	    ERR_PEER_UNSUPPORTED);
	assert_int_equal(merkle_cosigned_init(&m, MERKLE_SIG_RFC6962,
			     "w.example", TEXT, strlen(TEXT)),
	    ERR_PEER_UNSUPPORTED);
}

/* What we write: the other side's rules are those of the vectors. */
static void
test_sign(void **state)
{
	static const uint8_t seed[32] = { 9 };
	uint8_t msg[MERKLE_COSIGNED_MAX], body[MERKLE_COSIG_BODY_MAX];
	uint8_t pub[CRYPTO_MLDSA44_PUBLIC_LEN];
	char line[MERKLE_NOTEKEY_LINE_MAX], full[8192];
	struct crypto_bytes none = { NULL, 0 }, data;
	struct merkle_cosigned m;
	struct merkle_cosig cosig;
	struct crypto_pkey *pair;
	struct merkle_vkey key;
	struct builder b;
	uint64_t time_s;

	(void)state;
	assert_int_equal(
	    crypto_mldsa_from_seed(CRYPTO_KEY_MLDSA44, seed, &pair), 0);
	assert_int_equal(crypto_mldsa_public(pair, pub), 0);
	assert_int_equal(
	    merkle_vkey_init(&key, "w.example", MERKLE_SIG_COSIGNATURE44, pub),
	    0);
	assert_int_equal(merkle_cosigned_init(&m, MERKLE_SIG_COSIGNATURE44,
			     "w.example", TEXT, strlen(TEXT)),
	    0);
	m.timestamp_s = 5;
	wire_builder_init(&b, msg, sizeof(msg));
	merkle_cosigned_encode(&m, &b);
	data = (struct crypto_bytes){ msg, b.len };
	cosig.timestamp_s = 5;
	cosig.sig_len = CRYPTO_MLDSA44_SIG_LEN;
	assert_int_equal(
	    crypto_mldsa_sign(pair, none, data, NULL, cosig.sig), 0);
	assert_int_equal(merkle_cosig_check(&m, &key, &cosig), 0);
	assert_int_equal(merkle_notekey_line(key.name, key.id, body,
			     merkle_cosig_body(&cosig, body), line),
	    0);
	(void)snprintf(full, sizeof(full), TEXT "\n%s", line);
	assert_int_equal(verify(full, &key, &time_s), 0);
	assert_int_equal(time_s, 5);
	crypto_pkey_free(pair);
}

static struct merkle_quorum_witness witness[5];

/* The first ${n} witnesses of the quorum vector, each with both its keys. */
static void
witnesses(size_t n)
{
	const json_t *keys = json_object_get(vectors, "Quorum");
	size_t i;

	memset(witness, 0, sizeof(witness));
	for (i = 0; i < 2 * n; i++)
		vkey_of(json_string_value(json_array_get(keys, i)),
		    &witness[i / 2].key[witness[i / 2].key_count++]);
}

/* Four witnesses signed, two of them with both keys. */
static void
test_quorum(void **state)
{
	const char *s = text_of(vectors, "QuorumNote");
	struct merkle_quorum q = { 4, 4, witness };
	struct merkle_quorum_result r;
	struct merkle_note note;
	char *bad;
	size_t i;

	(void)state;
	assert_int_equal(merkle_note_parse(s, strlen(s), &note), 0);
	assert_int_equal(note.sig_count, 6);
	witnesses(4);
	assert_int_equal(merkle_quorum_ok(&q), 0);
	assert_int_equal(merkle_quorum_check(&q, &note, &r), 0);
	assert_int_equal(r.count, 4);
	assert_int_equal(r.cosigned, 0xf);
	/* Two keys of one witness are one; what is unknown does not count. */
	q.n = 2;
	q.k = 2;
	assert_int_equal(merkle_quorum_check(&q, &note, &r), 0);
	assert_int_equal(r.count, 2);
	q.k = 3;
	assert_int_equal(merkle_quorum_check(&q, &note, &r), ERR_STATE_REFUSED);
	assert_int_equal(r.count, 2);
	assert_int_equal(merkle_quorum_ok(&q), ERR_STATE_CONFIG);
	/* Signed with one key of two: still that witness. */
	witnesses(4);
	q.n = 4;
	q.k = 3;
	witness[3].key[0] = witness[3].key[1];
	witness[3].key_count = 1; /* its ML-DSA key did not sign */
	assert_int_equal(merkle_quorum_check(&q, &note, &r), 0);
	assert_int_equal(r.cosigned, 0x7);
	/* A wrong line of a known key spoils the note, of an unknown one not.
	 */
	bad = strdup(s);
	for (i = strlen(bad) - 1; bad[i] != ' '; i--)
		;
	bad[i + 9] = bad[i + 9] == 'A' ? 'B' : 'A';
	assert_int_equal(merkle_note_parse(bad, strlen(bad), &note), 0);
	witnesses(4);
	assert_int_equal(
	    merkle_quorum_check(&q, &note, &r), ERR_PEER_SIGNATURE);
	q.n = 3;
	assert_int_equal(merkle_quorum_check(&q, &note, &r), 0);
	free(bad);
}

static void
test_quorum_config(void **state)
{
	struct merkle_quorum q = { 1, 4, witness };
	/* identity.md section 10: n, k, f. */
	static const int f[][3] = { { 4, 3, 1 }, { 3, 2, 0 }, { 1, 1, 0 },
		{ 4, 2, -1 }, { 7, 5, 2 }, { 10, 7, 3 }, { 4, 4, 0 },
		{ 3, 0, -1 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		assert_int_equal(merkle_quorum_faults((unsigned int)f[i][1],
				     (unsigned int)f[i][0]),
		    f[i][2]);
	witnesses(4);
	assert_int_equal(merkle_quorum_ok(&q), 0);
	/* One key under two names, in two witnesses or in one. */
	witness[2].key[1] = witness[0].key[1];
	(void)snprintf(witness[2].key[1].name, 8, "other");
	assert_int_equal(merkle_quorum_ok(&q), ERR_PEER_DUPLICATE);
	witnesses(4);
	witness[2].key[1] = witness[2].key[0];
	assert_int_equal(merkle_quorum_ok(&q), ERR_PEER_DUPLICATE);
	witnesses(4);
	witness[1].key[0].type = MERKLE_SIG_ED25519;
	assert_int_equal(merkle_quorum_ok(&q), ERR_STATE_CONFIG);
	witness[1].key_count = 0;
	assert_int_equal(merkle_quorum_ok(&q), ERR_STATE_CONFIG);
	q.n = MERKLE_QUORUM_WITNESSES_MAX + 1;
	assert_int_equal(merkle_quorum_ok(&q), ERR_STATE_CONFIG);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_subtrees),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_quorum_config),
	};

	return cmocka_run_group_tests_name("merkle/cosig", tests, load, unload);
}
