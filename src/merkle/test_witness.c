/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/ed25519.h"
#include "merkle/addcheckpoint.h"
#include "merkle/checkpoint.h"
#include "merkle/cosig.h"
#include "merkle/cosigned.h"
#include "merkle/notekey.h"
#include "merkle/proof.h"
#include "merkle/test_reference.h"
#include "merkle/witness_client.h"
#include "wire/base64.h"
#include "wire/builder.h"

#define ORIGIN "log.example/one"

static const uint8_t log_seed[32] = { 1 }, witness_seed[32] = { 2 };
static const uint8_t siphash_key[16] = { 3 };
static struct merkle_vkey log_key, witness_key;
static struct merkle_witness *w;
static struct merkle_witness_step step;

static void
make_key(const uint8_t seed[32], const char *name, enum merkle_sig_type type,
    struct merkle_vkey *ret)
{
	uint8_t pub[32];

	assert_int_equal(crypto_ed25519_public(seed, pub), 0);
	assert_int_equal(merkle_vkey_init(ret, name, type, pub), 0);
}

static int
setup(void **state)
{
	(void)state;
	ref_init();
	make_key(log_seed, ORIGIN, MERKLE_SIG_ED25519, &log_key);
	make_key(witness_seed, "witness.example/w", MERKLE_SIG_COSIGNATURE,
	    &witness_key);
	assert_int_equal(merkle_witness_new(3, siphash_key, &w), 0);
	assert_int_equal(merkle_witness_add(w, ORIGIN, &log_key, 1, NULL), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	merkle_witness_free(w);
	return 0;
}

static struct merkle_head
head_of(int n)
{
	struct merkle_head head = { (uint64_t)n, { { 0 } } };

	ref_mth(0, n, head.root.b);
	return head;
}

/* A checkpoint of ${head} signed with ${seed}. */
static void
sign_as(const char *origin, const struct merkle_head *head,
    const uint8_t seed[32], char ret[4096])
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t sig[64];

	assert_int_equal(merkle_checkpoint_encode(origin, head, text), 0);
	assert_int_equal(crypto_ed25519_sign(seed, text, strlen(text), sig), 0);
	assert_int_equal(
	    merkle_notekey_line(log_key.name, log_key.id, sig, 64, line), 0);
	assert_in_range(
	    snprintf(ret, 4096, "%s\n%.2000s", text, line), 1, 4095);
}

/* A request from ${old} to ${head} with the true proof for old and size. */
static size_t
request(int old, const struct merkle_head *head, const char *note, char *ret)
{
	struct merkle_addcheckpoint req = { (uint64_t)old, { 0 }, note,
		strlen(note) };
	uint8_t hash[16][32];
	struct builder b;
	int i, n = 0;

	if (old > 0 && old < (int)head->size)
		n = ref_subproof(old, 0, (int)head->size, 1, hash);
	for (i = 0; i < n; i++)
		memcpy(req.proof.hash[i].b, hash[i], 32);
	req.proof.count = (size_t)n;
	wire_builder_init(&b, ret, MERKLE_ADDCHECKPOINT_MAX);
	merkle_addcheckpoint_encode(&req, &b);
	assert_int_equal(b.rc, 0);
	return b.len;
}

static char body[MERKLE_ADDCHECKPOINT_MAX], note[4096];
static size_t body_len;

/* Append ${more} to the string in one of these. */
static void
add(char *s, size_t cap, const char *more)
{
	size_t len = strlen(s), n = strlen(more);

	assert_true(len + n < cap);
	memcpy(s + len, more, n + 1);
}

/* Submit a head; return the status, or 0 for "store". */
static int
submit(int old, const struct merkle_head *head)
{
	sign_as(ORIGIN, head, log_seed, note);
	body_len = request(old, head, note, body);
	assert_int_equal(merkle_witness_submit(w, body, body_len, &step), 0);
	return step.status;
}

