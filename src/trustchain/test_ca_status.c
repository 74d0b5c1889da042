/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_fixture.h"

#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_batch_status.h"

/* What the store says of a serial, in one word. */
static struct ca_status
status(const char *serial)
{
	struct ca_status st;

	assert_int_equal(s->ops->get_status(s, "int1", blob(serial), &st), 0);
	return st;
}

static int
put_revoked(const char *serial, int64_t at, int64_t reason)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_revoke(b, "int1", blob(serial), at, reason);
	return s->ops->submit_wait(s, b);
}

static int
sweep(const char *issuer, int64_t at, int64_t reason)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_sweep(b, issuer, at, reason, "op");
	return s->ops->submit_wait(s, b);
}

static void
put(const char *serial, int64_t epoch)
{
	struct ca_cert c = cert(serial);

	c.epoch = epoch;
	assert_int_equal(c1(&c, NULL), 0);
}

static void
test_revoke(void **state)
{
	struct ca_status st;

	(void)state;
	put("s1", 1);
	assert_int_equal(status("s9").kind, CA_STATUS_UNKNOWN);
	assert_int_equal(s->ops->get_status(s, "other", blob("s1"), &st), 0);
	assert_int_equal(st.kind, CA_STATUS_UNKNOWN);
	st = status("s1"); /* row P */
	assert_int_equal(st.kind, CA_STATUS_GOOD);
	assert_int_equal(st.not_after, 9000);
	assert_int_equal(c2("s1"), 0);
	assert_int_equal(status("s1").kind, CA_STATUS_GOOD);
	assert_int_equal(put_revoked("s9", 3000, 1), ERR_STATE_NOT_FOUND);
	assert_int_equal(put_revoked("s1", 3000, 4), 0);
	assert_int_equal(put_revoked("s1", 4000, 3), 0);
	st = status("s1");
	assert_int_equal(st.kind, CA_STATUS_REVOKED);
	assert_int_equal(st.revoked_at, 3000);
	assert_int_equal(st.reason, 4);
	restart();
	assert_int_equal(status("s1").revoked_at, 3000);
}

/* Abandoning is a revocation too, and not the first if there was one. */
static void
test_abandon(void **state)
{
	struct ca_batch *b = ca_batch_new();

	(void)state;
	put("s1", 1);
	put("s2", 1);
	assert_int_equal(put_revoked("s1", 1500, 1), 0);
	ca_batch_abandon(b, "int1", blob("s1"), 2000, NULL);
	ca_batch_abandon(b, "int1", blob("s2"), 2000, NULL);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(status("s1").revoked_at, 1500);
	assert_int_equal(status("s1").reason, 1);
	assert_int_equal(status("s2").revoked_at, 2000);
	assert_int_equal(status("s2").reason, 5);
}

