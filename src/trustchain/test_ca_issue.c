/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include "loop/loop.h"
#include "store/disk_fault.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_issue_fixture.h"
#include "trustchain/ca_issue_world.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_thumbprint.h"

/* ---- what a test sees ---- */

struct outcome {
	int calls, status;
	char code[32], detail[256], serial[48];
	bool replayed;
	struct der final;
};

static void
note(void *ctx, const struct ca_issue_result *r)
{
	struct outcome *o = ctx;

	o->calls++;
	o->status = r->status;
	snprintf(o->code, sizeof(o->code), "%s", r->code ? r->code : "");
	snprintf(o->detail, sizeof(o->detail), "%s", r->detail);
	snprintf(o->serial, sizeof(o->serial), "%s", r->serial);
	o->replayed = r->replayed;
	if (r->row != NULL) {
		memcpy(o->final.data, r->row->final.data, r->row->final.len);
		o->final.len = r->row->final.len;
	}
}

static void
run(const struct outcome *o)
{
	int i;

	for (i = 0; i < 200 && o->calls == 0; i++)
		loop_run_for(loop, 5);
	assert_int_equal(o->calls, 1);
}

static void
ask(const char *sans, const char *key, struct outcome *o)
{
	struct der *csr = malloc(sizeof(*csr));
	struct ca_issue_request q = { .via = CA_ISSUE_CONTROL,
		.owner = "token:t1",
		.idempotency_key = key };

	memset(o, 0, sizeof(*o));
	make_csr(w->leaf_key, sans, csr);
	q.csr = bytes(csr);
	assert_int_equal(ca_issue_submit(issue, &q, note, o), 0);
	free(csr);
	run(o);
}

static size_t
rows_in(int64_t state)
{
	struct arena *a = base_arena_new(1 << 22);
	struct ca_cert_filter f = { .state = state, .limit = 100 };
	struct ca_cert *row;
	size_t n;

	assert_int_equal(store->ops->list_certs(store, &f, a, &row, &n), 0);
	base_arena_free(a);
	return n;
}

static size_t
events_of(const char *event)
{
	struct arena *a = base_arena_new(1 << 22);
	struct ca_outbox *e;
	size_t n, i, count = 0;

	assert_int_equal(store->ops->list_outbox(store, 0, 100, a, &e, &n), 0);
	for (i = 0; i < n; i++)
		count += strcmp(e[i].event, event) == 0 ? 1 : 0;
	base_arena_free(a);
	return count;
}

/* ---- tests ---- */

/* OpenSSL verifies what came out; the row and its event are there. */
static void
test_issue(void **state)
{
	struct outcome *o = calloc(1, sizeof(*o));
	const uint8_t *p;
	X509_STORE *xs = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *rest = sk_X509_new_null();
	X509 *leaf, *root, *inter;
	struct pki_bytes d;

	(void)state;
	ask("DNS:a.example.test,IP:2001:db8::7", NULL, o);
	assert_string_equal(o->detail, "");
	assert_int_equal(o->status, 201);
	p = o->final.data;
	leaf = d2i_X509(NULL, &p, (long)o->final.len);
	d = pki_cert_der(w->root);
	p = d.data;
	root = d2i_X509(NULL, &p, (long)d.len);
	d = pki_cert_der(w->issuer);
	p = d.data;
	inter = d2i_X509(NULL, &p, (long)d.len);
	X509_STORE_add_cert(xs, root);
	sk_X509_push(rest, inter);
	X509_STORE_CTX_init(ctx, xs, leaf, rest);
	X509_VERIFY_PARAM_set_time(
	    X509_STORE_CTX_get0_param(ctx), NOW_MS / 1000);
	X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
	assert_int_equal(X509_verify_cert(ctx), 1);
	assert_int_equal(
	    X509_check_host(leaf, "a.example.test", 0, 0, NULL), 1);
	assert_true(X509_get_ext_by_NID(leaf, NID_ct_precert_scts, -1) >= 0);
	assert_int_equal(rows_in(CA_CERT_ISSUED), 1);
	assert_int_equal(events_of("cert.issued"), 1);
	assert_int_equal(keys_called, 2);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(xs);
	sk_X509_free(rest);
	X509_free(leaf);
	X509_free(root);
	X509_free(inter);
	free(o);
}

