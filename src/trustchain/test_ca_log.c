/* SPDX-License-Identifier: Apache-2.0 */
/* The CA's log client against log servers that keep their word, and do not. */
#include "trustchain/ca_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/ed25519.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "http/request.h"
#include "http/server.h"
#include "loop/loop.h"
#include "merkle/notekey.h"
#include "net/addr.h"
#include "store/disk.h"
#include "trustchain/ca_config.h"
#include "trustchain/ct_list.h"
#include "wire/base64.h"
#include "wire/json.h"

#define NOW 1795400000000LL
#define WEEK 604800000LL

/* What a log server does instead of keeping its word. */
enum lie { HONEST, BAD_SIGNATURE, OTHER_ID, NO_INDEX, FUTURE, BUSY, NONSENSE };

struct fake {
	char path[80];
	char vkey[MERKLE_VKEY_TEXT_MAX];
	uint8_t seed[32];
	struct merkle_vkey key;
	struct crypto_pkey *shard;
	uint64_t serial;
	enum lie lie;
	bool down; /* its list answers 503 */
	int asked;
};

static char dir[] = "/tmp/troth-calog-XXXXXX";
static const uint8_t tbs[] = "a TBSCertificate";
static const uint8_t key_hash[32] = { 7 };

static int64_t
now_ms(void *ctx)
{
	(void)ctx;
	return NOW;
}

static const struct clock test_clock = { now_ms, NULL };

static struct ct_list *
make_list(const struct fake *f)
{
	struct ct_list *l = calloc(1, sizeof(*l));
	struct ct_list_entry *e = &l->entry[0];
	struct buf spki;

	assert_non_null(l);
	l->n = 1;
	(void)snprintf(e->name, sizeof(e->name), "2026w48");
	(void)snprintf(e->origin, sizeof(e->origin), "log.test/2026w48");
	(void)snprintf(e->url, sizeof(e->url), "https://log.test/2026w48");
	(void)snprintf(e->note_vkey, sizeof(e->note_vkey), "%s", f->vkey);
	base_buf_init(&spki, sizeof(e->key));
	assert_int_equal(crypto_pkey_spki(f->shard, &spki), 0);
	memcpy(e->key, spki.data, spki.len);
	e->key_len = spki.len;
	base_buf_free(&spki);
	assert_int_equal(crypto_pkey_spki_sha256(f->shard, e->log_id), 0);
	e->start_ms = NOW / WEEK * WEEK;
	e->end_ms = e->start_ms + 2 * WEEK;
	e->state = CT_LIST_OPEN;
	return l;
}

static void
reply_list(struct fake *f, struct http_request *r, bool note)
{
	struct http_reply reply = { .status = 200,
		.content_type = "text/plain" };
	struct ct_list *l = make_list(f);
	char line[MERKLE_NOTEKEY_LINE_MAX];
	struct buf json, text;
	uint8_t sig[64];

	base_buf_init(&json, CT_LIST_JSON_MAX);
	base_buf_init(&text, CT_LIST_NOTE_MAX);
	assert_int_equal(ct_list_encode(l, &json), 0);
	assert_int_equal(
	    ct_list_note(f->serial, json.data, json.len, &text), 0);
	assert_int_equal(
	    crypto_ed25519_sign(f->seed, text.data, text.len, sig), 0);
	assert_int_equal(
	    merkle_notekey_line(f->key.name, f->key.id, sig, 64, line), 0);
	assert_int_equal(base_buf_append(&text, "\n", 1), 0);
	assert_int_equal(base_buf_append(&text, line, strlen(line)), 0);
	reply.body = note ? text.data : json.data;
	reply.body_len = note ? text.len : json.len;
	http_request_reply(r, &reply);
	base_buf_free(&json);
	base_buf_free(&text);
	free(l);
}

