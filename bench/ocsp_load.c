/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load generator for OCSP responders: POSTs requests over plain HTTP/1.1 on a
 * fixed number of connections, each of which asks again when it was answered,
 * and prints one JSON object.
 *
 *   ocsp_load --port P [--host ::1] --issuer PEM --root PEM --serials FILE
 *             [--path /ocsp] [--connections N] [--seconds S] [--nonce] [--sha1]
 *
 * FILE has a serial in hex on each line.  Requests are made by OpenSSL before
 * the clock starts; every thousandth answer is kept and verified by OpenSSL
 * after it has stopped.  The rate is that of signed answers; others are errors.
 * Shares no code with what it measures.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>

enum {
	CONNECTIONS_MAX = 256,
	REQUESTS_MAX = 200000,
	SAMPLES_MAX = 4000000,
	KEPT_MAX = 200,
	KEEP_EACH = 1000,
	ANSWER_MAX = 16384,
	ANSWER_MIN = 100, /* shorter is an error, unsigned */
};

struct message {
	char *text;
	size_t len;
};

struct conn {
	int fd;
	uint64_t sent_ns;
	size_t have;
	char in[ANSWER_MAX];
};

static struct {
	const char *host, *path, *issuer, *root, *serials;
	int port, connections;
	bool nonce, sha1;
	double seconds;
} opt = { .host = "::1", .path = "/ocsp", .connections = 8, .seconds = 5 };

static struct message request[REQUESTS_MAX];
static size_t n_requests, next_request;
static uint32_t *latency_us;
static size_t n_samples;
static uint64_t errors;
static struct message kept[KEPT_MAX];
static size_t n_kept;
static X509 *issuer, *root;

static void
die(const char *what)
{
	fprintf(stderr, "ocsp_load: %s\n", what);
	exit(2);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static X509 *
load(const char *path)
{
	FILE *f = path == NULL ? NULL : fopen(path, "r");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);

	if (x == NULL)
		die("no certificate");
	fclose(f);
	return x;
}

static void
add_request(const char *hex)
{
	OCSP_REQUEST *req = OCSP_REQUEST_new();
	BIGNUM *n = NULL;
	ASN1_INTEGER *serial;
	uint8_t *der = NULL;
	struct message *m;
	int len, head;

	if (n_requests == REQUESTS_MAX || BN_hex2bn(&n, hex) == 0)
		die("bad list of serials");
	serial = BN_to_ASN1_INTEGER(n, NULL);
	OCSP_request_add0_id(
	    req, OCSP_cert_id_new(opt.sha1 ? EVP_sha1() : EVP_sha256(),
		     X509_get_subject_name(issuer),
		     X509_get0_pubkey_bitstr(issuer), serial));
	if (opt.nonce)
		OCSP_request_add1_nonce(req, NULL, 16);
	len = i2d_OCSP_REQUEST(req, &der);
	m = &request[n_requests++];
	m->text = malloc((size_t)len + 512);
	head = snprintf(m->text, 512,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/ocsp-request\r\n"
	    "Content-Length: %d\r\n\r\n",
	    opt.path, len);
	memcpy(m->text + head, der, (size_t)len);
	m->len = (size_t)(head + len);
	OPENSSL_free(der);
	ASN1_INTEGER_free(serial);
	BN_free(n);
	OCSP_REQUEST_free(req);
}

static void
make_requests(void)
{
	FILE *f = opt.serials == NULL ? NULL : fopen(opt.serials, "r");
	char line[128];

	if (f == NULL)
		die("no list of serials");
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0')
			add_request(line);
	}
	fclose(f);
	if (n_requests == 0)
		die("no serials");
}

static void
ask(struct conn *c)
{
	struct message *m = &request[next_request++ % n_requests];

	c->have = 0;
	c->sent_ns = now_ns();
	/* A request fits in the socket's empty buffer. */
	if (send(c->fd, m->text, m->len, MSG_NOSIGNAL) != (ssize_t)m->len)
		die("cannot send");
}

static void
open_conn(struct conn *c, int epoll)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)opt.port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)opt.port) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	bool v6 = inet_pton(AF_INET6, opt.host, &a6.sin6_addr) == 1;
	int one = 1, rc;

	c->fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (!v6 && inet_pton(AF_INET, opt.host, &a4.sin_addr) != 1)
		die("bad --host");
	rc = v6 ? connect(c->fd, (struct sockaddr *)&a6, sizeof(a6))
		: connect(c->fd, (struct sockaddr *)&a4, sizeof(a4));
	if (c->fd < 0 || rc != 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev) != 0)
		die("epoll");
}

static void
keep(const char *body, size_t len)
{
	if (n_samples % KEEP_EACH != 0 || n_kept == KEPT_MAX)
		return;
	kept[n_kept].text = malloc(len);
	memcpy(kept[n_kept].text, body, len);
	kept[n_kept++].len = len;
}

/* The whole answer is there: count it. */
static void
answered(struct conn *c, const char *body, size_t len)
{
	if (strncmp(c->in, "HTTP/1.1 200", 12) != 0 || len < ANSWER_MIN)
		errors++;
	else
		keep(body, len);
	if (n_samples < SAMPLES_MAX)
		latency_us[n_samples++] =
		    (uint32_t)((now_ns() - c->sent_ns) / 1000);
}