static void
test_idempotency(void **state)
{
	struct outcome *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	struct der *csr = malloc(sizeof(*csr));
	struct ca_issue_request q = { .via = CA_ISSUE_CONTROL,
		.owner = "token:t1",
		.idempotency_key = "k1" };

	(void)state;
	ask("DNS:a.example.test", "k1", a);
	assert_int_equal(a->status, 201);
	assert_false(a->replayed);
	ask("DNS:a.example.test", "k1", b);
	assert_int_equal(b->status, 201);
	assert_true(b->replayed);
	assert_string_equal(a->serial, b->serial);
	assert_int_equal(a->final.len, b->final.len);
	assert_memory_equal(a->final.data, b->final.data, a->final.len);
	assert_int_equal(rows_in(CA_CERT_ISSUED), 1);
	/* The same key with another body. */
	make_csr(w->leaf_key, "DNS:a.example.test", csr);
	q.csr = bytes(csr);
	q.body_hash[0] = 1;
	memset(b, 0, sizeof(*b));
	assert_int_equal(ca_issue_submit(issue, &q, note, b), 0);
	run(b);
	assert_string_equal(b->code, "conflict");
	/* Two at the same time: one certificate, both told. */
	q.idempotency_key = "k2";
	memset(a, 0, sizeof(*a));
	memset(b, 0, sizeof(*b));
	assert_int_equal(ca_issue_submit(issue, &q, note, a), 0);
	assert_int_equal(ca_issue_submit(issue, &q, note, b), 0);
	run(a);
	run(b);
	assert_int_equal(a->status, 201);
	assert_int_equal(b->status, 201);
	assert_string_equal(a->serial, b->serial);
	assert_int_equal(rows_in(CA_CERT_ISSUED), 2);
	free(a);
	free(b);
	free(csr);
}

static void
expect(const char *sans, const char *code)
{
	struct outcome *o = calloc(1, sizeof(*o));

	ask(sans, NULL, o);
	if (strcmp(o->code, code) != 0)
		print_message("%s: %s %s\n", sans, o->code, o->detail);
	assert_string_equal(o->code, code);
	free(o);
}

static void
test_refusals(void **state)
{
	struct outcome *o = calloc(1, sizeof(*o));
	struct ca_principal *who = calloc(1, sizeof(*who));
	struct der *csr = malloc(sizeof(*csr));
	struct ca_issue_request q = {
		.via = CA_ISSUE_REST, .owner = "token:t1", .who = who
	};
	struct ca_acme_account account = { .rev = 0 };
	char thumbprint[CA_THUMBPRINT_LEN + 1];
	struct ca_batch *b;

	(void)state;
	expect(NULL, "rejected_name");
	expect("DNS:localhost", "rejected_name");
	expect("DNS:A.example.test", "rejected_name");
	expect("DNS:example", "rejected_name");
	expect("IP:fe80::1", "rejected_name");
	expect("IP:192.0.2.1", "rejected_name");
	expect("email:a@b.test", "bad_csr");
	/* Scopes. */
	who->nscopes = 1;
	snprintf(who->scope[0], sizeof(who->scope[0]), "example.test");
	make_csr(w->leaf_key, "DNS:a.other.test", csr);
	q.csr = bytes(csr);
	assert_int_equal(ca_issue_submit(issue, &q, note, o), 0);
	run(o);
	assert_string_equal(o->code, "forbidden");
	/* A flipped bit of the signature, and of the structure. */
	csr->data[csr->len - 1] ^= 1;
	memset(o, 0, sizeof(*o));
	assert_int_equal(ca_issue_submit(issue, &q, note, o), 0);
	run(o);
	assert_string_equal(o->code, "bad_csr");
	csr->data[1] ^= 1;
	memset(o, 0, sizeof(*o));
	assert_int_equal(ca_issue_submit(issue, &q, note, o), 0);
	run(o);
	assert_string_equal(o->code, "malformed");
	/* A CA's key. */
	make_csr(w->issuer_key, "DNS:a.example.test", csr);
	q.csr = bytes(csr);
	memset(o, 0, sizeof(*o));
	assert_int_equal(ca_issue_submit(issue, &q, note, o), 0);
	run(o);
	assert_string_equal(o->code, "bad_key");
	/* An ACME account's key. */
	account.id = "a1";
	account.status = "valid";
	account.jwk = "{}";
	account.contact = "[]";
	account.thumbprint = thumbprint;
	assert_int_equal(ca_thumbprint_of(bytes(&w->leaf_spki), thumbprint), 0);
	b = ca_batch_new();
	ca_batch_put_account(b, &account);
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	expect("DNS:a.example.test", "bad_key");
	/* Halted. */
	b = ca_batch_new();
	ca_batch_issuer_state(b, "int1", "halted");
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	expect("DNS:a.example.test", "issuance_halted");
	/* None of these left a trace. */
	assert_int_equal(keys_called, 0);
	assert_int_equal(rows_in(0), 0);
	free(o);
	free(who);
	free(csr);
}

