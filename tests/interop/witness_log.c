/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log that asks a witness we did not write for cosignatures, with the cores
 * that our own log uses.
 *
 *	witness_log vkey                 print the log's verifier key
 *	witness_log hex                  print its 32 octets
 *	witness_log run HOST PORT VKEY   the whole conversation
 *	witness_log again HOST PORT VKEY what the witness must still know then
 *
 * With WITNESS_RECORD=FILE every request and answer is appended to FILE, after
 * the two keys in the same form.
 */
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/ed25519.h"
#include "merkle/addcheckpoint.h"
#include "merkle/checkpoint.h"
#include "merkle/cosig.h"
#include "merkle/notekey.h"
#include "merkle/proof.h"
#include "merkle/test_reference.h"
#include "merkle/witness_client.h"
#include "wire/builder.h"
#include "wire/hex.h"

/* A Sigsum log's origin is named after its key (sigsum.org/v1/tree/...). */
static char origin[128];
static const uint8_t seed[32] = "a key for tests, known to all";
static struct merkle_vkey log_key;
static const char *host, *port;

static void
die(const char *what)
{
	fprintf(stderr, "FAIL: %s\n", what);
	exit(1);
}

static void
check(int ok, const char *what)
{
	if (!ok)
		die(what);
	printf("ok: %s\n", what);
}

/* The tree's nodes by the definition of RFC 6962. */
static int
node(void *ctx, unsigned level, uint64_t index, struct merkle_hash *ret)
{
	(void)ctx;
	ref_mth((int)(index << level), 1 << level, ret->b);
	return 0;
}

static const struct merkle_reader reader = { node, NULL };

static struct merkle_head
head_of(int n)
{
	struct merkle_head head = { (uint64_t)n, { { 0 } } };

	ref_mth(0, n, head.root.b);
	return head;
}

/* The signed checkpoint of ${head}. */
static void
sign_head(const char *name, const uint8_t key[32],
    const struct merkle_head *head, char ret[8192])
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX], line[MERKLE_NOTEKEY_LINE_MAX];
	uint8_t sig[64];

	if (merkle_checkpoint_encode(name, head, text) != 0 ||
	    crypto_ed25519_sign(key, text, strlen(text), sig) != 0 ||
	    merkle_notekey_line(log_key.name, log_key.id, sig, 64, line) != 0)
		die("cannot sign");
	(void)snprintf(ret, 8192, "%s\n%s", text, line);
}

static int
dial(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		die("no such host");
	fd = socket(list->ai_family, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, list->ai_addr, list->ai_addrlen) != 0)
		die("cannot connect");
	freeaddrinfo(list);
	return fd;
}

static void
record(const char *body, size_t len, const char *reply)
{
	const char *name = getenv("WITNESS_RECORD");
	FILE *f;

	if (name == NULL || (f = fopen(name, "ae")) == NULL)
		return;
	fprintf(f, "request %zu\n", len);
	fwrite(body, 1, len, f);
	fprintf(f, "answer %zu\n%s", strlen(reply), reply);
	fclose(f);
}