static size_t
count(int64_t revoked)
{
	struct ca_cert_filter f = { .revoked = revoked };
	struct ca_cert *rows;
	size_t n, i;

	assert_int_equal(s->ops->list_certs(s, &f, a, &rows, &n), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(rows[i].revoked_at != 0, revoked > 0);
	return n;
}

static int64_t
live(void)
{
	int64_t n;

	assert_int_equal(s->ops->count_live(s, 5000, &n), 0);
	return n;
}

/* A sweep revokes what has its epoch or an older one, and nothing newer. */
static void
test_sweep(void **state)
{
	struct ca_issuer is;
	struct ca_status st;
	struct ca_cert r;

	(void)state;
	put("s1", 1);
	put("s2", 1);
	put("s3", 1);
	put("late", 1);
	assert_int_equal(c2("s1"), 0);
	assert_int_equal(c2("s2"), 0);
	assert_int_equal(c2("s3"), 0);
	assert_int_equal(put_revoked("s1", 2000, 4), 0);
	assert_int_equal(live(), 2);
	assert_int_equal(count(1), 1);
	assert_int_equal(count(-1), 3);
	assert_int_equal(sweep("int9", 3000, 1), ERR_STATE_NOT_FOUND);
	assert_int_equal(sweep("int1", 3000, 1), 0);
	assert_int_equal(put_revoked("s2", 4000, 5), 0);
	/* What was in flight fails, and new rows need the new epoch. */
	assert_int_equal(c2("late"), ERR_STATE_HALTED);
	assert_int_equal(s->ops->get_issuer(s, "int1", a, &is), 0);
	assert_int_equal(is.epoch, 2);
	assert_string_equal(is.state, "halted");
	put("s4", 2);
	assert_int_equal(c2("s4"), 0);
	assert_int_equal(status("s4").kind, CA_STATUS_GOOD);
	assert_int_equal(live(), 1);
	assert_int_equal(count(1), 4);
	assert_int_equal(count(-1), 1);
	/* The first revocation counts, whichever kind it was. */
	assert_int_equal(status("s1").revoked_at, 2000);
	assert_int_equal(status("s1").reason, 4);
	assert_int_equal(status("s2").revoked_at, 3000);
	assert_int_equal(status("s2").reason, 1);
	assert_int_equal(status("late").kind, CA_STATUS_REVOKED);
	assert_int_equal(sweep("int1", 5000, 5), 0);
	st = status("s3");
	assert_int_equal(st.revoked_at, 3000);
	assert_int_equal(st.reason, 1);
	assert_int_equal(status("s4").revoked_at, 5000);
	assert_int_equal(live(), 0);
	/* Rows tell the same as the status. */
	assert_int_equal(s->ops->get_cert(s, NULL, blob("s3"), a, &r), 0);
	assert_int_equal(r.revoked_at, 3000);
	assert_int_equal(s->ops->get_cert(s, "int1", blob("s4"), a, &r), 0);
	assert_int_equal(r.revoked_at, 5000);
	assert_int_equal(s->ops->get_cert_id(s, r.id, a, &r), 0);
	assert_int_equal(r.revoked_at, 5000);
	assert_int_equal(s->ops->get_cert_fp(s, blob("s4"), a, &r), 0);
	assert_int_equal(r.reason, 5);
}

static int
revoke_match(const struct ca_revoke_match *m, int64_t at, int64_t reason)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_revoke_match(b, m, at, reason, "token:t1");
	return s->ops->submit_wait(s, b);
}

static size_t
events(const char *want)
{
	struct ca_outbox *rows;
	size_t n, i, found = 0;

	assert_int_equal(s->ops->list_outbox(s, 0, 100, a, &rows, &n), 0);
	for (i = 0; i < n; i++)
		found += strcmp(rows[i].event, "cert.revoked") == 0 &&
			 strstr(rows[i].fields, want) != NULL;
	return found;
}

