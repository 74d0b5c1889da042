/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issue pipeline under a power cut at each operation of the disk: what a
 * caller got is there afterwards, nothing stays half-done, and a retry by
 * idempotency key gives each caller exactly one certificate.
 */
#include "pki/pki_test.h"

#include "store/disk_fault.h"
#include "trustchain/ca_issue_fixture.h"
#include "trustchain/ca_issue_world.h"

enum { CALLERS = 3 };

struct caller {
	char key[8], sans[32];
	int calls, status;
	bool replayed;
	struct der final; /* as answered */
};

static struct caller callers[CALLERS];

static void
note(void *ctx, const struct ca_issue_result *r)
{
	struct caller *c = ctx;

	c->calls++;
	c->status = r->status;
	c->replayed = r->replayed;
	c->final.len = 0;
	if (r->row != NULL) {
		memcpy(c->final.data, r->row->final.data, r->row->final.len);
		c->final.len = r->row->final.len;
	}
}

/* Ask and wait for the answer; return whether it is a certificate. */
static bool
ask(struct caller *c)
{
	struct der *csr = malloc(sizeof(*csr));
	struct ca_issue_request q = { .via = CA_ISSUE_CONTROL,
		.owner = "token:t1",
		.idempotency_key = c->key };
	int i;

	c->calls = 0;
	make_csr(w->leaf_key, c->sans, csr);
	q.csr = bytes(csr);
	assert_int_equal(ca_issue_submit(issue, &q, note, c), 0);
	free(csr);
	for (i = 0; i < 2000 && c->calls == 0; i++)
		loop_run_for(loop, 1);
	assert_int_equal(c->calls, 1);
	return c->status == 201;
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
events(void)
{
	struct arena *a = base_arena_new(1 << 22);
	struct ca_outbox *e;
	size_t n;

	assert_int_equal(store->ops->list_outbox(store, 0, 100, a, &e, &n), 0);
	base_arena_free(a);
	return n;
}

/* An empty database on a disk that remembers what is not synced. */
static void
begin(void)
{
	size_t i;

	stop();
	store_disk_free(disk);
	for (i = 0; i < 3; i++) {
		static const char *const ends[] = { "", "-wal", "-shm" };
		char path[160];

		snprintf(path, sizeof(path), "%s%s", db_path, ends[i]);
		unlink(path);
	}
	now_ms = NOW_MS;
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(store_disk_fault_track(disk), 0);
	start();
	for (i = 0; i < CALLERS; i++) {
		snprintf(callers[i].key, sizeof(callers[i].key), "k%zu", i);
		snprintf(callers[i].sans, sizeof(callers[i].sans),
		    "DNS:h%zu.example.test", i);
	}
}

/* After the cut: a new start, and roll-forward until nothing is half-done. */
static void
recover(void)
{
	int i;

	/* What the kernel had not been told to keep is gone. */
	stop();
	assert_int_equal(store_disk_fault_cut(disk), 0);
	store_disk_fault_skip(disk, NULL);
	now_ms += 10000;
	start();
	for (i = 0; i < 2000 && rows_in(CA_CERT_PRECERT) > 0; i++)
		loop_run_for(loop, 1);
}

/* Whether caller ${c}, who was answered if ${had}, gets what it should. */
static bool
retry_ok(struct caller *c, bool had)
{
	struct der *before = malloc(sizeof(*before));
	bool ok;

	*before = c->final;
	ok = ask(c);
	if (had)
		ok = ok && c->replayed && c->final.len == before->len &&
		     memcmp(c->final.data, before->data, before->len) == 0;
	free(before);
	return ok;
}

/* 1: an invariant broke; 0: none did; -1: the cut came after the end. */
static int
cut_at(uint64_t op, const char *skip)
{
	int had = 0, i;
	bool bad;

	begin();
	store_disk_fault_skip(disk, skip);
	store_disk_fault_stop(disk, store_disk_fault_ops(disk) + op);
	for (i = 0; i < CALLERS && ask(&callers[i]); i++)
		had++;
	if (had == CALLERS)
		store_disk_fault_stop(disk, store_disk_fault_ops(disk) + 1);
	recover();
	bad = rows_in(CA_CERT_PRECERT) != 0 ||
	      rows_in(CA_CERT_ABANDONED) != 0 ||
	      rows_in(CA_CERT_ISSUED) != events();
	for (i = 0; !bad && i < CALLERS; i++)
		bad = !retry_ok(&callers[i], i < had);
	bad = bad || rows_in(CA_CERT_ISSUED) != CALLERS;
	if (bad)
		return 1;
	return had == CALLERS ? -1 : 0;
}

static int
violations(const char *skip)
{
	int bad = 0, r = 0;
	uint64_t op;

	for (op = 1; r != -1 && bad == 0 && op < 200; op++)
		bad += (r = cut_at(op, skip)) == 1;
	assert_true(op < 200);
	/* Three callers' C1 and C2 are some dozen writes and six syncs. */
	assert_true(bad > 0 || op > 20);
	return bad;
}

static void
test_power_cut(void **state)
{
	(void)state;
	assert_int_equal(violations(NULL), 0);
}

static void
test_shown_to_fail(void **state)
{
	(void)state;
	assert_true(violations("sqlite.wal") > 0);
}

/* In memory: the power is simulated, and so the disk need not be real. */
static int
cut_setup(void **state)
{
	setup(state);
	stop();
	if (access("/dev/shm", W_OK) == 0)
		snprintf(db_path, sizeof(db_path), "/dev/shm/troth-cut-%d.db",
		    (int)getpid());
	start();
	return 0;
}

static int
cut_teardown(void **state)
{
	char path[160];

	teardown(state);
	unlink(db_path);
	snprintf(path, sizeof(path), "%s-wal", db_path);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", db_path);
	unlink(path);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_power_cut, cut_setup, cut_teardown),
		cmocka_unit_test_setup_teardown(
		    test_shown_to_fail, cut_setup, cut_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
