/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TEST_CT_FIXTURE_H
#define TRUSTCHAIN_TEST_CT_FIXTURE_H

/*
 * A shard in a temporary folder with a real disk, loop and pool, and a key
 * process that is only a function.  Included by test programs only.
 */
#include "trustchain/ct_shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "merkle/proof.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/file.h"
#include "trustchain/ct_sth.h"
#include "trustchain/ct_tiles.h"

enum { ENTRIES_MAX = 4096, CERT_LEN = 700 };

/* What a submitter got, kept to be checked against the log later. */
struct receipt {
	int got; /* 0 not yet, 1 an SCT, -1 an error */
	int rc;
	uint64_t index, timestamp_ms;
};

struct fixture {
	char dir[64];
	struct loop *loop;
	struct loop_pool *pool;
	struct store_disk *disk;
	struct clock clock;
	struct crypto_pkey *log_key, *note_key;
	struct ct_params params;
	struct ct_shard *shard;
	int waiting;
	int signer_rc; /* what the fake key process answers */

	uint8_t cert[ENTRIES_MAX][CERT_LEN];
	struct ct_shard_entry entry[ENTRIES_MAX];
	struct receipt receipt[ENTRIES_MAX];
	struct merkle_head seen[64]; /* heads that were visible */
	size_t seen_count;
};

static struct fixture *fx;

/** now_ms(): The real clock. */
static int64_t
now_ms(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The key process, without the process: answers on the next turn. */
struct answer {
	keys_client_fn *fn;
	void *ctx;
	int rc;
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;
};

/** answer(): Deliver a signature made before. */
static void
answer(void *ctx)
{
	struct answer *a = ctx;

	a->fn(a->ctx, a->rc, a->sig, a->len);
	free(a);
}

/** fake_call(): Stands for the key process: answers on the next turn. */
static int
fake_call(
    void *ctx, const struct keys_request *req, keys_client_fn *fn, void *fn_ctx)
{
	struct answer *a = calloc(1, sizeof(*a));
	/* The text of a note, up to the log's own signature. */
	const uint8_t *end = memmem(req->payload, req->len, "\n\n", 2);
	size_t len = req->slot == 0 || end == NULL
			 ? req->len
			 : (size_t)(end + 1 - req->payload);

	(void)ctx;
	a->fn = fn;
	a->ctx = fn_ctx;
	a->rc = fx->signer_rc;
	if (a->rc == 0)
		a->rc = crypto_pkey_sign(
		    req->slot == 0 ? fx->log_key : fx->note_key, req->payload,
		    len, a->sig, &a->len);
	return loop_post(fx->loop, answer, a);
}

/** write_log_json(): Make keys and the shard folder. */
static void
write_log_json(void)
{
	struct ct_params_keys keys;
	struct ct_period period;
	uint8_t pub[32];
	struct buf spki;
	size_t n;

	base_buf_init(&spki, 256);
	assert_int_equal(
	    crypto_pkey_generate(CRYPTO_KEY_P256, &fx->log_key), 0);
	assert_int_equal(
	    crypto_pkey_generate(CRYPTO_KEY_ED25519, &fx->note_key), 0);
	assert_int_equal(crypto_pkey_spki(fx->log_key, &spki), 0);
	assert_int_equal(
	    crypto_pkey_raw_public(fx->note_key, pub, sizeof(pub), &n), 0);
	assert_int_equal(
	    ct_period_at(CT_PERIOD_WEEKLY, now_ms(NULL), &period), 0);
	keys.spki = spki.data;
	keys.spki_len = spki.len;
	keys.note_public = pub;
	assert_int_equal(
	    ct_params_init(&fx->params, "ct.test", &period, &keys), 0);
	assert_int_equal(ct_params_create(fx->disk, fx->dir, &fx->params), 0);
	base_buf_free(&spki);
}

/** setup(): A fresh fixture. */
static int
setup(void **state)
{
	int i, j;

	(void)state;
	fx = calloc(1, sizeof(*fx));
	assert_non_null(fx);
	snprintf(fx->dir, sizeof(fx->dir), "/tmp/troth-ct-XXXXXX");
	assert_non_null(mkdtemp(fx->dir));
	assert_int_equal(loop_new(&fx->loop), 0);
	assert_int_equal(loop_pool_new(fx->loop, 2, 64, &fx->pool), 0);
	assert_int_equal(store_disk_new(&fx->disk), 0);
	fx->clock.now_ms = now_ms;
	write_log_json();
	for (i = 0; i < ENTRIES_MAX; i++) {
		for (j = 0; j < CERT_LEN; j++)
			fx->cert[i][j] = (uint8_t)(i * 31 + j * (i + 7));
		fx->cert[i][0] = (uint8_t)(i >> 8);
		fx->cert[i][1] = (uint8_t)i;
	}
	return 0;
}

/** remove_tree(): Remove the temporary folder. */
static void
remove_tree(const char *dir)
{
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(execlp("rm", "rm", "-rf", "--", dir, (char *)NULL));
	(void)waitpid(pid, NULL, 0);
}

/** teardown(): Undo setup. */
static int
teardown(void **state)
{
	(void)state;
	loop_pool_free(fx->pool);
	loop_free(fx->loop);
	store_disk_free(fx->disk);
	crypto_pkey_free(fx->log_key);
	crypto_pkey_free(fx->note_key);
	remove_tree(fx->dir);
	free(fx);
	fx = NULL;
	return 0;
}

#endif
