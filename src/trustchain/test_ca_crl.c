/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc_test.h"
#include "pki/pki_test.h"

#include "trustchain/ca_store_fixture.h"

#include <openssl/x509.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "keys/client.h"
#include "loop/work.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/keyop.h"

/*
 * The publisher over a real store and real files; OpenSSL plays the key
 * process, which fails on demand, and reads what was published.
 */
enum { SHARDS = 4 };

static struct pki_world *w;
static struct loop *loop;
static struct loop_pool *pool;
static struct ca_crl *crl;
static struct ca_config config;
static struct ca_authority_issuer issuer;
static struct ca_authority authority = { .n_issuers = 1, .issuer = &issuer };
static int64_t now;
static int fail_at, fail_rc; /* the n-th signature from now */
static int signed_count;

static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock test_clock = { clock_now, NULL };

struct key_reply {
	keys_client_fn *fn;
	void *ctx;
	int rc;
	struct der sig;
};

static void
deliver_key(void *ctx)
{
	struct key_reply *k = ctx;

	k->fn(k->ctx, k->rc, k->sig.data, k->rc == 0 ? k->sig.len : 0);
	free(k);
}

int
keys_client_call(struct keys_client *c, const struct keys_request *req,
    keys_client_fn *fn, void *ctx)
{
	struct key_reply *k = calloc(1, sizeof(*k));
	long left;
	int rc;

	(void)c;
	if (k == NULL)
		return ERR_SYS_NOMEM;
	/* The key process has its own memory. */
	left = atomic_exchange(&alloc_test_left, -1);
	assert_int_equal(req->op, KEYOP_CRL);
	k->fn = fn;
	k->ctx = ctx;
	signed_count++;
	if (fail_at > 0 && --fail_at == 0)
		k->rc = fail_rc;
	else
		sign_with(w->issuer_key, EVP_sha256(),
		    B(req->payload, req->len), &k->sig);
	atomic_store(&alloc_test_left, left);
	if ((rc = loop_post(loop, deliver_key, k)) != 0)
		free(k);
	return rc;
}

static void
begin(void)
{
	struct ca_crl_opts o = { .loop = loop,
		.pool = pool,
		.disk = disk,
		.clock = &test_clock,
		.config = &config,
		.authority = &authority,
		.store = s };

	assert_int_equal(ca_crl_new(&o, &crl), 0);
}

static int
setup_crl(void **state)
{
	char path_of[128];

	setup(state);
	s->ops->close(s);
	w = world_new();
	now = NOW_MS;
	fail_at = 0;
	issuer = (struct ca_authority_issuer){
		.id = "int1", .cert = w->issuer, .crl_shards = SHARDS
	};
	memset(&config, 0, sizeof(config));
	config.server.state_dir = dir;
	config.server.status_url = strdup("http://status.test");
	config.status.crl_interval_s = 3600;
	config.status.crl_validity_s = 43200;
	snprintf(path_of, sizeof(path_of), "%s/crl", dir);
	assert_int_equal(mkdir(path_of, 0755), 0);
	snprintf(path_of, sizeof(path_of), "%s/crl/int1", dir);
	assert_int_equal(mkdir(path_of, 0755), 0);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(loop_pool_new(loop, 2, 64, &pool), 0);
	assert_int_equal(open_store(loop), 0);
	begin();
	return 0;
}

static void
end(void)
{
	ca_crl_stop(crl);
	loop_pool_free(pool);
	s->ops->close(s);
	loop_run_for(loop, 5);
	ca_crl_free(crl);
}

static int
teardown_crl(void **state)
{
	end();
	s = NULL;
	loop_free(loop);
	free(config.server.status_url);
	world_free(w);
	return teardown(state);
}

struct got {
	int calls, rc;
	int64_t number;
	size_t entries;
};

static void
on_published(void *ctx, int rc, const struct ca_crl_published *all, size_t n)
{
	struct got *g = ctx;

	assert_int_equal(n, 1);
	g->calls++;
	g->rc = rc;
	g->number = all[0].number;
	g->entries = all[0].entries;
}

/* Publish and wait for it. */
static struct got
publish(void)
{
	struct got g = { 0 };
	int i;

	assert_int_equal(ca_crl_publish(crl, on_published, &g), 0);
	for (i = 0; i < 1000 && g.calls == 0; i++)
		loop_run_for(loop, 10);
	assert_int_equal(g.calls, 1);
	return g;
}