/* POST ${body}; the answer stays in a static buffer. */
static struct merkle_witness_answer
post(const char *body, size_t len)
{
	static char reply[65536];
	struct merkle_witness_answer a = { 0, "", 0 };
	char head[256];
	size_t got = 0;
	ssize_t n;
	char *at;
	int fd = dial();

	(void)snprintf(head, sizeof(head),
	    "POST /add-checkpoint HTTP/1.0\r\nHost: %s\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    host, len);
	if (send(fd, head, strlen(head), 0) < 0 || send(fd, body, len, 0) < 0)
		die("cannot send");
	while ((n = recv(fd, reply + got, sizeof(reply) - 1 - got, 0)) > 0)
		got += (size_t)n;
	close(fd);
	reply[got] = '\0';
	record(body, len, reply);
	if ((at = strstr(reply, "\r\n\r\n")) == NULL)
		die("no HTTP answer");
	a.status = (int)strtol(strchr(reply, ' '), NULL, 10);
	if (a.status == 409 && strstr(reply, "text/x.tlog.size") == NULL)
		die("a conflict without its content type");
	a.body = at + 4;
	a.len = got - (size_t)(at + 4 - reply);
	return a;
}

/* Ask for a cosignature of ${head}; return what our client core says. */
static int
ask(struct merkle_witness_client *c, const struct merkle_head *head)
{
	static char body[MERKLE_ADDCHECKPOINT_MAX];
	char note[8192], lines[MERKLE_WITNESS_CLIENT_LINES_MAX];
	struct merkle_witness_answer a;
	struct merkle_note parsed;
	struct builder b;
	int rc;

	sign_head(origin, seed, head, note);
	wire_builder_init(&b, body, sizeof(body));
	rc = merkle_witness_client_request(c, &reader, head, note, &b);
	if (rc != 0)
		return rc;
	a = post(body, b.len);
	if (merkle_note_parse(note, strlen(note), &parsed) != 0)
		die("our note");
	return merkle_witness_client_answer(c, &parsed, &a, lines);
}

/* Send a request that our client would not. */
static int
ask_wrongly(const char *name, const uint8_t key[32], uint64_t old,
    const struct merkle_head *head)
{
	static char body[MERKLE_ADDCHECKPOINT_MAX];
	struct merkle_addcheckpoint req = { old, { 0 }, NULL, 0 };
	struct builder b;
	char note[8192];

	sign_head(name, key, head, note);
	req.note = note;
	req.note_len = strlen(note);
	wire_builder_init(&b, body, sizeof(body));
	merkle_addcheckpoint_encode(&req, &b);
	return post(body, b.len).status;
}

static void
run(const struct merkle_vkey *witness)
{
	static const int sizes[] = { 1, 2, 7, 64, 65, 256, 300 };
	static const uint8_t other[32] = { 1 };
	struct merkle_witness_client c = { witness, 1, 0, 0, { 0, { { 0 } } } };
	struct merkle_witness_client fresh = c;
	struct merkle_head head, fork;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		head = head_of(sizes[i]);
		if (ask(&c, &head) != 0)
			die("a grown tree is not cosigned");
	}
	check(1, "cosigned through 7 sizes, every line verified");
	check(ask(&c, &head) == 0, "the same head again");
	check(ask(&fresh, &head) == ERR_STATE_CONFLICT && fresh.size == 300 &&
		  ask(&fresh, &head) == 0,
	    "the size of a conflict is adopted");
	fresh.size = 0;
	head = head_of(65);
	check(ask(&fresh, &head) == ERR_STATE_STALE,
	    "a log put back learns that it was");
	fork = head_of(300);
	fork.root.b[5] ^= 1;
	check(ask(&fresh, &fork) == ERR_STATE_REFUSED, "a fork is refused");
	fork.size = 299;
	check(ask_wrongly(origin, seed, 299, &fork) == 409,
	    "an old head conflicts");
	head = head_of(300);
	check(ask_wrongly("troth.example/unknown", seed, 0, &head) >= 400,
	    "an unknown log is refused");
	check(ask_wrongly(origin, other, 300, &head) == 403,
	    "a stranger's signature is refused");
}

static void
again(const struct merkle_vkey *witness)
{
	struct merkle_witness_client c = { witness, 1, 0, 0, { 0, { { 0 } } } };
	struct merkle_head small = head_of(7), head = head_of(300);

	check(ask(&c, &small) == ERR_STATE_STALE && c.size == 300,
	    "a restarted witness knows its size");
	check(ask(&c, &head) == 0, "and cosigns that head again");
}

int
main(int argc, char **argv)
{
	char text[MERKLE_VKEY_TEXT_MAX];
	struct merkle_vkey witness;
	char hex[65];
	uint8_t pub[32], hash[32];

	ref_init();
	if (crypto_ed25519_public(seed, pub) != 0)
		die("our key");
	(void)EVP_Digest(pub, 32, hash, NULL, EVP_sha256(), NULL);
	wire_hex_encode(hash, 32, hex);
	(void)snprintf(origin, sizeof(origin), "sigsum.org/v1/tree/%s", hex);
	wire_hex_encode(pub, 32, hex);
	if (merkle_vkey_init(&log_key, origin, MERKLE_SIG_ED25519, pub) != 0 ||
	    merkle_vkey_encode(&log_key, text) != 0)
		die("our key");
	if (argc == 2 && strcmp(argv[1], "vkey") == 0)
		return puts(text) < 0;
	if (argc == 2 && strcmp(argv[1], "hex") == 0)
		return puts(hex) < 0;
	if (argc != 5 ||
	    merkle_vkey_parse(argv[4], strlen(argv[4]), &witness) != 0)
		die("usage: witness_log vkey | hex | run|again HOST PORT VKEY");
	host = argv[2];
	port = argv[3];
	record(argv[4], strlen(argv[4]), text);
	if (strcmp(argv[1], "run") == 0)
		run(&witness);
	else
		again(&witness);
	return 0;
}
