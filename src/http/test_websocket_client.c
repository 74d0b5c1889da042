/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side against a server made of python3-websockets.
 */
#include "http/websocket_client.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "base/alloc_test.h"
#include "base/wipe.h"
#include "http/http.h"
#include "http/websocket.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "net/tls.h"

struct world {
	struct loop *loop;
	struct http_websocket_client *client;
	char *cert, *key, *other, *other_key;
	char cert_file[64], key_file[64];
	uint8_t pin[32];
	pid_t pid;
	int input; /* closing it ends the server */
	unsigned port;
};

/* What came of one connection. */
struct result {
	struct world *w;
	const char *send;
	size_t send_len, got_len;
	int opened, closed, messages, want;
	struct http_websocket_end end;
	char reason[128];
	uint8_t got[300001];
	bool text;
};

static void
write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
serve(struct world *w, bool tls)
{
	int in[2], out[2];
	char text[32];
	size_t len = 0;
	ssize_t n;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	w->pid = fork();
	if (w->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("tests/interop/websocket_peer.py", "websocket_peer.py",
		    "--serve", w->cert_file, tls ? w->key_file : "-",
		    (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	w->input = in[1];
	do {
		n = read(out[0], text + len, sizeof(text) - 1 - len);
		assert_true(n > 0);
		len += (size_t)n;
	} while (text[len - 1] != '\n');
	text[len] = '\0';
	w->port = (unsigned)strtoul(text, NULL, 10);
	close(out[0]);
}

static void
stop_serving(struct world *w)
{
	int status;

	close(w->input);
	kill(w->pid, SIGTERM);
	waitpid(w->pid, &status, 0);
}

static void
pin_of(const char *pem, uint8_t *pin)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(X509_get0_pubkey(x), &der);

	SHA256(der, (size_t)len, pin);
	OPENSSL_free(der);
	X509_free(x);
	BIO_free(bio);
}

static int
setup(void **state)
{
	const char *names[] = { "localhost", "::1" };
	struct world *w = calloc(1, sizeof(*w));

	*state = w;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_new(&w->loop), 0);
	assert_int_equal(
	    net_tls_self_signed(names, 2, 9, &w->cert, &w->key), 0);
	assert_int_equal(
	    net_tls_self_signed(names, 2, 9, &w->other, &w->other_key), 0);
	memcpy(w->cert_file, "/tmp/troth-wc-XXXXXX",
	    sizeof("/tmp/troth-wc-XXXXXX"));
	memcpy(w->key_file, "/tmp/troth-wc-XXXXXX",
	    sizeof("/tmp/troth-wc-XXXXXX"));
	write_file(w->cert_file, w->cert);
	write_file(w->key_file, w->key);
	pin_of(w->cert, w->pin);
	assert_int_equal(http_websocket_client_new(w->loop, &w->client), 0);
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_websocket_client_free(w->client);
	loop_free(w->loop);
	unlink(w->cert_file);
	unlink(w->key_file);
	free(w->cert);
	free(w->other);
	base_wipe_free(w->key, strlen(w->key));
	base_wipe_free(w->other_key, strlen(w->other_key));
	free(w);
	return 0;
}

static void
on_open(void *ctx, struct http_websocket *ws)
{
	struct result *r = ctx;
	struct http_websocket_message m = { .is_text = r->text,
		.data = (const uint8_t *)r->send,
		.len = r->send_len };

	r->opened++;
	if (r->send != NULL)
		assert_int_equal(http_websocket_send(ws, &m), 0);
}

static void
on_message(void *ctx, struct http_websocket *ws,
    const struct http_websocket_message *m)
{
	struct result *r = ctx;

	assert_true(m->len <= sizeof(r->got));
	memcpy(r->got, m->data, m->len);
	r->got_len = m->len;
	if (++r->messages == r->want)
		http_websocket_close(ws, 3000, "seen");
}

static void
on_closed(
    void *ctx, struct http_websocket *ws, const struct http_websocket_end *end)
{
	struct result *r = ctx;

	(void)ws;
	r->closed++;
	r->end = *end;
	snprintf(r->reason, sizeof(r->reason), "%s", end->reason);
	loop_stop(r->w->loop);
}

static const struct http_websocket_events events = {
	.on_open = on_open, .on_message = on_message, .on_closed = on_closed
};

static struct http_websocket_dial
wss(struct world *w, char *url, size_t cap, const char *path)
{
	snprintf(url, cap, "wss://[::1]:%u%s", w->port, path);
	return (struct http_websocket_dial){
		.url = url, .roots_pem = w->cert, .timeout_s = 5
	};
}

static void
run(struct world *w, const struct http_websocket_dial *dial, struct result *r)
{
	const struct http_websocket_opts opts = { .message_max = 300000 };
	struct http_websocket *ws;

	r->w = w;
	assert_int_equal(http_websocket_client_connect(
			     w->client, dial, &opts, &events, r, &ws),
	    0);
	assert_int_equal(r->closed, 0);
	assert_true(loop_run_for(w->loop, 20000));
	assert_int_equal(r->closed, 1);
}

static void
messages_both_ways(void **state)
{
	static char big[200000];
	static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536,
		sizeof(big) };
	struct world *w = *state;
	struct result *r = malloc(sizeof(*r));
	struct http_websocket_dial d;
	char url[128];

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7);
	for (int tls = 0; tls < 2; tls++) {
		serve(w, tls != 0);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(size_t); i++) {
			memset(r, 0, sizeof(*r));
			d = wss(w, url, sizeof(url), "/echo?a=b");
			if (tls == 0)
				memmove(url + 2, url + 3, strlen(url + 2));
			d.subprotocol = "one";
			r->send = big;
			r->send_len = sizes[i];
			r->want = 1;
			run(w, &d, r);
			assert_int_equal(r->opened, 1);
			assert_int_equal(r->got_len, sizes[i]);
			assert_memory_equal(r->got, big, sizes[i]);
			assert_int_equal(r->end.rc, 0);
			assert_int_equal(r->end.code, 3000);
			assert_string_equal(r->reason, "seen");
		}
		memset(r, 0, sizeof(*r));
		d = wss(w, url, sizeof(url), "/pieces");
		if (tls == 0)
			memmove(url + 2, url + 3, strlen(url + 2));
		r->want = 1;
		run(w, &d, r);
		assert_memory_equal(r->got, "one two three", 13);
		stop_serving(w);
	}
	free(r);
}