/* The SCT of RFC 6962 section 4.1, with the lie in it. */
static json_t *
make_sct(const struct fake *f)
{
	struct pki_ct_entry e = { .type = PKI_CT_PRECERT,
		.cert = { tbs, sizeof(tbs) } };
	uint64_t at = NOW + (f->lie == FUTURE ? 6000 : 0);
	uint8_t ext[PKI_CT_LEAF_INDEX_LEN], input[1024], sig[4 + 512], id[32];
	char id64[64], ext64[64], sig64[1024];
	size_t len, sig_len, ext_len = f->lie == NO_INDEX ? 0 : sizeof(ext);

	memcpy(e.issuer_key_hash, key_hash, 32);
	pki_ct_leaf_index_encode(5, ext);
	assert_int_equal(
	    pki_ct_signed_input(&e, at, (struct pki_bytes){ ext, ext_len },
		input, sizeof(input), &len),
	    0);
	assert_int_equal(
	    crypto_pkey_sign(f->shard, input, len, sig + 4, &sig_len), 0);
	sig[0] = 4;
	sig[1] = 3;
	sig[2] = (uint8_t)(sig_len >> 8);
	sig[3] = (uint8_t)sig_len;
	assert_int_equal(crypto_pkey_spki_sha256(f->shard, id), 0);
	if (f->lie == BAD_SIGNATURE)
		sig[4 + sig_len - 1] ^= 1;
	if (f->lie == OTHER_ID)
		id[0] ^= 1;
	(void)wire_base64_encode(WIRE_BASE64_STD, id, 32, id64);
	(void)wire_base64_encode(WIRE_BASE64_STD, ext, ext_len, ext64);
	(void)wire_base64_encode(WIRE_BASE64_STD, sig, sig_len + 4, sig64);
	return json_pack("{s:i, s:s, s:I, s:s, s:s}", "sct_version", 0, "id",
	    id64, "timestamp", (json_int_t)at, "extensions", ext64, "signature",
	    sig64);
}

static void
reply_sct(struct fake *f, struct http_request *r)
{
	json_t *o = make_sct(f);
	char *text = wire_json_dump(o, NULL);

	f->asked++;
	assert_int_equal(http_request_method(r), HTTP_METHOD_POST);
	http_request_reply_text(r, f->lie == BUSY ? 503 : 200,
	    "application/json", f->lie == NONSENSE ? "{\"sct\":1}" : text);
	free(text);
	json_decref(o);
}

static void
on_request(void *ctx, struct http_request *r)
{
	const char *path = http_request_path(r);
	struct fake *f = ctx;

	if (f->down && strncmp(path, "/api/", 5) == 0)
		http_request_reply_text(r, 503, "text/plain", "down\n");
	else if (strcmp(path, "/api/v1/ct/logs") == 0)
		reply_list(f, r, false);
	else if (strcmp(path, "/api/v1/ct/logs.note") == 0)
		reply_list(f, r, true);
	else if (strcmp(path, "/2026w48/ct/v1/add-pre-chain") == 0)
		reply_sct(f, r);
	else
		http_request_reply_text(r, 404, "text/plain", "no\n");
}

/* Two servers, one primary and one backup, and the client before them. */
struct world {
	struct loop *loop;
	struct http_server *http;
	struct store_disk *disk;
	struct fake fake[2];
	struct ca_config_log logs[2];
	struct ca_config conf;
	struct ca_log *log;
	uint64_t up_ms, down_ms;
	int changed;
	int done, rc;
	size_t n;
	struct ca_log_sct sct;
};

static void
changed(void *ctx)
{
	struct world *w = ctx;

	w->changed++;
}

static void
start_client(struct world *w)
{
	const struct ca_log_opts o = { .loop = w->loop,
		.config = &w->conf,
		.disk = w->disk,
		.clock = &test_clock,
		.changed = changed,
		.ctx = w,
		.up_ms = w->up_ms,
		.down_ms = w->down_ms };
	struct fault f = { 0 };

	if (ca_log_new(&o, &w->log, &f) != 0)
		fail_msg("%s", f.msg);
}

static void
world_new(struct world *w, int on_failure)
{
	static char url[2][96], none[] = "";
	struct fault f = { 0 };
	uint8_t pub[32];
	int i;

	memset(w, 0, sizeof(*w));
	assert_int_equal(loop_new(&w->loop), 0);
	assert_int_equal(store_disk_new(&w->disk), 0);
	assert_int_equal(http_server_new(w->loop,
			     &(struct http_server_opts){ 0 }, &w->http, &f),
	    0);
	for (i = 0; i < 2; i++) {
		struct fake *k = &w->fake[i];
		struct net_addr at;
		struct http_listener_opts lo = {
			.addr = &at, .handler = on_request, .ctx = k
		};

		k->seed[0] = (uint8_t)(i + 1);
		k->serial = 10;
		assert_int_equal(crypto_ed25519_public(k->seed, pub), 0);
		assert_int_equal(merkle_vkey_init(&k->key, "log.test",
				     MERKLE_SIG_ED25519, pub),
		    0);
		assert_int_equal(merkle_vkey_encode(&k->key, k->vkey), 0);
		assert_int_equal(
		    crypto_pkey_generate(CRYPTO_KEY_P256, &k->shard), 0);
		(void)snprintf(
		    url[i], sizeof(url[i]), "unix:%s/%d.sock", dir, i);
		assert_int_equal(net_addr_parse(url[i], &at), 0);
		if (http_server_listen(w->http, &lo, NULL, &f) != 0)
			fail_msg("%s", f.msg);
		w->logs[i].url = url[i];
		w->logs[i].role = i;
		w->logs[i].list_vkey = k->vkey;
	}
	w->conf.logs.v = w->logs;
	w->conf.logs.n = 2;
	w->conf.issue.min_scts = 1;
	w->conf.issue.ct_timeout_ms = 2000;
	w->conf.issue.ct_on_failure = on_failure;
	w->conf.server.state_dir = dir;
	w->conf.server.roots = none;
	start_client(w);
}

