/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fill a shard of the log up to a size, as fast as the engine goes:
 *
 *   ct_fill SHARD-DIR KEYS-DIR PASS-FILE LEAF.DER ISSUER.DER ENTRIES
 *
 * The shard is one that "trustchain-ct init-log" made, with its keys, and no
 * daemon may run on it.  Entries go through ct_shard_submit, so that
 * write-ahead log, tiles, index and heads are the engine's own.  Two things
 * are left out: chains are not verified (each entry is LEAF.DER with serial,
 * public key and signature replaced by octets that look random), and SCTs,
 * which nobody would see, are not signed.  Heads are.
 *
 * Goes on where the shard ends, also after a kill -9.  Progress on stderr, one
 * JSON object on stdout.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "keys/file.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_shard.h"

enum {
	LOG_SLOT,
	NOTE_SLOT,
	/* Never more than this beyond the published head: the indexer takes
	 * 50,000 with each head. */
	AHEAD_MAX = 40000,
	PUMP_MS = 5,
	SERIAL_LEN = 20,
	RANDOM_LEN = 64, /* of public key and signature each */
	FILE_MAX = 65536
};

struct one {
	struct ct_shard_entry entry; /* first: done() finds us by it */
	struct one *next;
	uint8_t cert[];
};

static struct {
	struct loop *loop;
	struct loop_pool *pool;
	struct loop_timer *timer;
	struct ct_shard *shard;
	struct crypto_pkey *key[2];
	struct pki_bytes leaf, issuer;
	size_t serial, point; /* offsets in leaf */
	struct one *spare;
	uint64_t first, next, target, failed, began_us, said_us;
	size_t under_way;
	long peak_kib;
	bool stopping;
} f;

static void
check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ct_fill: %s failed\n", what);
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

/* The process's anonymous memory. */
static long
anonymous_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	if (status != NULL)
		fclose(status);
	return kib;
}

/* Octets that depend on the number of the entry and do not compress. */
static void
scramble(uint8_t *at, size_t len, uint64_t seed)
{
	uint64_t z;
	size_t i;

	for (i = 0; i < len; i++) {
		z = (seed += UINT64_C(0x9e3779b97f4a7c15));
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		at[i] = (uint8_t)(z >> 56);
	}
}

static void
make_entry(struct one *x, uint64_t n)
{
	struct ct_shard_entry *e = &x->entry;
	size_t i;

	scramble(x->cert + f.serial + 1, SERIAL_LEN - 1, n << 16);
	for (i = 0; i < 8; i++) /* no two are alike */
		x->cert[f.serial + SERIAL_LEN - 1 - i] = (uint8_t)(n >> 8 * i);
	scramble(x->cert + f.point, RANDOM_LEN, (n << 16) + 1000);
	scramble(
	    x->cert + f.leaf.len - RANDOM_LEN, RANDOM_LEN, (n << 16) + 2000);
	ct_leaf_dedup(&e->entry, e->dedup);
}

static void
stopped(void *ctx)
{
	(void)ctx;
	loop_stop(f.loop);
}

static uint64_t
published(void)
{
	const struct ct_shard_head *head = ct_shard_head(f.shard);

	return head == NULL ? 0 : head->tree.size;
}

static void
say(void)
{
	uint64_t now = loop_monotonic_us();
	long kib = anonymous_kib();

	f.peak_kib = kib > f.peak_kib ? kib : f.peak_kib;
	if (now - f.said_us < 5000000)
		return;
	f.said_us = now;
	fprintf(stderr,
	    "ct_fill: %" PRIu64 " published, %.0f/s, %ld KiB anonymous\n",
	    published(),
	    (double)(published() - f.first) * 1e6 /
		(double)(now - f.began_us + 1),
	    kib);
}

/* Submit while there is room. */
static void
pump(void *ctx)
{
	struct one *x;

	(void)ctx;
	while (f.next < f.target && f.spare != NULL &&
	       f.next < published() + AHEAD_MAX) {
		x = f.spare;
		f.spare = x->next;
		make_entry(x, f.next++);
		check(ct_shard_submit(f.shard, &x->entry) == 0, "submission");
		f.under_way++;
	}
	say();
	if (f.next == f.target && f.under_way == 0 && !f.stopping) {
		f.stopping = true;
		ct_shard_stop(f.shard, stopped, NULL);
	}
}

static void
done(struct ct_shard_entry *e, int rc)
{
	struct one *x = (struct one *)e;

	f.failed += rc != 0;
	f.under_way--;
	x->next = f.spare;
	f.spare = x;
}

/* The key process's part.  Heads are what the daemon looks at. */
static int
sign(
    void *ctx, const struct keys_request *req, keys_client_fn *fn, void *fn_ctx)
{
	static const uint8_t unsigned_sct[71];
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len = req->len, sig_len;
	const uint8_t *end;
	int rc;

	(void)ctx;
	if (req->op == 4) { /* identity.md section 3: SCT */
		fn(fn_ctx, 0, unsigned_sct, sizeof(unsigned_sct));
		return 0;
	}
	/* The text of a note, up to the log's own signature. */
	if (req->slot == NOTE_SLOT &&
	    (end = memmem(req->payload, len, "\n\n", 2)) != NULL)
		len = (size_t)(end + 1 - req->payload);
	rc = crypto_pkey_sign(
	    f.key[req->slot], req->payload, len, sig, &sig_len);
	fn(fn_ctx, rc, sig, sig_len);
	return 0;
}