static void
headers_and_name(void **state)
{
	const struct http_header h[] = { { "X-Token", "t0k" },
		{ "Origin", "https://o.example" } };
	struct world *w = *state;
	struct result *r = calloc(1, sizeof(*r));
	struct http_websocket_dial d;
	struct net_addr to;
	char url[128], wanted[128], text[64];

	serve(w, true);
	/* By name, resolved; and by name at a given address. */
	for (int i = 0; i < 2; i++) {
		memset(r, 0, sizeof(*r));
		d = wss(w, url, sizeof(url), "");
		snprintf(url, sizeof(url), "wss://localhost:%u/headers",
		    i == 0 ? w->port : 4);
		snprintf(text, sizeof(text), "[::1]:%u", w->port);
		assert_int_equal(net_addr_parse(text, &to), 0);
		if (i == 1)
			d.connect_to = &to;
		d.headers = h;
		d.headers_count = 2;
		r->want = 1;
		run(w, &d, r);
		/* The name may resolve to an address without a listener. */
		if (i == 0 && r->end.rc == ERR_SYS_NETWORK)
			continue;
		snprintf(wanted, sizeof(wanted),
		    "t0k https://o.example localhost:%u", i == 0 ? w->port : 4);
		assert_int_equal(r->got_len, strlen(wanted));
		assert_memory_equal(r->got, wanted, r->got_len);
	}
	stop_serving(w);
	free(r);
}

static void
trust_is_what_was_asked_for(void **state)
{
	struct world *w = *state;
	struct result *r = calloc(1, sizeof(*r));
	struct http_websocket_dial d;
	uint8_t wrong[32] = { 1 }, pin[32];
	char url[128];

	serve(w, true);
	for (int i = 0; i < 6; i++) {
		bool good = i == 0 || i == 3;

		memset(r, 0, sizeof(*r));
		d = wss(w, url, sizeof(url), "/pieces");
		r->want = 1;
		if (i == 1)
			d.roots_pem = w->other;
		if (i == 2) /* the name is not in the certificate */
			snprintf(url, sizeof(url),
			    "wss://[::ffff:127.0.0.1]:%u/", w->port);
		if (i >= 3) {
			memcpy(pin, i == 3 ? w->pin : wrong, 32);
			d.spki_pins = (const uint8_t(*)[32])pin;
			d.spki_pins_count = 1;
			d.roots_pem = i == 5 ? w->cert : NULL;
		}
		run(w, &d, r);
		if (i == 2) { /* not listening there */
			assert_int_equal(r->opened, 0);
			continue;
		}
		assert_int_equal(r->opened, good);
		assert_int_equal(r->end.rc, good ? 0 : ERR_PEER_UNTRUSTED);
	}
	d = wss(w, url, sizeof(url), "/");
	d.roots_pem = NULL;
	assert_int_equal(http_websocket_client_connect(w->client, &d,
			     &(struct http_websocket_opts){ 0 }, &events, r,
			     &(struct http_websocket *){ NULL }),
	    ERR_STATE_USAGE);
	d.roots_pem = "nonsense";
	assert_int_equal(http_websocket_client_connect(w->client, &d,
			     &(struct http_websocket_opts){ 0 }, &events, r,
			     &(struct http_websocket *){ NULL }),
	    ERR_STATE_CONFIG);
	stop_serving(w);
	free(r);
}