/* By name: what holds it, has not expired and is not revoked yet. */
static void
test_match_name(void **state)
{
	struct ca_name dns = { CA_NAME_DNS, blob("www.example") };
	struct ca_name other = { CA_NAME_DNS, blob("example") };
	struct ca_revoke_match m = { .name = &dns, .now = 5000 };
	struct ca_cert old = cert("old"), r;
	struct ca_revoked *rows;
	struct ca_block block;
	uint64_t seen = s->revocations;
	size_t n;

	(void)state;
	put("s1", 1);
	put("s2", 1);
	put("s3", 1);
	old.not_after = 4999;
	assert_int_equal(c1(&old, NULL), 0);
	assert_int_equal(s->revocations, seen);
	assert_int_equal(put_revoked("s3", 1500, 4), 0);
	assert_int_equal(revoke_match(&m, 5000, 1), 0);
	assert_int_equal(s->revocations, seen + 2);
	assert_int_equal(status("s1").revoked_at, 5000);
	assert_int_equal(status("s2").reason, 1);
	assert_int_equal(status("s3").revoked_at, 1500);
	assert_int_equal(status("old").kind, CA_STATUS_GOOD);
	assert_int_equal(events("\"by\":\"token:t1\""), 2);
	assert_int_equal(events("\"serial\":\"7331\""), 1);
	assert_int_equal(s->ops->list_revoked(s, &m, a, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(rows[0].serial.data, "s1", 2);
	assert_string_equal(rows[0].issuer, "int1");
	assert_int_equal(rows[2].revoked_at, 1500);
	/* Reason 1: the key is refused from now on. */
	assert_int_equal(
	    s->ops->get_block(s, "spki", "73706b69", a, &block), 0);
	m.name = &other;
	assert_int_equal(revoke_match(&m, 6000, 1), 0);
	assert_int_equal(s->ops->list_revoked(s, &m, a, &rows, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(s->ops->get_cert(s, NULL, blob("old"), a, &r), 0);
	assert_int_equal(r.revoked_at, 0);
}

/* By EAB key: what its account ordered; a block ends the account. */
static void
test_match_eab(void **state)
{
	struct ca_acme_account acct = { .id = "a1",
		.status = "valid",
		.thumbprint = "t",
		.jwk = "{}",
		.eab_kid = "kid1",
		.created = 1 };
	struct ca_eab eab = { .kid = "kid1",
		.name_scopes = "[]",
		.expires = 9000,
		.account = "a1" };
	struct ca_acme_order order = { .id = "o1",
		.account = "a1",
		.status = "ready",
		.expires = 9000,
		.identifiers = "[]" };
	struct ca_revoke_match m = { .eab_kid = "kid1", .now = 5000 };
	struct ca_block k = { "eab", "kid1", 5, "op" };
	struct ca_cert mine = cert("mine");
	struct ca_batch *b = ca_batch_new();
	struct ca_revoked *rows;
	size_t n;

	(void)state;
	ca_batch_put_eab(b, &eab);
	ca_batch_put_account(b, &acct);
	ca_batch_put_order(b, &order);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	put("other", 1);
	mine.order_id = "o1";
	assert_int_equal(c1(&mine, NULL), 0);
	assert_int_equal(revoke_match(&m, 5000, 0), 0);
	assert_int_equal(status("mine").revoked_at, 5000);
	assert_int_equal(status("other").kind, CA_STATUS_GOOD);
	assert_int_equal(s->ops->list_revoked(s, &m, a, &rows, &n), 0);
	assert_int_equal(n, 1);
	b = ca_batch_new();
	ca_batch_put_block(b, &k);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_account(s, "a1", a, &acct), 0);
	assert_string_equal(acct.status, "revoked");
}

struct scanned {
	size_t n;
	char serial[8][8];
	int64_t shard[8], at[8], reason[8];
};

static int
on_scan(void *ctx, int64_t shard, const struct ca_revoked *row)
{
	struct scanned *r = ctx;

	assert_string_equal(row->issuer, "int1");
	assert_true(row->serial.len < 8 && r->n < 8);
	memset(r->serial[r->n], 0, 8);
	memcpy(r->serial[r->n], row->serial.data, row->serial.len);
	r->shard[r->n] = shard;
	r->at[r->n] = row->revoked_at;
	r->reason[r->n++] = row->reason;
	return r->n == 8 ? ERR_SYS_LIMIT : 0;
}

static struct scanned
scan(int64_t since)
{
	struct scanned r = { 0 };
	const struct ca_revoked_scan q = { "int1", since, on_scan, &r };

	assert_int_equal(s->ops->scan_revoked(s, &q), 0);
	return r;
}

static int64_t
scanned_at(const struct scanned *r, const char *serial)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->serial[i], serial) == 0)
			return r->at[i];
	return 0;
}

/* What belongs on a CRL: all that is revoked, until it has expired. */
static void
test_scan(void **state)
{
	struct ca_cert old = cert("old");
	struct scanned r;
	bool used;

	(void)state;
	old.not_after = 4000;
	old.shard = 70;
	assert_int_equal(c1(&old, NULL), 0);
	put("s1", 1);
	put("s2", 1);
	assert_int_equal(scan(0).n, 0);
	assert_int_equal(put_revoked("s1", 3000, 4), 0);
	assert_int_equal(put_revoked("old", 3100, 1), 0);
	r = scan(4000);
	assert_int_equal(r.n, 2);
	assert_int_equal(scanned_at(&r, "s1"), 3000);
	assert_int_equal(scanned_at(&r, "old"), 3100);
	r = scan(4001);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.shard[0], 7);
	assert_int_equal(r.reason[0], 4);
	assert_int_equal(sweep("int1", 3050, 5), 0);
	put("s3", 2);
	r = scan(4000);
	assert_int_equal(r.n, 3);
	assert_int_equal(scanned_at(&r, "s1"), 3000);
	assert_int_equal(scanned_at(&r, "s2"), 3050);
	assert_int_equal(scanned_at(&r, "old"), 3050);
	assert_int_equal(sweep("int1", 3060, 1), 0);
	r = scan(4000);
	assert_int_equal(r.n, 4);
	assert_int_equal(scanned_at(&r, "s2"), 3050);
	assert_int_equal(scanned_at(&r, "s3"), 3060);
	assert_int_equal(s->ops->shard_used(s, "int1", 70, 4000, &used), 0);
	assert_true(used);
	assert_int_equal(s->ops->shard_used(s, "int1", 70, 4001, &used), 0);
	assert_false(used);
}