static X509_CRL *
load(const char *name)
{
	char file[160];
	X509_CRL *x;
	FILE *f;

	snprintf(file, sizeof(file), "%s/crl/int1/%s.crl", dir, name);
	if ((f = fopen(file, "rb")) == NULL)
		return NULL;
	x = d2i_X509_CRL_fp(f, NULL);
	fclose(f);
	assert_non_null(x);
	assert_int_equal(X509_CRL_verify(x, w->issuer_key), 1);
	return x;
}

/* How many entries a file has; -1: there is none. */
static int
entries(const char *name)
{
	X509_CRL *x = load(name);
	int n;

	if (x == NULL)
		return -1;
	n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(x));
	X509_CRL_free(x);
	return n < 0 ? 0 : n;
}

/* A revoked certificate that expires after ${life_ms}. */
static void
add(const char *serial, int64_t shard, int64_t life_ms, bool revoked)
{
	struct ca_cert c = cert(serial);
	struct ca_batch *b = ca_batch_new();

	c.shard = shard;
	c.not_before = now;
	c.not_after = now + life_ms;
	ca_batch_put_precert(b, &c, NULL, 0);
	if (revoked)
		ca_batch_revoke(b, "int1", c.serial, now, 4);
	assert_int_equal(s->ops->submit_wait(s, b), 0);
}

static void
test_publish(void **state)
{
	struct ca_issuer is;
	struct got g, h;

	(void)state;
	g = publish();
	assert_int_equal(g.rc, 0);
	assert_int_equal(g.entries, 0);
	assert_int_equal(g.number, NOW_MS);
	assert_int_equal(entries("0"), 0);
	assert_int_equal(entries("3"), 0);
	assert_int_equal(entries("4"), -1);
	assert_int_equal(entries("full"), 0);
	assert_int_equal(ca_crl_oldest_ms(crl), NOW_MS);
	add("s1", 1, DAY_MS, true);
	add("s2", 3, DAY_MS, true);
	add("s3", 3, DAY_MS, false);
	h = publish();
	assert_int_equal(h.entries, 2);
	/* The clock stands still, the number does not. */
	assert_true(h.number > g.number);
	assert_int_equal(entries("0"), 0);
	assert_int_equal(entries("1"), 1);
	assert_int_equal(entries("3"), 1);
	assert_int_equal(entries("full"), 2);
	assert_int_equal(s->ops->get_issuer(s, "int1", a, &is), 0);
	assert_int_equal(is.last_crl_number, h.number);
	assert_int_equal(is.last_crl_at, NOW_MS);
	/* Nor does it fall behind when the clock does. */
	now -= DAY_MS;
	assert_true(publish().number > h.number);
}

/* RFC 5280 section 3.3: an entry stays for one CRL after the expiry. */
static void
test_retention(void **state)
{
	(void)state;
	assert_int_equal(publish().rc, 0);
	add("s1", 1, 5000, true);
	now += 1000;
	assert_int_equal(publish().entries, 1);
	now += 10000;
	assert_int_equal(publish().entries, 1);
	now += 1000;
	assert_int_equal(publish().entries, 0);
}

/* A shard beyond the configuration lives as long as its certificates. */
static void
test_old_shard(void **state)
{
	(void)state;
	issuer.crl_shards = 8;
	assert_int_equal(publish().rc, 0);
	assert_int_equal(entries("7"), 0);
	add("s7", 7, DAY_MS, false);
	issuer.crl_shards = 4;
	now += 1000;
	assert_int_equal(publish().rc, 0);
	assert_int_equal(entries("7"), 0);
	assert_int_equal(entries("6"), -1);
	/* Once more after the last has expired, as with entries. */
	now += 2 * DAY_MS;
	assert_int_equal(publish().rc, 0);
	assert_int_equal(entries("7"), 0);
	now += 1000;
	assert_int_equal(publish().rc, 0);
	assert_int_equal(entries("7"), -1);
	assert_int_equal(entries("3"), 0);
}

/* By itself, after a revocation: nobody asks for it. */
static void
test_debounce(void **state)
{
	int i;

	(void)state;
	assert_int_equal(publish().rc, 0);
	add("s1", 2, DAY_MS, true);
	for (i = 0; i < 500 && entries("full") != 1; i++)
		loop_run_for(loop, 10);
	assert_int_equal(entries("full"), 1);
	assert_int_equal(entries("2"), 1);
}