static void
what_goes_wrong_is_named(void **state)
{
	static const struct {
		const char *path, *subprotocol;
		int rc, code, status;
	} cases[] = {
		{ "/close", NULL, 0, 4444, 0 },
		{ "/drop", NULL, ERR_PEER_CLOSED, 1006, 0 },
		{ "/bad", NULL, 0, 1007, 0 },
		{ "/big", NULL, 0, 3000, 0 },
		{ "/redirect", NULL, ERR_STATE_REFUSED, 1006, 302 },
		{ "/denied", NULL, ERR_STATE_REFUSED, 1006, 401 },
		{ "/echo", "unknown", ERR_PEER_MALFORMED, 1006, 101 },
	};
	static const char *const urls[] = { "http://x/", "wss://u:p@x/",
		"ws://x/#f", "ws://", "wss:x", "", "ws://x:70000/" };
	struct world *w = *state;
	struct result *r = malloc(sizeof(*r));
	struct http_websocket *ws;
	struct http_websocket_dial d;
	char url[128];

	serve(w, true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(r, 0, sizeof(*r));
		d = wss(w, url, sizeof(url), cases[i].path);
		d.subprotocol = cases[i].subprotocol;
		r->want = 1;
		run(w, &d, r);
		if (r->end.rc != cases[i].rc || r->end.code != cases[i].code ||
		    r->end.status != cases[i].status)
			print_error("%s: %d %d %d %s\n", cases[i].path,
			    r->end.rc, r->end.code, r->end.status, r->reason);
		assert_int_equal(r->end.rc, cases[i].rc);
		assert_int_equal(r->end.code, cases[i].code);
		assert_int_equal(r->end.status, cases[i].status);
	}
	stop_serving(w);
	/* Nobody listens any more. */
	memset(r, 0, sizeof(*r));
	d = wss(w, url, sizeof(url), "/");
	run(w, &d, r);
	assert_int_equal(r->end.rc, ERR_SYS_NETWORK);
	memset(r, 0, sizeof(*r));
	d.url = "wss://name.invalid/";
	run(w, &d, r);
	assert_int_equal(r->end.rc, ERR_PEER_NAME);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		d.url = urls[i];
		assert_int_equal(
		    http_websocket_client_connect(w->client, &d,
			&(struct http_websocket_opts){ 0 }, &events, r, &ws),
		    ERR_STATE_USAGE);
	}
	free(r);
}

static void
free_closes_what_is_open(void **state)
{
	struct world *w = *state;
	struct result *r = calloc(3, sizeof(*r));
	struct http_websocket *ws;
	struct http_websocket_dial d;
	char url[128];

	serve(w, true);
	for (int i = 0; i < 3; i++) {
		r[i].w = w;
		d = wss(w, url, sizeof(url), "/echo");
		if (i == 2)
			d.url = "ws://name.invalid/";
		assert_int_equal(http_websocket_client_connect(w->client, &d,
				     &(struct http_websocket_opts){ 0 },
				     &events, &r[i], &ws),
		    0);
		if (i == 0)
			while (r[0].opened == 0)
				loop_run_for(w->loop, 20);
	}
	http_websocket_client_free(w->client);
	w->client = NULL;
	for (int i = 0; i < 3; i++)
		assert_int_equal(r[i].closed, 1);
	assert_int_equal(r[0].end.rc, ERR_PEER_CLOSED);
	stop_serving(w);
	free(r);
}

/* The n-th allocation of a dial fails, for each n. */
static void
memory_may_be_short(void **state)
{
	const struct http_websocket_opts opts = { 0 };
	const struct http_header h = { "X-Token", "t" };
	struct world *w = *state;
	struct result *r = malloc(sizeof(*r));
	struct http_websocket *ws;
	struct http_websocket_dial d;
	bool failed = true;
	char url[128];
	int rc, refused = 0;

	w->port = 1; /* nobody listens there */
	d = wss(w, url, sizeof(url), "/x?y");
	d.cert_pem = w->cert;
	d.key_pem = w->key;
	d.subprotocol = "one";
	d.headers = &h;
	d.headers_count = 1;
	for (long n = 0; failed; n++) {
		memset(r, 0, sizeof(*r));
		r->w = w;
		if (!alloc_test_fail(n))
			break;
		rc = http_websocket_client_connect(
		    w->client, &d, &opts, &events, r, &ws);
		failed = alloc_test_failed();
		if (rc != 0) {
			refused++;
			assert_true(failed);
			assert_true(
			    rc == ERR_SYS_NOMEM || rc == ERR_SYS_CRYPTO ||
			    rc == ERR_STATE_CONFIG || rc == ERR_STATE_USAGE);
			assert_int_equal(r->closed, 0);
			continue;
		}
		assert_true(loop_run_for(w->loop, 20000));
		assert_int_equal(r->end.rc, ERR_SYS_NETWORK);
	}
	assert_true(!ALLOC_TEST || refused > 10);
	free(r);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(messages_both_ways),
		TEST(headers_and_name),
		TEST(trust_is_what_was_asked_for),
		TEST(what_goes_wrong_is_named),
		TEST(free_closes_what_is_open),
		TEST(memory_may_be_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