static void
test_key_down(void **state)
{
	(void)state;
	key_rc = ERR_SYS_UNAVAILABLE;
	expect("DNS:a.example.test", "key_unavailable");
	assert_int_equal(rows_in(0), 0);
	log_up = false;
	expect("DNS:a.example.test", "ct_unavailable");
	assert_int_equal(rows_in(0), 0);
}

/* The log dies after C1: the row is finished later, the same serial. */
static void
test_roll_forward(void **state)
{
	struct outcome *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	int i;

	(void)state;
	log_answers = false;
	ask("DNS:a.example.test", "k9", a);
	assert_string_equal(a->code, "ct_unavailable");
	assert_int_equal(strlen(a->serial), 32);
	assert_int_equal(rows_in(CA_CERT_PRECERT), 1);
	ask("DNS:a.example.test", "k9", b);
	assert_string_equal(b->code, "ct_unavailable");
	/* As after a crash. */
	stop();
	log_answers = true;
	now_ms += 10000;
	start();
	for (i = 0; i < 100 && rows_in(CA_CERT_ISSUED) == 0; i++)
		loop_run_for(loop, 5);
	assert_int_equal(rows_in(CA_CERT_ISSUED), 1);
	assert_int_equal(rows_in(CA_CERT_PRECERT), 0);
	ask("DNS:a.example.test", "k9", b);
	assert_int_equal(b->status, 201);
	assert_true(b->replayed);
	assert_string_equal(a->serial, b->serial);
	assert_int_equal(events_of("cert.issued"), 1);
	free(a);
	free(b);
}

static void
test_abandon(void **state)
{
	struct outcome *a = calloc(1, sizeof(*a));
	int i;

	(void)state;
	log_answers = false;
	ask("DNS:a.example.test", "k7", a);
	stop();
	log_answers = true;
	now_ms += 301000;
	start();
	for (i = 0; i < 100 && rows_in(CA_CERT_ABANDONED) == 0; i++)
		loop_run_for(loop, 5);
	assert_int_equal(rows_in(CA_CERT_ABANDONED), 1);
	assert_int_equal(rows_in(CA_CERT_PRECERT), 0);
	assert_int_equal(events_of("cert.abandoned"), 1);
	/* The key is free again. */
	ask("DNS:a.example.test", "k7", a);
	assert_int_equal(a->status, 201);
	assert_false(a->replayed);
	free(a);
}

/* The log has answered: revoke all before the final certificate is signed. */
static void
sweep(void *ctx, enum ca_issue_via via, enum ca_issue_part part, double seconds)
{
	struct ca_batch *b;

	(void)ctx;
	(void)via;
	(void)seconds;
	if (part != CA_ISSUE_CT)
		return;
	b = ca_batch_new();
	ca_batch_sweep(b, "int1", now_ms, 4, "op");
	assert_int_equal(store->ops->submit_wait(store, b), 0);
}