static void
test_crl_number(void **state)
{
	struct ca_issuer is;
	struct ca_batch *b = ca_batch_new();

	(void)state;
	ca_batch_crl(b, "int1", 100, 0);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	b = ca_batch_new();
	ca_batch_crl(b, "int1", 90, 95);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	put_issuer();
	assert_int_equal(s->ops->get_issuer(s, "int1", a, &is), 0);
	assert_int_equal(is.last_crl_number, 100);
	assert_int_equal(is.last_crl_at, 95);
	b = ca_batch_new();
	ca_batch_crl(b, "int9", 90, 95);
	assert_int_equal(s->ops->submit_wait(s, b), ERR_STATE_NOT_FOUND);
}

static int
arm(const char *id, const char *scope)
{
	struct ca_emergency row = { .operation_id = id,
		.note = "note",
		.token_hash = blob("hash"),
		.scope = scope,
		.reason = 4,
		.state = "armed",
		.armed_at = 1,
		.not_after = 9000 };
	struct ca_batch *b = ca_batch_new();

	ca_batch_emergency_arm(b, &row);
	return s->ops->submit_wait(s, b);
}

static int
begin(const char *id, const char *issuer, int64_t reason)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_emergency_begin(b, id, 5000);
	ca_batch_sweep(b, issuer, 5000, reason, id);
	return s->ops->submit_wait(s, b);
}

static int
resume(const char *id, bool allow)
{
	struct ca_batch *b = ca_batch_new();

	if (allow)
		ca_batch_emergency_allow(b, id, "resume");
	ca_batch_emergency_resume(b, id);
	return s->ops->submit_wait(s, b);
}

static int
open_issuer(const char *issuer)
{
	struct ca_batch *b = ca_batch_new();

	ca_batch_open(b, issuer);
	return s->ops->submit_wait(s, b);
}

static bool
is_open(const char *issuer)
{
	struct ca_issuer is;

	assert_int_equal(s->ops->get_issuer(s, issuer, a, &is), 0);
	return strcmp(is.state, "open") == 0;
}

static void
add_issuer(const char *id)
{
	struct ca_issuer is = { .id = id, .state = "open", .epoch = 1 };
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_issuer(b, &is);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
}