static void
world_free(struct world *w, bool forget)
{
	char path[4096];
	int i;

	ca_log_free(w->log);
	http_server_free(w->http);
	loop_free(w->loop);
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    ca_log_list_path(dir, w->fake[i].vkey, path, sizeof(path)),
		    0);
		if (forget)
			(void)unlink(path);
		crypto_pkey_free(w->fake[i].shard);
	}
	store_disk_free(w->disk);
}

static void
on_scts(void *ctx, int rc, const struct ca_log_sct *scts, size_t n)
{
	struct world *w = ctx;

	w->done++;
	w->rc = rc;
	w->n = n;
	if (n > 0)
		w->sct = scts[0];
	loop_stop(w->loop);
}

static void
submit(struct world *w, int64_t not_after)
{
	static const struct pki_bytes chain = { (const uint8_t *)"issuer", 6 };
	struct ca_log_entry e = { .precert = { (const uint8_t *)"pre", 3 },
		.chain = &chain,
		.chain_len = 1,
		.tbs = { tbs, sizeof(tbs) },
		.not_after_ms = not_after };
	int before = w->done;

	memcpy(e.issuer_key_hash, key_hash, 32);
	assert_int_equal(ca_log_submit(w->log, &e, on_scts, w), 0);
	assert_int_equal(w->done, before);
	assert_true(loop_run_for(w->loop, 5000));
	assert_int_equal(w->done, before + 1);
}

static void
settle(struct world *w)
{
	char why[160];
	int i;

	for (i = 0; i < 200 && w->changed < 2; i++)
		(void)loop_run_for(w->loop, 10);
	assert_int_equal(w->changed, 2);
	/* Stored, but the key process does not know them yet. */
	assert_false(ca_log_ready(w->log, NOW, why, sizeof(why)));
	ca_log_confirm(w->log);
	assert_true(ca_log_ready(w->log, NOW, why, sizeof(why)));
	assert_false(ca_log_ready(w->log, NOW + 5 * WEEK, why, sizeof(why)));
}

static void
test_honest(void **state)
{
	struct world w;
	char why[160];

	(void)state;
	world_new(&w, CA_CONFIG_BLOCK);
	/* Before there is a list nothing can be logged. */
	submit(&w, NOW);
	assert_int_equal(w.rc, ERR_SYS_UNAVAILABLE);
	settle(&w);
	submit(&w, NOW);
	assert_int_equal(w.rc, 0);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.sct.leaf_index, 5);
	assert_string_equal(w.sct.shard, "2026w48");
	assert_int_equal(w.fake[0].asked, 1);
	assert_int_equal(w.fake[1].asked, 0);
	/* No shard takes a certificate that ends outside all of them. */
	submit(&w, NOW + 5 * WEEK);
	assert_int_equal(w.rc, ERR_SYS_UNAVAILABLE);
	assert_int_equal(w.fake[0].asked, 1);

	/* After a restart the stored lists count at once, without network. */
	ca_log_free(w.log);
	start_client(&w);
	assert_false(ca_log_ready(w.log, NOW, why, sizeof(why)));
	submit(&w, NOW);
	assert_int_equal(w.rc, 0);
	assert_true(ca_log_ready(w.log, NOW, why, sizeof(why)));
	world_free(&w, true);
}