/* A driver over the same store that sweeps in the middle. */
static void
start_sweeping(void)
{
	const struct ca_issue_opts o = { .loop = loop,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.config = &config,
		.authority = authority,
		.store = store,
		.took = sweep,
		.traffic_percentage = 100 };

	ca_issue_stop(issue);
	ca_issue_free(issue);
	assert_int_equal(ca_issue_new(&o, &issue), 0);
	loop_run_for(loop, 20);
}

/*
 * Revoke-all while a certificate is on its way: it never leaves, its row is
 * abandoned, and the date is that of the sweep.
 */
static void
test_swept_in_flight(void **state)
{
	struct outcome *o = calloc(1, sizeof(*o));
	struct arena *arena = base_arena_new(1 << 20);
	struct ca_cert_filter f = { .state = CA_CERT_ABANDONED };
	struct ca_cert *rows;
	size_t n;
	int i;

	(void)state;
	start_sweeping();
	ask("DNS:a.example.test", "k3", o);
	assert_string_equal(o->code, "issuance_halted");
	assert_int_equal(rows_in(CA_CERT_ISSUED), 0);
	stop();
	now_ms += 10000;
	start();
	for (i = 0; i < 100 && rows_in(CA_CERT_ABANDONED) == 0; i++)
		loop_run_for(loop, 5);
	assert_int_equal(rows_in(CA_CERT_PRECERT), 0);
	assert_int_equal(
	    store->ops->list_certs(store, &f, arena, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].reason, 4);
	assert_int_equal(rows[0].revoked_at, now_ms - 10000);
	assert_int_equal(events_of("cert.issued"), 0);
	/* Halted until it is opened; then under the new epoch. */
	ask("DNS:a.example.test", "k3", o);
	assert_string_equal(o->code, "issuance_halted");
	base_arena_free(arena);
	free(o);
}

/* A final certificate signed by another key never makes it out. */
static void
test_wrong_key(void **state)
{
	(void)state;
	wrong_key = true;
	expect("DNS:a.example.test", "internal");
	wrong_key = false;
	assert_int_equal(rows_in(CA_CERT_ISSUED), 0);
	loop_run_for(loop, 50);
	assert_int_equal(events_of("pki.selfcheck.failed"), 1);
}

/* SCTs that do not verify never make it out. */
static void
test_bad_sct(void **state)
{
	(void)state;
	lie = BAD_SIGNATURE;
	expect("DNS:a.example.test", "internal");
	lie = OTHER_TBS;
	expect("DNS:b.example.test", "internal");
	assert_int_equal(rows_in(CA_CERT_ISSUED), 0);
	assert_int_equal(rows_in(CA_CERT_PRECERT), 2);
	loop_run_for(loop, 50);
	assert_int_equal(events_of("pki.selfcheck.failed"), 2);
}

static void
test_storage(void **state)
{
	(void)state;
	store_disk_fault_stop(disk, store_disk_fault_ops(disk) + 1);
	expect("DNS:a.example.test", "storage_unavailable");
	assert_int_equal(logs_called, 0);
}

static void
test_clock_skew(void **state)
{
	(void)state;
	expect("DNS:a.example.test", "");
	now_ms -= 3600000;
	expect("DNS:a.example.test", "clock_skew");
}

static int
reset(void **state)
{
	keys_called = logs_called = 0;
	return setup(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_issue, reset, teardown),
		cmocka_unit_test_setup_teardown(
		    test_idempotency, reset, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, reset, teardown),
		cmocka_unit_test_setup_teardown(test_key_down, reset, teardown),
		cmocka_unit_test_setup_teardown(
		    test_roll_forward, reset, teardown),
		cmocka_unit_test_setup_teardown(test_abandon, reset, teardown),
		cmocka_unit_test_setup_teardown(
		    test_swept_in_flight, reset, teardown),
		cmocka_unit_test_setup_teardown(
		    test_wrong_key, reset, teardown),
		cmocka_unit_test_setup_teardown(test_bad_sct, reset, teardown),
		cmocka_unit_test_setup_teardown(test_storage, reset, teardown),
		cmocka_unit_test_setup_teardown(
		    test_clock_skew, reset, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