static int
submit_raw(const char *s)
{
	assert_int_equal(merkle_witness_submit(w, s, strlen(s), &step), 0);
	return step.status;
}

/* The witness follows the log through every size, and goes nowhere else. */
static void
test_growth(void **state)
{
	static const int sizes[] = { 0, 1, 2, 3, 7, 8, 100, 256, 257, 300 };
	struct merkle_head head, got, fork;
	size_t i;
	int at = 0;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		head = head_of(sizes[i]);
		/* A root that differs in one bit. */
		fork = head;
		fork.root.b[31] ^= 1;
		if (at > 0 || fork.size == 0)
			assert_int_equal(submit(at, &fork), 422);
		assert_int_equal(submit(at, &head), 0);
		assert_string_equal(step.origin, ORIGIN);
		assert_int_equal(step.old_head.size, at);
		assert_int_equal(step.new_head.size, sizes[i]);
		assert_memory_equal(step.note, note, step.note_len);
		merkle_witness_stored(w, &step, 0);
		at = sizes[i];
		/* The same again is cosigned again; another of that size not.
		 */
		assert_int_equal(submit(at, &head), 0);
		merkle_witness_stored(w, &step, 0);
		assert_int_equal(submit(at, &fork), 422);
	}
	/* Back to any smaller size, with any old size: never. */
	for (i = 0; i < 300; i++) {
		head = head_of((int)i);
		assert_int_equal(submit((int)i, &head), 409);
		assert_string_equal(step.body, "300\n");
		assert_int_equal(submit(300, &head), 400);
	}
	assert_int_equal(merkle_witness_head(w, ORIGIN, &got), 0);
	assert_int_equal(got.size, 300);
	head = head_of(300);
	assert_memory_equal(got.root.b, head.root.b, 32);
}

/* A new head counts once it is stored, and no sooner. */
static void
test_store(void **state)
{
	struct merkle_head one = head_of(1), two = head_of(2), got;
	struct merkle_witness_step first;

	(void)state;
	assert_int_equal(submit(0, &one), 0);
	first = step;
	assert_int_equal(
	    merkle_witness_submit(w, body, body_len, &step), ERR_STATE_PENDING);
	assert_int_equal(merkle_witness_head(w, ORIGIN, &got), 0);
	assert_int_equal(got.size, 0);
	merkle_witness_stored(w, &first, ERR_SYS_IO);
	assert_int_equal(merkle_witness_head(w, ORIGIN, &got), 0);
	assert_int_equal(got.size, 0);
	assert_int_equal(submit(0, &two), 0);
	merkle_witness_stored(w, &step, 0);
	/* An answer that comes twice changes nothing. */
	merkle_witness_stored(w, &first, 0);
	assert_int_equal(merkle_witness_head(w, ORIGIN, &got), 0);
	assert_int_equal(got.size, 2);
	assert_int_equal(
	    merkle_witness_head(w, "other", &got), ERR_STATE_NOT_FOUND);
}