/* An operation halts until it is resumed; a plain resume does not end it. */
static void
test_emergency(void **state)
{
	struct ca_tally_scope scope = { "int1", -1, 1, 5000 };
	struct ca_emergency row, *rows;
	struct ca_tally *tally;
	struct ca_batch *b;
	int64_t epoch;
	size_t n;

	(void)state;
	put("s1", 1);
	assert_int_equal(s->ops->swept_epoch(s, "int1", &epoch), 0);
	assert_int_equal(epoch, -1);
	assert_int_equal(s->ops->tally(s, &scope, a, &tally, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(tally[0].profile, "server");
	assert_int_equal(tally[0].n, 1);
	assert_int_equal(arm("op1", "all"), 0);
	assert_int_equal(arm("op1", "all"), ERR_STATE_EXISTS);
	assert_int_equal(resume("op1", true), ERR_STATE_STALE);
	assert_int_equal(open_issuer("int1"), 0);
	assert_int_equal(open_issuer("int9"), ERR_STATE_NOT_FOUND);
	assert_int_equal(begin("op9", "int1", 4), ERR_STATE_STALE);
	assert_true(is_open("int1"));
	assert_int_equal(status("s1").kind, CA_STATUS_GOOD);
	assert_int_equal(begin("op1", "int1", 4), 0);
	/* A token used twice sweeps once. */
	assert_int_equal(begin("op1", "int1", 4), ERR_STATE_STALE);
	assert_int_equal(s->ops->swept_epoch(s, "int1", &epoch), 0);
	assert_int_equal(epoch, 1);
	assert_int_equal(status("s1").reason, 4);
	assert_false(is_open("int1"));
	assert_int_equal(open_issuer("int1"), ERR_STATE_HALTED);
	/* One that is configured meanwhile does not issue either. */
	add_issuer("int2");
	assert_false(is_open("int2"));
	assert_int_equal(open_issuer("int2"), ERR_STATE_HALTED);
	assert_int_equal(resume("op1", false), ERR_STATE_STALE);
	b = ca_batch_new();
	ca_batch_emergency_count(b, "op1", 1, "{}");
	ca_batch_emergency_done(b, "op1", 6000);
	ca_batch_emergency_done(b, "op1", 7000);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
	assert_int_equal(s->ops->get_emergency(s, "op1", a, &row), 0);
	assert_string_equal(row.state, "done");
	assert_int_equal(row.revoked, 1);
	assert_int_equal(row.done_at, 6000);
	assert_int_equal(row.started_at, 5000);
	assert_int_equal(resume("op1", true), 0);
	assert_true(is_open("int1"));
	assert_true(is_open("int2"));
	assert_int_equal(resume("op1", true), ERR_STATE_STALE);
	assert_int_equal(begin("op1", "int1", 4), ERR_STATE_STALE);
	assert_int_equal(s->ops->list_emergencies(s, a, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].state, "resumed");
}

/* After a sweep with reason 1 only a new issuer issues again. */
static void
test_emergency_key(void **state)
{
	bool swept;

	(void)state;
	put("s1", 1);
	assert_int_equal(s->ops->key_swept(s, blob("spki"), &swept), 0);
	assert_false(swept);
	add_issuer("int2");
	assert_int_equal(arm("op1", "issuer:int1"), 0);
	assert_int_equal(begin("op1", "int1", 1), 0);
	assert_true(is_open("int2"));
	add_issuer("int3");
	assert_true(is_open("int3"));
	assert_int_equal(resume("op1", true), 0);
	assert_false(is_open("int1"));
	/* Keys that it covered are refused from any issuer. */
	assert_int_equal(s->ops->key_swept(s, blob("spki"), &swept), 0);
	assert_true(swept);
	assert_int_equal(s->ops->key_swept(s, blob("other"), &swept), 0);
	assert_false(swept);
	assert_int_equal(open_issuer("int1"), ERR_STATE_HALTED);
	put_issuer();
	assert_false(is_open("int1"));
}

/* A reader beside the writer sees what is committed, and writes nothing. */
static void
test_reader(void **state)
{
	struct ca_store_sqlite_opts o = { .disk = disk,
		.path = path,
		.read_only = true };
	struct ca_store *writer = s, *reader;
	struct fault f;

	(void)state;
	put("s1", 1);
	assert_int_equal(ca_store_sqlite_open(&o, &f, &reader), 0);
	s = reader;
	assert_int_equal(status("s1").kind, CA_STATUS_GOOD);
	assert_int_equal(put_revoked("s1", 3000, 4), ERR_STATE_READ_ONLY);
	assert_int_equal(reader->ops->health(reader), 0);
	s = writer;
	assert_int_equal(put_revoked("s1", 3000, 4), 0);
	s = reader;
	assert_int_equal(status("s1").kind, CA_STATUS_REVOKED);
	s = writer;
	reader->ops->close(reader);
	assert_int_equal(status("s1").kind, CA_STATUS_REVOKED);
	/* What is not there is not made. */
	o.path = "/nonexistent/ca.db";
	assert_int_not_equal(ca_store_sqlite_open(&o, &f, &reader), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_revoke),
		T(test_abandon),
		T(test_sweep),
		T(test_reader),
		T(test_scan),
		T(test_crl_number),
		T(test_emergency),
		T(test_emergency_key),
		T(test_match_name),
		T(test_match_eab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