/* Read what is there; return whether the answer is whole. */
static bool
take(struct conn *c)
{
	const char *body, *length;
	ssize_t n =
	    recv(c->fd, c->in + c->have, sizeof(c->in) - 1 - c->have, 0);
	size_t want;

	if (n <= 0)
		die("the server closed a connection");
	c->have += (size_t)n;
	c->in[c->have] = '\0';
	body = memmem(c->in, c->have, "\r\n\r\n", 4);
	if (body == NULL)
		return false;
	body += 4;
	length = strcasestr(c->in, "\r\ncontent-length:");
	if (length == NULL || length > body)
		die("no Content-Length");
	want = strtoul(length + 17, NULL, 10);
	if ((size_t)(c->in + c->have - body) < want)
		return false;
	answered(c, body, want);
	return true;
}

static void
run(double seconds)
{
	static struct conn conn[CONNECTIONS_MAX];
	struct epoll_event ev[CONNECTIONS_MAX];
	int epoll = epoll_create1(0), n;
	uint64_t end;

	for (int i = 0; i < opt.connections; i++)
		open_conn(&conn[i], epoll);
	end = now_ns() + (uint64_t)(seconds * 1e9);
	for (int i = 0; i < opt.connections; i++)
		ask(&conn[i]);
	while (now_ns() < end) {
		n = epoll_wait(epoll, ev, CONNECTIONS_MAX, 100);
		for (int i = 0; i < n; i++)
			if (take(ev[i].data.ptr))
				ask(ev[i].data.ptr);
	}
	for (int i = 0; i < opt.connections; i++)
		close(conn[i].fd);
	close(epoll);
}

/* How many of the kept answers OpenSSL does not believe. */
static unsigned
judge(void)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	OCSP_BASICRESP *basic;
	OCSP_RESPONSE *resp;
	const uint8_t *p;
	unsigned bad = 0;

	X509_STORE_add_cert(store, root);
	sk_X509_push(chain, issuer);
	for (size_t i = 0; i < n_kept; i++) {
		p = (const uint8_t *)kept[i].text;
		resp = d2i_OCSP_RESPONSE(NULL, &p, (long)kept[i].len);
		basic = resp == NULL ? NULL : OCSP_response_get1_basic(resp);
		if (basic == NULL ||
		    OCSP_basic_verify(basic, chain, store, 0) != 1)
			bad++;
		OCSP_BASICRESP_free(basic);
		OCSP_RESPONSE_free(resp);
	}
	sk_X509_free(chain);
	X509_STORE_free(store);
	return bad;
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
options(int argc, char **argv)
{
	static const struct option o[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "host", required_argument, NULL, 'h' },
		{ "path", required_argument, NULL, 'P' },
		{ "issuer", required_argument, NULL, 'i' },
		{ "root", required_argument, NULL, 'r' },
		{ "serials", required_argument, NULL, 's' },
		{ "connections", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 't' },
		{ "nonce", no_argument, NULL, 'n' },
		{ "sha1", no_argument, NULL, '1' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", o, NULL)) != -1)
		switch (c) {
		case 'p':
			opt.port = (int)strtol(optarg, NULL, 10);
			break;
		case 'h':
			opt.host = optarg;
			break;
		case 'P':
			opt.path = optarg;
			break;
		case 'i':
			opt.issuer = optarg;
			break;
		case 'r':
			opt.root = optarg;
			break;
		case 's':
			opt.serials = optarg;
			break;
		case 'c':
			opt.connections = (int)strtol(optarg, NULL, 10);
			break;
		case 't':
			opt.seconds = strtod(optarg, NULL);
			break;
		case '1':
			opt.sha1 = true;
			break;
		case 'n':
			opt.nonce = true;
			break;
		default:
			die("see the comment in ocsp_load.c");
		}
	if (opt.connections < 1 || opt.connections > CONNECTIONS_MAX)
		die("bad --connections");
}

int
main(int argc, char **argv)
{
	uint64_t begin;
	double took;
	unsigned bad;

	options(argc, argv);
	issuer = load(opt.issuer);
	root = load(opt.root);
	latency_us = malloc(SAMPLES_MAX * sizeof(*latency_us));
	if (latency_us == NULL)
		die("out of memory");
	make_requests();
	begin = now_ns();
	run(opt.seconds);
	took = (double)(now_ns() - begin) / 1e9;
	bad = judge();
	qsort(latency_us, n_samples, sizeof(*latency_us), by_value);
	if (n_samples == 0)
		die("nothing was answered");
	printf("{\"rate_per_s\":%.0f,\"answers\":%zu,\"errors\":%llu,"
	       "\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,"
	       "\"verified\":%zu,\"not_verified\":%u}\n",
	    (double)(n_samples - errors) / took, n_samples, (unsigned long long)errors,
	    latency_us[n_samples / 2], latency_us[n_samples * 99 / 100],
	    latency_us[n_samples - 1], n_kept, bad);
	return errors > 0 || bad > 0 || n_kept == 0 ? 1 : 0;
}