/* Every status that is not about growth, each by one change. */
static void
test_refusals(void **state)
{
	static const uint8_t other_seed[32] = { 9 };
	struct merkle_head head = head_of(5);
	char line[MERKLE_NOTEKEY_LINE_MAX], *p;
	size_t len, i, k;

	(void)state;
	/* 404: a log nobody told us of. */
	sign_as("log.example/two", &head, log_seed, note);
	len = request(0, &head, note, body);
	assert_int_equal(merkle_witness_submit(w, body, len, &step), 0);
	assert_int_equal(step.status, 404);
	/* 403: the right name and id, another key. */
	sign_as(ORIGIN, &head, other_seed, note);
	len = request(0, &head, note, body);
	assert_int_equal(merkle_witness_submit(w, body, len, &step), 0);
	assert_int_equal(step.status, 403);
	/* 403: a good line and a bad one by the same key. */
	p = strstr(note, "\xe2\x80\x94");
	assert_in_range(snprintf(line, sizeof(line), "%s", p), 1, 2000);
	sign_as(ORIGIN, &head, log_seed, note);
	add(note, sizeof(note), line);
	len = request(0, &head, note, body);
	assert_int_equal(merkle_witness_submit(w, body, len, &step), 0);
	assert_int_equal(step.status, 403);
	/* 403: only a stranger's signature. */
	sign_as(ORIGIN, &head, log_seed, note);
	p = strstr(note, "\xe2\x80\x94");
	(void)snprintf(p, 100, "\xe2\x80\x94 stranger x08goA12NA==\n");
	len = request(0, &head, note, body);
	assert_int_equal(merkle_witness_submit(w, body, len, &step), 0);
	assert_int_equal(step.status, 403);
	/* 422: a proof where none belongs. */
	sign_as(ORIGIN, &head, log_seed, note);
	(void)snprintf(body, sizeof(body),
	    "old 0\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n\n%s", note);
	assert_int_equal(submit_raw(body), 422);
	/* 400: 17 signature lines, then 16 of them. */
	for (i = 0; i < 2; i++) {
		sign_as(ORIGIN, &head, log_seed, note);
		len = request(0, &head, note, body);
		body[len] = '\0';
		for (k = 0; k < 16 - i; k++)
			add(body, sizeof(body),
			    "\xe2\x80\x94 stranger x08goA12NA==\n");
		assert_int_equal(submit_raw(body), i == 0 ? 400 : 0);
	}
	merkle_witness_stored(w, &step, ERR_SYS_IO);
}

static void
test_bad_requests(void **state)
{
	static const char *const bad[] = { "", "old 0", "old 0\n", "old 0\n\n",
		"old\n\n", "old \n\n", "old 00\n\n", "old -1\n\n", "old +1\n\n",
		"Old 0\n\n", "old 18446744073709551616\n\n", " old 0\n\n",
		"old 0\r\n\r\n", "old 0\nAAAA\n\n",
		"old 0\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0\n\n",
		"old 0\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0= \n\n" };
	struct merkle_head head = head_of(5);
	struct merkle_addcheckpoint req;
	char hash[] = "f+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n";
	size_t i, len;

	(void)state;
	sign_as(ORIGIN, &head, log_seed, note);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(body, sizeof(body), "%s%s", bad[i],
		    strchr(bad[i], '\n') != NULL && i > 3 ? note : "");
		assert_int_equal(submit_raw(body), 400);
	}
	/* Every proper part of a good request. */
	len = request(0, &head, note, body);
	for (i = 0; i < len; i++) {
		assert_int_equal(merkle_witness_submit(w, body, i, &step), 0);
		assert_in_range(step.status, 400, 403);
	}
	/* 63 proof lines parse, 64 do not. */
	(void)snprintf(body, sizeof(body), "old 7\n");
	for (i = 0; i < 63; i++)
		add(body, sizeof(body), hash);
	len = strlen(body);
	add(body, sizeof(body), "\nrest");
	assert_int_equal(
	    merkle_addcheckpoint_parse(body, strlen(body), &req), 0);
	assert_int_equal(req.proof.count, 63);
	assert_int_equal(req.note_len, 4);
	(void)snprintf(body + len, 100, "%s\nrest", hash);
	assert_int_equal(merkle_addcheckpoint_parse(body, strlen(body), &req),
	    ERR_PEER_MALFORMED);
	assert_int_equal(merkle_addcheckpoint_parse(
			     body, MERKLE_ADDCHECKPOINT_MAX + 1, &req),
	    ERR_PEER_TOO_LARGE);
}

