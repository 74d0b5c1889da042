/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine of the log without HTTP: parse, chain verification, dedup,
 * write-ahead log, fdatasync, SCT signature.
 *
 *   ct_append DIR ROOT.PEM THREADS DELAY_MS WINDOW < BODIES
 *
 * BODIES are lines of {"chain": [...]} (make_bodies chain).  WINDOW of them
 * are under way at a time; each sync lasts DELAY_MS longer.  Prints one JSON
 * object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "pki/roots.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/file.h"
#include "trustchain/ct_chain.h"
#include "trustchain/ct_params.h"
#include "wire/base64.h"
#include "wire/json.h"

enum { LINE_BYTES = 1 << 16, BODIES_MAX = 1 << 20, CERTS_MAX = 8 };

struct body {
	struct ct_shard_entry entry; /* first: done() finds us by it */
	char *text;
	size_t len;
	struct ct_chain chain;
	struct arena *arena;
	uint64_t begun_us, took_us;
};

struct signature {
	uint8_t slot;
	uint8_t *payload;
	size_t len;
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t sig_len;
	int rc;
	keys_client_fn *fn;
	void *ctx;
};

static struct {
	struct loop *loop;
	struct loop_pool *pool;
	struct ct_shard *shard;
	struct pki_roots *roots;
	struct crypto_pkey *log_key, *note_key;
	struct body *body;
	size_t n, next, finished, failed;
} b;

static void
check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ct_append: %s failed\n", what);
	exit(1);
}