static void
load_keys(const char *keys, const char *shard, const char *pass)
{
	static const char *const suffix[2] = { "log.key", "note.key" };
	const char *name = strrchr(shard, '/');
	struct fault why = { 0 };
	char path[4096];
	int i;

	check(name != NULL, "SHARD-DIR with a slash");
	for (i = 0; i < 2; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s%s.%s", keys, name, suffix[i]);
		check(keys_file_open(path, pass, &f.key[i], &why) == 0,
		    "opening a key");
	}
}

static void
load_certificates(const char *leaf, const char *issuer)
{
	static const uint8_t point[] = { 0x03, 0x42, 0x00, 0x04 };
	uint8_t *data;
	const uint8_t *at;

	check(store_file_load(leaf, FILE_MAX, &data, &f.leaf.len) == 0, "LEAF");
	f.leaf.data = data;
	at = memmem(data, f.leaf.len, point, sizeof(point));
	check(at != NULL && f.leaf.len > 300, "finding a P-256 key in LEAF");
	f.point = (size_t)(at - data) + sizeof(point);
	/* SEQUENCE, SEQUENCE, version, INTEGER of 20 octets. */
	f.serial = 15;
	check(data[13] == 2 && data[14] == SERIAL_LEN, "20 octets of serial");
	check(store_file_load(issuer, FILE_MAX, &data, &f.issuer.len) == 0,
	    "ISSUER");
	f.issuer.data = data;
}

static void
make_spares(void)
{
	struct crypto_sha2 h;
	struct one *x;
	size_t i;

	for (i = 0; i < AHEAD_MAX; i++) {
		check(
		    (x = calloc(1, sizeof(*x) + f.leaf.len)) != NULL, "calloc");
		memcpy(x->cert, f.leaf.data, f.leaf.len);
		x->entry.entry.type = PKI_CT_X509;
		x->entry.entry.cert.data = x->cert;
		x->entry.entry.cert.len = f.leaf.len;
		x->entry.issuers = 1;
		x->entry.issuer[0].der = f.issuer;
		crypto_sha2_init(&h, CRYPTO_SHA256);
		crypto_sha2_update(&h, f.issuer.data, f.issuer.len);
		crypto_sha2_final(&h, x->entry.issuer[0].fingerprint);
		x->entry.done = done;
		x->next = f.spare;
		f.spare = x;
	}
}

static void
open_shard(struct store_disk *disk, const char *dir)
{
	static const uint8_t sipkey[16] = { 1 };
	static struct clock clock = { now_ms, NULL };
	struct ct_shard_opts o;
	struct ct_shard_stats st;
	struct fault why = { 0 };

	memset(&o, 0, sizeof(o));
	o.loop = f.loop;
	o.pool = f.pool;
	o.disk = disk;
	o.clock = &clock;
	o.signer.call = sign;
	o.limits = (struct ct_shard_limits){ .batch_ms = 2,
		.batch_max = 2048,
		.queue_max = 65536,
		.checkpoint_ms = 50,
		.sth_refresh_s = 60,
		.index_commit_s = 5,
		.max_entries = 1 << 30 };
	o.dir = dir;
	o.log_slot = LOG_SLOT;
	o.note_slot = NOTE_SLOT;
	o.siphash_key = sipkey;
	if (ct_shard_open(&o, &f.shard, &why) != 0)
		fprintf(stderr, "ct_fill: %s\n", why.msg);
	check(f.shard != NULL && ct_shard_start(f.shard) == 0, "shard");
	ct_shard_stats(f.shard, &st);
	f.first = f.next = st.sequenced;
}

int main(int, char **);

int
main(int argc, char **argv)
{
	struct store_disk *disk;
	double seconds;

	check(argc == 7,
	    "usage: SHARD-DIR KEYS-DIR PASS-FILE LEAF ISSUER ENTRIES");
	load_keys(argv[2], argv[1], argv[3]);
	load_certificates(argv[4], argv[5]);
	f.target = strtoull(argv[6], NULL, 10);
	check(loop_new(&f.loop) == 0 &&
		  loop_pool_new(f.loop, 2, 1 << 16, &f.pool) == 0 &&
		  store_disk_new(&disk) == 0 &&
		  loop_timer_new(f.loop, pump, NULL, &f.timer) == 0,
	    "loop");
	make_spares();
	open_shard(disk, argv[1]);
	if (f.target < f.next)
		f.target = f.next;
	f.began_us = f.said_us = loop_monotonic_us();
	loop_timer_start(f.timer, 0, PUMP_MS);
	loop_run(f.loop);
	seconds = (double)(loop_monotonic_us() - f.began_us) / 1e6;
	printf("{\"from\": %" PRIu64 ", \"to\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"seconds\": %.1f, "
	       "\"entries_per_s\": %.0f, \"peak_anonymous_mib\": %.1f}\n",
	    f.first, published(), f.failed, seconds,
	    (double)(published() - f.first) / seconds,
	    (double)f.peak_kib / 1024);
	return f.failed == 0 ? 0 : 1;
}