static void
test_table(void **state)
{
	struct merkle_head head = head_of(9), got;
	struct merkle_vkey five[5];
	char name[300];

	(void)state;
	assert_int_equal(
	    merkle_witness_add(w, ORIGIN, &log_key, 1, NULL), ERR_STATE_EXISTS);
	assert_int_equal(
	    merkle_witness_add(w, "b", &log_key, 0, NULL), ERR_STATE_CONFIG);
	assert_int_equal(
	    merkle_witness_add(w, "b", five, 5, NULL), ERR_STATE_CONFIG);
	assert_int_equal(
	    merkle_witness_add(w, "", &log_key, 1, NULL), ERR_STATE_CONFIG);
	assert_int_equal(merkle_witness_add(w, "b", &witness_key, 1, NULL),
	    ERR_STATE_CONFIG);
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_int_equal(
	    merkle_witness_add(w, name, &log_key, 1, NULL), ERR_STATE_CONFIG);
	assert_int_equal(merkle_witness_add(w, "b", &log_key, 1, &head), 0);
	assert_int_equal(merkle_witness_head(w, "b", &got), 0);
	assert_int_equal(got.size, 9);
	assert_int_equal(merkle_witness_add(w, "c", &log_key, 1, NULL), 0);
	assert_int_equal(
	    merkle_witness_add(w, "d", &log_key, 1, NULL), ERR_STATE_FULL);
	merkle_witness_free(NULL);
}

/* The log's side: its nodes come from the reference tree. */
static int
node(void *ctx, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	(void)ctx;
	ref_mth((int)(index << level), 1 << level, ret->b);
	return 0;
}

static const struct merkle_reader reader = { node, NULL };

/* The witness answers: what its adapter does. */
static void
serve(const char *data, size_t len, struct merkle_witness_answer *ret)
{
	static char line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t msg[MERKLE_COSIGNED_MAX], raw[MERKLE_COSIG_BODY_MAX];
	struct merkle_cosigned m;
	struct merkle_cosig cosig;
	struct builder b;

	assert_int_equal(merkle_witness_submit(w, data, len, &step), 0);
	ret->status = step.status;
	ret->body = step.body;
	ret->len = strlen(step.body);
	if (step.status != 0)
		return;
	merkle_witness_stored(w, &step, 0);
	assert_int_equal(merkle_cosigned_init(&m, MERKLE_SIG_COSIGNATURE,
			     witness_key.name, step.note, step.text_len),
	    0);
	m.timestamp_s = cosig.timestamp_s = 1700000000;
	wire_builder_init(&b, msg, sizeof(msg));
	merkle_cosigned_encode(&m, &b);
	cosig.sig_len = 64;
	assert_int_equal(
	    crypto_ed25519_sign(witness_seed, msg, b.len, cosig.sig), 0);
	assert_int_equal(merkle_notekey_line(witness_key.name, witness_key.id,
			     raw, merkle_cosig_body(&cosig, raw), line),
	    0);
	ret->status = 200;
	ret->body = line;
	ret->len = strlen(line);
}

/* One turn of the log; the witness's answer may be replaced. */
static int
turn(struct merkle_witness_client *c, const struct merkle_head *head,
    const struct merkle_witness_answer *instead, char *lines)
{
	struct merkle_witness_answer answer;
	struct merkle_note parsed;
	struct builder b;
	int rc;

	sign_as(ORIGIN, head, log_seed, note);
	wire_builder_init(&b, body, sizeof(body));
	rc = merkle_witness_client_request(c, &reader, head, note, &b);
	if (rc != 0)
		return rc;
	if (instead != NULL)
		answer = *instead;
	else
		serve(body, b.len, &answer);
	assert_int_equal(merkle_note_parse(note, strlen(note), &parsed), 0);
	return merkle_witness_client_answer(c, &parsed, &answer, lines);
}

