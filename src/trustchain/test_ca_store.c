/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_fixture.h"

static void
test_issue(void **state)
{
	struct ca_cert c = cert("s1"), r;
	struct ca_name *names;
	size_t n;
	int64_t v;

	(void)state;
	assert_int_equal(c1(&c, NULL), 0);
	assert_int_equal(c1(&c, NULL), ERR_STATE_EXISTS);
	assert_int_equal(s->ops->get_cert(s, "int1", blob("s1"), a, &r), 0);
	assert_int_equal(r.state, CA_CERT_PRECERT);
	assert_int_equal(r.final.len, 0);
	assert_null(r.order_id);
	assert_memory_equal(r.precert.data, "PRECERT", 7);
	assert_int_equal(c2("s2"), ERR_STATE_NOT_FOUND);
	assert_int_equal(c2("s1"), 0);
	assert_int_equal(c2("s1"), ERR_STATE_STALE);
	restart();
	assert_int_equal(s->ops->get_cert_fp(s, blob("s1"), a, &r), 0);
	assert_int_equal(r.state, CA_CERT_ISSUED);
	assert_memory_equal(r.final.data, "FINAL", 5);
	assert_string_equal(r.profile, "server");
	assert_string_equal(r.sct_json, "[]");
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s1"), a, &r), 0);
	assert_int_equal(s->ops->get_cert(s, "other", blob("s1"), a, &r),
	    ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->cert_names(s, r.id, a, &names, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(names[0].kind, CA_NAME_DNS);
	assert_int_equal(names[0].value.len, 11);
	assert_memory_equal(names[0].value.data, "www.example", 11);
	assert_memory_equal(names[1].value.data, "0123456789abcdef", 16);
	assert_int_equal(s->ops->count_live(s, 5000, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(s->ops->count_live(s, 9000, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(s->ops->newest_not_before(s, &v), 0);
	assert_int_equal(v, 1000);
}

/* What halts: an unknown issuer, and an epoch that moved. */
static void
test_epoch(void **state)
{
	struct ca_cert c = cert("s1"), bad = cert("s2"), r;
	struct ca_issuer is;
	struct ca_batch *b;

	(void)state;
	bad.issuer = "int9";
	assert_int_equal(c1(&bad, NULL), ERR_STATE_NOT_FOUND);
	bad = cert("s2");
	bad.epoch = 2;
	assert_int_equal(c1(&bad, NULL), ERR_STATE_HALTED);
	assert_int_equal(c1(&c, NULL), 0);
	b = ca_batch_new();
	ca_batch_issuer_state(b, "int1", "halted");
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	put_issuer(); /* a restart's must not open it again */
	assert_int_equal(s->ops->get_issuer(s, "int1", a, &is), 0);
	assert_string_equal(is.state, "halted");
	/* A plain halt lets what was admitted finish. */
	assert_int_equal(c2("s1"), 0);
	b = ca_batch_new();
	ca_batch_abandon(b, "int1", blob("s1"), 2000, NULL);
	assert_int_equal(s->ops->submit_wait(s, b), ERR_STATE_STALE);
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s1"), a, &r), 0);
	assert_int_equal(r.revoked_at, 0);
}

static void
test_idem_and_abandon(void **state)
{
	struct ca_idem idem = { .token = "t1",
		.key = "k",
		.body_hash = blob("h"),
		.expires = 5000,
		.now = 1000 },
		       r;
	struct ca_cert one = cert("s1"), two = cert("s2"), c;
	struct ca_batch *b;

	(void)state;
	assert_int_equal(c1(&one, &idem), 0);
	/* The second holder of a key leaves nothing behind. */
	assert_int_equal(c1(&two, &idem), ERR_STATE_EXISTS);
	assert_int_equal(
	    s->ops->get_cert(s, NULL, blob("s2"), a, &c), ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->get_idem(s, "t1", "k", 4999, a, &r), 0);
	assert_memory_equal(r.body_hash.data, "h", 1);
	assert_int_equal(s->ops->get_cert_id(s, r.cert_id, a, &c), 0);
	assert_memory_equal(c.serial.data, "s1", 2);
	assert_int_equal(
	    s->ops->get_idem(s, "t1", "k", 5000, a, &r), ERR_STATE_NOT_FOUND);
	assert_int_equal(
	    s->ops->get_idem(s, "t2", "k", 1, a, &r), ERR_STATE_NOT_FOUND);
	b = ca_batch_new();
	ca_batch_abandon(b, "int1", blob("s1"), 2000, NULL);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s1"), a, &c), 0);
	assert_int_equal(c.state, CA_CERT_ABANDONED);
	assert_int_equal(c.revoked_at, 2000);
	assert_int_equal(c.reason, 5);
	assert_int_equal(
	    s->ops->get_idem(s, "t1", "k", 1, a, &r), ERR_STATE_NOT_FOUND);
	assert_int_equal(c2("s1"), ERR_STATE_STALE);
	/* The key is free again; and later, once its holder expired. */
	assert_int_equal(c1(&two, &idem), 0);
	idem.now = 5000;
	one = cert("s3");
	assert_int_equal(c1(&one, &idem), 0);
}

static size_t
count_certs(const struct ca_cert_filter *f)
{
	struct ca_cert *rows;
	size_t n;

	assert_int_equal(s->ops->list_certs(s, f, a, &rows, &n), 0);
	return n;
}

static void
test_list(void **state)
{
	struct ca_name dns = { CA_NAME_DNS, blob("www.example") };
	struct ca_name other = { CA_NAME_DNS, blob("example") };
	struct ca_cert_filter f = { .limit = 3 };
	struct ca_cert c, *rows;
	struct ca_batch *b;
	char serial[8];
	size_t n, i;

	(void)state;
	for (i = 0; i < 8; i++) {
		snprintf(serial, sizeof(serial), "s%zu", i);
		c = cert(serial);
		c.created = (int64_t)(1000 + i);
		c.not_after = (int64_t)(5000 + i);
		c.owner = i < 2 ? "acct:x" : "token:t1";
		c.spki = blob(i == 5 ? "five" : "spki");
		assert_int_equal(c1(&c, NULL), 0);
	}
	assert_int_equal(c2("s3"), 0);
	b = ca_batch_new();
	ca_batch_revoke(b, "int1", blob("s3"), 3000, 1);
	ca_batch_revoke(b, "int1", blob("s3"), 4000, 4);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s3"), a, &c), 0);
	assert_int_equal(c.revoked_at, 3000);
	assert_int_equal(c.reason, 1);
	/* Page by page, each row once. */
	for (i = 0; i < 8; i += n) {
		assert_int_equal(s->ops->list_certs(s, &f, a, &rows, &n), 0);
		assert_true(n > 0 && n <= 3);
		f.after_id = rows[n - 1].id;
	}
	assert_int_equal(i, 8);
	assert_int_equal(count_certs(&f), 0);
	f = (struct ca_cert_filter){ .state = CA_CERT_PRECERT };
	assert_int_equal(count_certs(&f), 7);
	f.created_before = 1004;
	assert_int_equal(count_certs(&f), 3);
	f = (struct ca_cert_filter){ .owner = "acct:x", .issuer = "int1" };
	assert_int_equal(count_certs(&f), 2);
	f = (struct ca_cert_filter){ .spki = blob("five") };
	assert_int_equal(count_certs(&f), 1);
	f = (struct ca_cert_filter){ .revoked = 1 };
	assert_int_equal(count_certs(&f), 1);
	f = (struct ca_cert_filter){
		.revoked = -1, .not_after_from = 5002, .not_after_before = 5006
	};
	assert_int_equal(count_certs(&f), 3);
	f = (struct ca_cert_filter){ .name = &dns, .state = CA_CERT_ISSUED };
	assert_int_equal(count_certs(&f), 1);
	f = (struct ca_cert_filter){ .name = &other };
	assert_int_equal(count_certs(&f), 0);
}

static void
test_tokens_and_blocks(void **state)
{
	struct ca_token t = { .id = "t1",
		.hash = blob("hash"),
		.roles = "issuer",
		.name_scopes = "[\"example\"]",
		.rate_per_min = 60000,
		.expires = 9999 },
			r, *tokens;
	struct ca_block k = { "name", "bad.example", 5, "op" }, kr, *blocks;
	struct ca_batch *b = ca_batch_new();
	size_t n;

	(void)state;
	ca_batch_put_token(b, &t);
	ca_batch_put_block(b, &k);
	ca_batch_put_block(b, &k);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	b = ca_batch_new();
	ca_batch_put_token(b, &t);
	assert_int_equal(s->ops->submit_wait(s, b), ERR_STATE_EXISTS);
	assert_int_equal(s->ops->get_token_hash(s, blob("hash"), a, &r), 0);
	assert_string_equal(r.name_scopes, "[\"example\"]");
	assert_null(r.profiles);
	assert_int_equal(s->ops->get_token_hash(s, blob("hasi"), a, &r),
	    ERR_STATE_NOT_FOUND);
	b = ca_batch_new();
	ca_batch_revoke_token(b, "t1", 77);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	b = ca_batch_new();
	ca_batch_revoke_token(b, "t2", 77);
	assert_int_equal(s->ops->submit_wait(s, b), ERR_STATE_NOT_FOUND);
	assert_int_equal(s->ops->list_tokens(s, a, &tokens, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(tokens[0].revoked_at, 77);
	assert_int_equal(s->ops->get_token(s, "t1", a, &r), 0);
	assert_int_equal(
	    s->ops->get_block(s, "name", "bad.example", a, &kr), 0);
	assert_string_equal(kr.by, "op");
	b = ca_batch_new();
	ca_batch_drop_block(b, "name", "bad.example");
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->list_blocks(s, a, &blocks, &n), 0);
	assert_int_equal(n, 0);
}

static void
test_outbox(void **state)
{
	struct ca_cert c = cert("s1");
	struct ca_outbox *rows;
	struct ca_batch *b;
	int64_t v;
	size_t n;

	(void)state;
	assert_int_equal(s->ops->outbox_drained(s, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(c1(&c, NULL), 0);
	assert_int_equal(c2("s1"), 0);
	assert_int_equal(c2("s1"), ERR_STATE_STALE);
	assert_int_equal(s->ops->outbox_drained(s, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(s->ops->list_outbox(s, 0, 10, a, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].seq, 1);
	assert_string_equal(rows[0].event, "cert.issued");
	b = ca_batch_new();
	ca_batch_outbox_done(b, 1);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	restart();
	assert_int_equal(s->ops->outbox_drained(s, &v), 0);
	assert_int_equal(v, 1);
	/* A number is never used again, so the log can tell duplicates. */
	b = ca_batch_new();
	ca_batch_outbox(b, 5, "ca.start", "{}");
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->list_outbox(s, 1, 10, a, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].seq, 2);
	assert_int_equal(s->ops->outbox_drained(s, &v), 0);
	assert_int_equal(v, 1);
}

struct waiting {
	struct loop *loop;
	int left, bad;
};

static void
on_done(void *ctx, int rc)
{
	struct waiting *w = ctx;

	w->bad += rc != 0;
	if (--w->left == 0)
		loop_stop(w->loop);
}

static void
test_async(void **state)
{
	struct waiting w = { NULL, 50, 0 };
	struct ca_batch *b;
	char serial[8];
	struct ca_cert c;
	int i;

	(void)state;
	s->ops->close(s);
	assert_int_equal(loop_new(&w.loop), 0);
	assert_int_equal(open_store(w.loop), 0);
	for (i = 0; i < 50; i++) {
		snprintf(serial, sizeof(serial), "s%d", i % 49);
		c = cert(serial);
		b = ca_batch_new();
		ca_batch_put_precert(b, &c, NULL, 0);
		assert_int_equal(s->ops->submit(s, b, on_done, &w), 0);
	}
	assert_true(loop_run_for(w.loop, 10000));
	assert_int_equal(w.bad, 1); /* the serial used twice */
	/* What is under way at close is completed by it. */
	w.left = 2;
	c = cert("last");
	b = ca_batch_new();
	ca_batch_put_precert(b, &c, NULL, 0);
	assert_int_equal(s->ops->submit(s, b, on_done, &w), 0);
	s->ops->close(s);
	assert_int_equal(w.left, 1);
	assert_int_equal(w.bad, 1);
	loop_run_for(w.loop, 20);
	loop_free(w.loop);
	assert_int_equal(open_store(NULL), 0);
}

/*
 * Issue certificates with the power going at operation ${cut}; whatever was
 * acknowledged is there, and an issued row has its event.
 */
static int
issue_cut(uint64_t cut, const char *skip)
{
	int issued = 0, i, ok, rc = 0, bad = 0;
	struct ca_cert_filter f = { .state = CA_CERT_ISSUED };
	struct ca_outbox *events;
	struct ca_cert c, *rows;
	char serial[8];
	size_t n = 0, n_events = 0;

	setup(NULL);
	store_disk_fault_skip(disk, skip);
	store_disk_fault_stop(disk, store_disk_fault_ops(disk) + cut);
	for (i = 0; rc == 0 && i < 4; i++) {
		snprintf(serial, sizeof(serial), "s%d", i);
		c = cert(serial);
		if ((rc = c1(&c, NULL)) == 0 && (rc = c2(serial)) == 0)
			issued++;
	}
	if (rc == 0)
		store_disk_fault_stop(disk, store_disk_fault_ops(disk) + 1);
	s->ops->close(s);
	s = NULL;
	assert_int_equal(store_disk_fault_cut(disk), 0);
	store_disk_fault_skip(disk, NULL);
	ok = open_store(NULL) == 0 &&
	     s->ops->list_certs(s, &f, a, &rows, &n) == 0 &&
	     s->ops->list_outbox(s, 0, 100, a, &events, &n_events) == 0;
	bad = !ok || (int)n < issued || n != n_events;
	teardown(NULL);
	if (bad)
		return 1;
	return rc == 0 ? -1 : 0;
}

static int
issue_violations(const char *skip)
{
	int bad = 0, r = 0;
	uint64_t cut;

	for (cut = 1; r != -1 && cut < 500; cut++) {
		bad += (r = issue_cut(cut, skip)) == 1;
		if (skip != NULL && bad > 0)
			break;
	}
	assert_true(cut < 500);
	return bad;
}

static void
test_power_cut(void **state)
{
	(void)state;
	assert_int_equal(issue_violations(NULL), 0);
	assert_true(issue_violations("sqlite.wal") > 0);
}

/* After the disk failed: changes are refused, reads go on. */
static void
test_read_only(void **state)
{
	struct ca_cert c = cert("s1"), r;

	(void)state;
	assert_int_equal(c1(&c, NULL), 0);
	assert_int_equal(s->ops->health(s), 0);
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 1, ENOSPC);
	assert_int_equal(c2("s1"), ERR_SYS_NOSPACE);
	assert_int_equal(c2("s1"), ERR_STATE_READ_ONLY);
	assert_int_equal(s->ops->health(s), ERR_STATE_READ_ONLY);
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s1"), a, &r), 0);
	assert_int_equal(r.state, CA_CERT_PRECERT);
	restart();
	assert_int_equal(c2("s1"), 0);
}

/* A batch that grew too large says so instead of being cut short. */
static void
test_batch_limit(void **state)
{
	struct ca_batch *b = ca_batch_new();
	static uint8_t big[3 << 20];
	struct ca_cert c = cert("s1");

	(void)state;
	c.precert.data = big;
	c.precert.len = sizeof(big);
	ca_batch_put_precert(b, &c, NULL, 0);
	ca_batch_put_precert(b, &c, NULL, 0);
	assert_int_equal(s->ops->submit_wait(s, b), ERR_SYS_LIMIT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_issue),
		T(test_epoch),
		T(test_idem_and_abandon),
		T(test_list),
		T(test_tokens_and_blocks),
		T(test_outbox),
		T(test_async),
		T(test_read_only),
		T(test_batch_limit),
		cmocka_unit_test(test_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