static int64_t
now_ms(void *ctx)
{
	struct timespec t;

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
sign_work(void *ctx)
{
	struct signature *s = ctx;

	s->rc = crypto_pkey_sign(s->slot == 0 ? b.log_key : b.note_key,
	    s->payload, s->len, s->sig, &s->sig_len);
}

static void
sign_done(void *ctx)
{
	struct signature *s = ctx;

	s->fn(s->ctx, s->rc, s->sig, s->sig_len);
	free(s->payload);
	free(s);
}

/* Signing on the pool stands for the key process. */
static int
sign(
    void *ctx, const struct keys_request *req, keys_client_fn *fn, void *fn_ctx)
{
	struct signature *s = calloc(1, sizeof(*s));
	const uint8_t *end;

	(void)ctx;
	check(s != NULL && (s->payload = malloc(req->len)) != NULL, "malloc");
	memcpy(s->payload, req->payload, req->len);
	s->slot = req->slot;
	s->len = req->len;
	/* The text of a note, up to the log's own signature. */
	end = s->slot == 0 ? NULL : memmem(s->payload, s->len, "\n\n", 2);
	if (end != NULL)
		s->len = (size_t)(end + 1 - s->payload);
	s->fn = fn;
	s->ctx = fn_ctx;
	return loop_pool_submit(b.pool, sign_work, sign_done, s);
}

static void begin(void);

static void
done(struct ct_shard_entry *e, int rc)
{
	struct body *x = (struct body *)e;

	x->took_us = loop_monotonic_us() - x->begun_us;
	b.failed += rc != 0;
	ct_chain_fini(&x->chain);
	base_arena_free(x->arena);
	if (++b.finished == b.n)
		loop_stop(b.loop);
	else
		begin();
}

static void
work(void *ctx)
{
	const struct ct_chain_rules rules = { b.roots, 6, 65536 };
	struct pki_bytes der[CERTS_MAX];
	struct body *x = ctx;
	const json_t *chain;
	json_t *json;
	uint8_t *raw;
	size_t i, n, len;

	check(wire_json_parse(x->text, x->len, &json, NULL) == 0, "JSON");
	chain = json_object_get(json, "chain");
	n = json_array_size(chain);
	check(n <= CERTS_MAX, "chain");
	for (i = 0; i < n; i++) {
		len = json_string_length(json_array_get(chain, i));
		raw = base_arena_alloc(x->arena, WIRE_BASE64_DECODED_MAX(len));
		check(raw != NULL &&
			  wire_base64_decode(WIRE_BASE64_STD,
			      json_string_value(json_array_get(chain, i)), len,
			      raw, WIRE_BASE64_DECODED_MAX(len),
			      &der[i].len) == 0,
		    "base64");
		der[i].data = raw;
	}
	json_decref(json);
	check(ct_chain_parse(&rules, der, n, &x->chain) == CT_CHAIN_OK &&
		  ct_chain_entry(&rules, &x->chain, CT_CHAIN_EITHER, x->arena,
		      &x->entry) == CT_CHAIN_OK,
	    "chain");
	ct_shard_find(b.shard, &x->entry);
}

static void
worked(void *ctx)
{
	struct body *x = ctx;

	x->entry.done = done;
	check(ct_shard_submit(b.shard, &x->entry) == 0, "submit");
	ct_shard_expected(b.shard);
}

static void
begin(void)
{
	struct body *x;

	if (b.next == b.n)
		return;
	x = &b.body[b.next++];
	x->begun_us = loop_monotonic_us();
	ct_shard_expect(b.shard);
	check((x->arena = base_arena_new(1 << 20)) != NULL, "arena");
	check(loop_pool_submit(b.pool, work, worked, x) == 0, "pool");
}

static void
read_bodies(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	b.body = calloc(BODIES_MAX, sizeof(*b.body));
	check(b.body != NULL, "calloc");
	while (b.n < BODIES_MAX && (len = getline(&line, &cap, stdin)) > 0) {
		b.body[b.n].text = line;
		b.body[b.n++].len = (size_t)len;
		line = NULL;
		cap = 0;
	}
	free(line);
	check(b.n > 0, "reading bodies");
}

static void
make_shard(struct store_disk *disk, const char *dir)
{
	static const uint8_t sipkey[16] = { 1 };
	static struct clock clock = { now_ms, NULL };
	struct ct_params_keys keys;
	struct ct_shard_opts o;
	struct ct_period period;
	struct ct_params params;
	uint8_t pub[32];
	struct fault f;
	struct buf spki;
	size_t n;

	base_buf_init(&spki, 256);
	check(crypto_pkey_generate(CRYPTO_KEY_P256, &b.log_key) == 0 &&
		  crypto_pkey_generate(CRYPTO_KEY_ED25519, &b.note_key) == 0 &&
		  crypto_pkey_spki(b.log_key, &spki) == 0 &&
		  crypto_pkey_raw_public(b.note_key, pub, 32, &n) == 0 &&
		  ct_period_at(CT_PERIOD_WEEKLY, now_ms(NULL), &period) == 0,
	    "keys");
	keys.spki = spki.data;
	keys.spki_len = spki.len;
	keys.note_public = pub;
	check(ct_params_init(&params, "bench.test", &period, &keys) == 0 &&
		  ct_params_create(disk, dir, &params) == 0,
	    "shard folder");
	base_buf_free(&spki);
	memset(&o, 0, sizeof(o));
	o.loop = b.loop;
	o.pool = b.pool;
	o.disk = disk;
	o.clock = &clock;
	o.signer.call = sign;
	o.limits = (struct ct_shard_limits){ .batch_ms = 2,
		.batch_max = 1024,
		.queue_max = 65536,
		.checkpoint_ms = 250,
		.sth_refresh_s = 60,
		.index_commit_s = 5,
		.max_entries = 1 << 30 };
	o.dir = dir;
	o.note_slot = 1;
	o.siphash_key = sipkey;
	check(ct_shard_open(&o, &b.shard, &f) == 0 &&
		  ct_shard_start(b.shard) == 0,
	    "shard");
}

static int
by_time(const void *x, const void *y)
{
	uint64_t p = ((const struct body *)x)->took_us;
	uint64_t q = ((const struct body *)y)->took_us;

	return p < q ? -1 : p > q;
}

int main(int, char **);

int
main(int argc, char **argv)
{
	struct store_disk *disk;
	struct pki_bytes pem;
	uint8_t *data;
	uint64_t began;
	double seconds;
	long i;

	check(argc == 6, "usage: DIR ROOT THREADS DELAY_MS WINDOW");
	check(store_file_load(argv[2], 1 << 20, &data, &pem.len) == 0 &&
		  pki_roots_new(&b.roots) == 0,
	    "root");
	pem.data = data;
	check(pki_roots_add_pem(b.roots, pem, NULL) == 0, "root");
	read_bodies();
	check(loop_new(&b.loop) == 0 &&
		  loop_pool_new(b.loop, (unsigned)strtoul(argv[3], NULL, 10),
		      1 << 20, &b.pool) == 0 &&
		  store_disk_new(&disk) == 0,
	    "loop");
	make_shard(disk, argv[1]);
	store_disk_fault_sync_delay(disk, (unsigned)strtoul(argv[4], NULL, 10));
	began = loop_monotonic_us();
	for (i = strtol(argv[5], NULL, 10); i > 0; i--)
		begin();
	loop_run(b.loop);
	seconds = (double)(loop_monotonic_us() - began) / 1e6;
	qsort(b.body, b.n, sizeof(*b.body), by_time);
	printf("{\"entries\": %zu, \"failed\": %zu, \"threads\": %s, "
	       "\"fsync_delay_ms\": %s, \"window\": %s, \"seconds\": %.3f, "
	       "\"entries_per_s\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f}"
	       "\n",
	    b.n, b.failed, argv[3], argv[4], argv[5], seconds,
	    (double)b.n / seconds, (double)b.body[b.n / 2].took_us / 1e3,
	    (double)b.body[b.n * 99 / 100].took_us / 1e3);
	return b.failed == 0 ? 0 : 1;
}