static void
test_client(void **state)
{
	struct merkle_witness_client c = { &witness_key, 1, 0, 0,
		{ 0, { { 0 } } } };
	struct merkle_witness_client fresh = c;
	struct merkle_head head = head_of(5), big = head_of(300), fork;
	char lines[MERKLE_WITNESS_CLIENT_LINES_MAX], full[8192];
	struct merkle_note parsed;
	uint64_t time_s;

	(void)state;
	assert_int_equal(turn(&c, &head, NULL, lines), 0);
	assert_int_equal(c.size, 5);
	/* The line makes the checkpoint a cosigned one. */
	(void)snprintf(full, sizeof(full), "%s%.4000s", note, lines);
	assert_int_equal(merkle_note_parse(full, strlen(full), &parsed), 0);
	assert_int_equal(
	    merkle_cosig_verify(&parsed, &witness_key, &time_s), 0);
	assert_int_equal(time_s, 1700000000);
	assert_int_equal(turn(&c, &big, NULL, lines), 0);
	/* One that knows nothing learns the size and succeeds. */
	assert_int_equal(turn(&fresh, &big, NULL, lines), ERR_STATE_CONFLICT);
	assert_int_equal(fresh.size, 300);
	assert_int_equal(turn(&fresh, &big, NULL, lines), 0);
	/* One that has lost leaves must see it. */
	fresh.size = 0;
	assert_int_equal(turn(&fresh, &head, NULL, lines), ERR_STATE_STALE);
	assert_int_equal(fresh.size, 300);
	assert_int_equal(turn(&fresh, &head, NULL, lines), ERR_STATE_STALE);
	fork = big;
	fork.root.b[0] ^= 1;
	assert_int_equal(turn(&fresh, &fork, NULL, lines), ERR_STATE_REFUSED);
}

/* What a witness that lies or fails can say. */
static void
test_bad_answers(void **state)
{
	static const struct {
		int status, rc;
		const char *body;
	} bad[] = {
		{ 200, ERR_PEER_MALFORMED, "" },
		{ 200, ERR_PEER_MALFORMED, "hello\n" },
		{ 200, ERR_PEER_MALFORMED, "\xe2\x80\x94 w x08goA12NA==" },
		{ 200, ERR_PEER_SIGNATURE, "\xe2\x80\x94 w x08goA12NA==\n" },
		{ 409, ERR_PEER_MALFORMED, "" },
		{ 409, ERR_PEER_MALFORMED, "\n" },
		{ 409, ERR_PEER_MALFORMED, "3" },
		{ 409, ERR_PEER_MALFORMED, "03\n" },
		{ 409, ERR_PEER_MALFORMED, "0\n" }, /* as was said */
		{ 400, ERR_STATE_REFUSED, "" },
		{ 403, ERR_STATE_REFUSED, "" },
		{ 404, ERR_STATE_REFUSED, "" },
		{ 422, ERR_STATE_REFUSED, "" },
		{ 500, ERR_SYS_UNAVAILABLE, "" },
		{ 0, ERR_SYS_UNAVAILABLE, "" },
		{ 301, ERR_SYS_UNAVAILABLE, "" },
	};
	struct merkle_head head = head_of(5);
	struct merkle_witness_client c = { &witness_key, 1, 0, 0,
		{ 0, { { 0 } } } };
	char lines[MERKLE_WITNESS_CLIENT_LINES_MAX], again[sizeof(lines)];
	struct merkle_witness_answer a;
	struct merkle_note parsed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = (struct merkle_witness_answer){ bad[i].status, bad[i].body,
			strlen(bad[i].body) };
		assert_int_equal(turn(&c, &head, &a, lines), bad[i].rc);
		assert_int_equal(c.size, 0);
	}
	/* Conflicts, one after the other: no endless loop. */
	a = (struct merkle_witness_answer){ 409, "1\n", 2 };
	assert_int_equal(turn(&c, &head, &a, lines), ERR_STATE_CONFLICT);
	a.body = "2\n";
	assert_int_equal(turn(&c, &head, &a, lines), ERR_STATE_CONFLICT);
	a.body = "1\n";
	assert_int_equal(turn(&c, &head, &a, lines), ERR_PEER_MALFORMED);
	/* Strangers' lines around a good one are left out. */
	c.size = 0;
	assert_int_equal(turn(&c, &head, NULL, lines), 0);
	(void)snprintf(body, sizeof(body),
	    "\xe2\x80\x94 w x08goA12NA==\n%.4000s\xe2\x80\x94 v x08goA==\n",
	    lines);
	a = (struct merkle_witness_answer){ 200, body, strlen(body) };
	assert_int_equal(merkle_note_parse(note, strlen(note), &parsed), 0);
	assert_int_equal(merkle_witness_client_answer(&c, &parsed, &a, again),
	    ERR_PEER_MALFORMED); /* the last has no signature */
	*strstr(body, "\xe2\x80\x94 v") = '\0';
	a.len = strlen(body);
	assert_int_equal(
	    merkle_witness_client_answer(&c, &parsed, &a, again), 0);
	assert_string_equal(again, lines);
}