static void
test_lies(void **state)
{
	static const enum lie lies[] = { BAD_SIGNATURE, OTHER_ID, NO_INDEX,
		FUTURE, BUSY, NONSENSE };
	struct world w;
	char why[160];
	size_t i;

	(void)state;
	world_new(&w, CA_CONFIG_BLOCK);
	settle(&w);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		w.fake[0].lie = lies[i];
		submit(&w, NOW);
		assert_int_equal(w.n, 0);
		assert_int_equal(w.rc,
		    lies[i] == FUTURE ? ERR_SYS_CLOCK : ERR_SYS_UNAVAILABLE);
		assert_false(ca_log_ready(w.log, NOW, why, sizeof(why)));
	}
	/* "block": the backup was never asked. */
	assert_int_equal(w.fake[1].asked, 0);
	w.fake[0].lie = HONEST;
	submit(&w, NOW);
	assert_int_equal(w.rc, 0);
	world_free(&w, true);
}

static void
test_backup(void **state)
{
	struct world w;

	(void)state;
	world_new(&w, CA_CONFIG_BACKUP);
	settle(&w);
	submit(&w, NOW);
	assert_int_equal(w.fake[1].asked, 0);
	w.fake[0].lie = BAD_SIGNATURE;
	submit(&w, NOW);
	assert_int_equal(w.rc, 0);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.fake[1].asked, 1);
	/* Two SCTs are wanted and one log lies: not enough. */
	w.conf.issue.min_scts = 2;
	submit(&w, NOW);
	assert_int_equal(w.rc, ERR_SYS_UNAVAILABLE);
	w.fake[0].lie = HONEST;
	submit(&w, NOW);
	assert_int_equal(w.rc, 0);
	assert_int_equal(w.n, 2);
	world_free(&w, true);
}

/* A list with a lower serial, or signed by another key, changes nothing. */
static void
test_stale_list(void **state)
{
	struct world w;
	char why[160];
	int i;

	(void)state;
	world_new(&w, CA_CONFIG_BLOCK);
	settle(&w);
	ca_log_free(w.log);
	w.fake[0].serial = 9;
	start_client(&w);
	for (i = 0; i < 50; i++)
		(void)loop_run_for(w.loop, 10);
	assert_int_equal(w.changed, 2);
	assert_false(ca_log_ready(w.log, NOW, why, sizeof(why)));
	assert_non_null(strstr(why, "superseded"));
	ca_log_free(w.log);
	w.fake[0].serial = 11;
	w.fake[0].seed[5] ^= 1;
	start_client(&w);
	for (i = 0; i < 50; i++)
		(void)loop_run_for(w.loop, 10);
	assert_int_equal(w.changed, 2);
	assert_false(ca_log_ready(w.log, NOW, why, sizeof(why)));
	assert_non_null(strstr(why, "signature"));
	world_free(&w, true);
}

/* Run until the client says ${want}, or ${ms} have passed. */
static bool
becomes_ready(struct world *w, bool want, int ms)
{
	char why[160];

	for (; ms > 0; ms -= 10) {
		if (ca_log_ready(w->log, NOW, why, sizeof(why)) == want)
			return true;
		(void)loop_run_for(w->loop, 10);
	}
	return false;
}

/*
 * A log that answered the last time, and does not now, is asked again soon:
 * not when the next question was due had it answered.
 */
static void
test_down_and_back(void **state)
{
	struct world w;

	(void)state;
	world_new(&w, CA_CONFIG_BLOCK);
	settle(&w);
	ca_log_free(w.log);
	w.up_ms = 2000;
	w.down_ms = 20;
	start_client(&w);
	assert_true(becomes_ready(&w, true, 1000));
	w.fake[0].down = true;
	assert_true(becomes_ready(&w, false, 4000));
	w.fake[0].down = false;
	assert_true(becomes_ready(&w, true, 1000));
	world_free(&w, true);
}

/* Freeing the client ends what is open, once. */
static void
test_ends(void **state)
{
	struct ca_log_entry e = { .precert = { (const uint8_t *)"pre", 3 },
		.tbs = { tbs, sizeof(tbs) },
		.not_after_ms = NOW };
	struct world w;

	(void)state;
	world_new(&w, CA_CONFIG_BLOCK);
	assert_int_equal(ca_log_submit(w.log, &e, on_scts, &w), 0);
	ca_log_free(w.log);
	w.log = NULL;
	assert_int_equal(w.done, 1);
	assert_int_equal(w.rc, ERR_SYS_CANCELLED);
	(void)loop_run_for(w.loop, 20);
	assert_int_equal(w.done, 1);
	world_free(&w, true);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	char path[80];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d.sock", dir, i);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/logs", dir);
	(void)rmdir(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_backup),
		cmocka_unit_test(test_stale_list),
		cmocka_unit_test(test_down_and_back),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