/* A key process that refuses fails the publication; one that is busy is asked
 * again; the files that are there are whole all the time. */
static void
test_key_fails(void **state)
{
	struct got g;
	int at;

	(void)state;
	assert_int_equal(publish().rc, 0);
	add("s1", 2, DAY_MS, true);
	for (at = 1; at <= SHARDS + 1; at++) {
		fail_at = at;
		fail_rc = ERR_STATE_REFUSED;
		now += 1000;
		g = publish();
		assert_int_equal(g.rc, ERR_STATE_REFUSED);
		assert_true(entries("0") == 0 && entries("3") == 0);
		assert_true(entries("full") >= 0);
	}
	fail_at = 2;
	fail_rc = ERR_SYS_UNAVAILABLE;
	now += 1000;
	g = publish();
	assert_int_equal(g.rc, 0);
	assert_int_equal(entries("full"), 1);
	assert_int_equal(entries("2"), 1);
}

/* The n-th operation on the disk fails: said, and nothing half written. */
static void
test_disk_fails(void **state)
{
	struct got g = { 0 };
	uint64_t n;

	(void)state;
	assert_int_equal(publish().rc, 0);
	add("s1", 2, DAY_MS, true);
	for (n = 1; n < 200; n += 3) {
		/* The store shares the disk, and is read-only after that. */
		store_disk_fault_fail(
		    disk, store_disk_fault_ops(disk) + n, EIO);
		now += 1000;
		g = publish();
		store_disk_fault_fail(disk, 0, 0);
		assert_true(entries("0") == 0 && entries("3") == 0);
		assert_true(entries("2") >= 0 && entries("full") >= 0);
		if (g.rc == 0)
			break;
		ca_crl_stop(crl);
		s->ops->close(s);
		loop_run_for(loop, 5);
		ca_crl_free(crl);
		store_disk_free(disk);
		assert_int_equal(store_disk_new(&disk), 0);
		assert_int_equal(store_disk_fault_track(disk), 0);
		assert_int_equal(open_store(loop), 0);
		begin();
	}
	assert_true(n > 1 && n < 200);
	assert_int_equal(g.rc, 0);
	assert_int_equal(entries("full"), 1);
}

/*
 * Whatever allocation fails: who waits is told once, the files that are there
 * are whole (OpenSSL reads them), and the next publication has it all.
 */
static void
test_memory(void **state)
{
	bool failed = true;
	struct got g;
	long n, bad = 0;
	int i;

	(void)state;
	assert_int_equal(publish().rc, 0);
	add("s1", 2, DAY_MS, true);
	for (n = 0; failed; n += 7) {
		now += 1000;
		memset(&g, 0, sizeof(g));
		(void)alloc_test_fail(n);
		if (ca_crl_publish(crl, on_published, &g) == 0)
			for (i = 0; i < 1000 && g.calls == 0; i++)
				loop_run_for(loop, 10);
		else
			g = (struct got){ .calls = 1, .rc = ERR_SYS_NOMEM };
		failed = alloc_test_failed() && ALLOC_TEST;
		assert_int_equal(g.calls, 1);
		bad += g.rc != 0 ? 1 : 0;
		assert_true(entries("0") == 0 && entries("3") == 0);
		assert_true(entries("2") >= 0 && entries("full") >= 0);
	}
	assert_int_equal(g.rc, 0);
	assert_true(bad > 5 || !ALLOC_TEST);
	assert_int_equal(entries("full"), 1);
	assert_int_equal(entries("2"), 1);
}

/* Those who wait at the end are told. */
static void
test_stop(void **state)
{
	struct got g = { 0 };

	(void)state;
	assert_int_equal(ca_crl_publish(crl, on_published, &g), 0);
	loop_run_for(loop, 2);
	ca_crl_stop(crl);
	assert_int_equal(g.calls, 1);
	assert_int_equal(
	    ca_crl_publish(crl, on_published, &g), ERR_STATE_CLOSED);
	loop_run_for(loop, 50);
	assert_int_equal(g.calls, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_crl, teardown_crl)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_publish),
		T(test_retention),
		T(test_old_shard),
		T(test_debounce),
		T(test_key_fails),
		T(test_disk_fails),
		T(test_memory),
		T(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