/* The next entry of the recording: octets after "NAME LENGTH". */
static char *
entry(FILE *f, const char *name, size_t *ret_len)
{
	char format[32], *data;

	(void)snprintf(format, sizeof(format), "%s %%zu%%*1[\n]", name);
	if (fscanf(f, format, ret_len) != 1)
		return NULL;
	assert_in_range(*ret_len, 1, MERKLE_ADDCHECKPOINT_MAX);
	assert_non_null(data = calloc(1, *ret_len + 1));
	assert_int_equal(fread(data, 1, *ret_len, f), *ret_len);
	return data;
}

/* An unmodified sigsum-witness and ours judge a conversation alike, and our
 * client verifies its cosignatures (see the vectors' PROVENANCE.md). */
static void
test_recorded(void **state)
{
	FILE *f = fopen("tests/vectors/sigsum-witness/exchange.txt", "rb");
	struct merkle_witness_client c = { &witness_key, 1, 0, 0,
		{ 0, { { 0 } } } };
	char *req, *ans, lines[MERKLE_WITNESS_CLIENT_LINES_MAX];
	int status, n = 0, cosigned = 0;
	struct merkle_witness_answer a;
	struct merkle_note parsed;
	struct merkle_vkey key;
	size_t len, ans_len;

	(void)state;
	assert_non_null(f);
	req = entry(f, "request", &len);
	ans = entry(f, "answer", &ans_len);
	assert_int_equal(merkle_vkey_parse(req, len, &witness_key), 0);
	assert_int_equal(merkle_vkey_parse(ans, ans_len, &key), 0);
	assert_int_equal(merkle_witness_add(w, key.name, &key, 1, NULL), 0);
	free(req);
	free(ans);
	while ((req = entry(f, "request", &len)) != NULL) {
		assert_non_null(ans = entry(f, "answer", &ans_len));
		status = (int)strtol(strchr(ans, ' '), NULL, 10);
		assert_int_equal(merkle_witness_submit(w, req, len, &step), 0);
		a.status = status;
		a.body = strstr(ans, "\r\n\r\n") + 4;
		a.len = strlen(a.body);
		if (status == 200) {
			assert_int_equal(step.status, 0);
			merkle_witness_stored(w, &step, 0);
			c.head = step.new_head;
			assert_int_equal(merkle_note_parse(
					     step.note, step.note_len, &parsed),
			    0);
			assert_int_equal(merkle_witness_client_answer(
					     &c, &parsed, &a, lines),
			    0);
			cosigned++;
		} else if (status == 400) {
			/* It knows one log and takes another for malformed. */
			assert_int_equal(step.status, 404);
		} else {
			assert_int_equal(step.status, status);
			assert_string_equal(
			    step.body, status == 409 ? a.body : "");
		}
		free(req);
		free(ans);
		n++;
	}
	assert_true(feof(f));
	fclose(f);
	assert_int_equal(n, 15);
	assert_int_equal(cosigned, 9);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_growth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_bad_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recorded, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_bad_answers, setup, teardown),
	};

	return cmocka_run_group_tests_name("merkle/witness", tests, NULL, NULL);
}
