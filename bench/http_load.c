/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load generator for the benchmarks: POSTs the lines of a file as bodies over
 * a fixed number of connections and prints one JSON object.
 *
 *   http_load --url URL --bodies FILE [--header H]... [--cacert F]
 *             [--connections N] [--rate R] [--seconds S] [--expect CODE]
 *             [--count N] [--burst N] [--window S]
 *
 * With --rate the load is open: request i is due at start + i/R, and its
 * latency counts from when it was due, so that a stall of the server is seen
 * by every request that it delayed ("coordinated omission").  Without --rate
 * each connection sends its next request when the last one is answered.  With
 * --count there are so many requests at the most.
 *
 * With --burst there are N bursts: each connection sends one request, all at
 * once, and the next burst begins when all are answered.  A burst before them,
 * in which the connections are made, is told apart as "cold_mean_ms".
 *
 * With --window the 99th percentile of the first and of the last S seconds are
 * printed as well.
 *
 * It stands on libcurl alone and shares no code with what it measures.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>

#define CONNECTIONS_MAX 1024
#define BODIES_MAX 100000
#define SAMPLES_MAX 4000000

struct options {
	const char *url, *bodies, *cacert, *unix_socket;
	struct curl_slist *headers;
	long connections, expect, count, bursts;
	double rate, seconds, window;
};

struct sample {
	uint32_t due_ms, latency_us;
};

struct slot {
	CURL *easy;
	uint64_t due_ns;
	bool busy;
};

struct load {
	struct options opt;
	char **body;
	size_t n_bodies;
	struct slot slot[CONNECTIONS_MAX];
	CURLM *multi;
	uint64_t start_ns, end_ns, sent;
	struct sample *sample;
	size_t n_samples;
	double cold_mean_ms;
	uint64_t errors, bytes;
	long last_bad_status;
};

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
die(const char *what)
{
	fprintf(stderr, "http_load: %s\n", what);
	exit(2);
}

static size_t
discard(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	((struct load *)ctx)->bytes += size * n;
	return size * n;
}

static void
read_bodies(struct load *l)
{
	FILE *f = fopen(l->opt.bodies, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (f == NULL)
		die("cannot open the file of bodies");
	l->body = calloc(BODIES_MAX, sizeof(*l->body));
	while (l->body != NULL && l->n_bodies < BODIES_MAX &&
	       (n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		l->body[l->n_bodies++] = line;
		line = NULL;
		cap = 0;
	}
	free(line);
	fclose(f);
	if (l->n_bodies == 0)
		die("no bodies");
}

static void
slots_init(struct load *l)
{
	for (long i = 0; i < l->opt.connections; i++) {
		CURL *e = curl_easy_init();

		if (e == NULL)
			die("curl_easy_init failed");
		curl_easy_setopt(e, CURLOPT_URL, l->opt.url);
		curl_easy_setopt(e, CURLOPT_HTTPHEADER, l->opt.headers);
		curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, discard);
		curl_easy_setopt(e, CURLOPT_WRITEDATA, l);
		curl_easy_setopt(e, CURLOPT_PRIVATE, &l->slot[i]);
		curl_easy_setopt(e, CURLOPT_TIMEOUT, 60L);
		curl_easy_setopt(
		    e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
		if (l->opt.cacert != NULL)
			curl_easy_setopt(e, CURLOPT_CAINFO, l->opt.cacert);
		if (l->opt.unix_socket != NULL)
			curl_easy_setopt(
			    e, CURLOPT_UNIX_SOCKET_PATH, l->opt.unix_socket);
		l->slot[i].easy = e;
	}
}

/*
 * When the next request is due, at ${now} if the load is closed; UINT64_MAX
 * when all have been sent.
 */
static uint64_t
next_due(const struct load *l, uint64_t now)
{
	uint64_t due = now;

	if (l->opt.count > 0 && l->sent >= (uint64_t)l->opt.count)
		return UINT64_MAX;
	if (l->opt.rate > 0)
		due = l->start_ns +
		      (uint64_t)((double)l->sent / l->opt.rate * 1e9);
	return due < l->end_ns ? due : UINT64_MAX;
}

static void
send_one(struct load *l, struct slot *s, uint64_t due)
{
	curl_easy_setopt(
	    s->easy, CURLOPT_POSTFIELDS, l->body[l->sent % l->n_bodies]);
	s->due_ns = due;
	s->busy = true;
	l->sent++;
	if (curl_multi_add_handle(l->multi, s->easy) != CURLM_OK)
		die("curl_multi_add_handle failed");
}

static int
collect(struct load *l)
{
	struct slot *s;
	CURLMsg *m;
	long status;
	int left, n = 0;

	while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		curl_easy_getinfo(
		    m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		if (m->data.result != CURLE_OK || status != l->opt.expect) {
			l->errors++;
			l->last_bad_status = m->data.result == CURLE_OK
						 ? status
						 : -(long)m->data.result;
		} else if (l->n_samples < SAMPLES_MAX) {
			n++;
			l->sample[l->n_samples++] = (struct sample){
				(uint32_t)((s->due_ns - l->start_ns) / 1000000),
				(uint32_t)((now_ns() - s->due_ns) / 1000),
			};
		}
		curl_multi_remove_handle(l->multi, s->easy);
		s->busy = false;
	}
	return n;
}

static void
run(struct load *l)
{
	uint64_t due, now;
	int running = 0, wait_ms;
	bool more = true;

	l->start_ns = now_ns();
	l->end_ns = l->start_ns + (uint64_t)(l->opt.seconds * 1e9);
	while (more || running > 0) {
		now = now_ns();
		due = next_due(l, now);
		more = due != UINT64_MAX;
		for (long i = 0; i < l->opt.connections && due <= now; i++) {
			if (l->slot[i].busy)
				continue;
			send_one(l, &l->slot[i], due);
			due = next_due(l, now);
			more = due != UINT64_MAX;
		}
		curl_multi_perform(l->multi, &running);
		/* A connection that has become free sends again at once. */
		if (collect(l) > 0)
			continue;
		wait_ms = 100;
		if (more && l->opt.rate > 0) {
			now = now_ns();
			wait_ms = due > now ? (int)((due - now) / 1000000) : 0;
			wait_ms = wait_ms > 100 ? 100 : wait_ms;
		}
		curl_multi_poll(
		    l->multi, NULL, 0, wait_ms == 0 ? 1 : wait_ms, NULL);
	}
}

static double
mean_ms(const struct load *l)
{
	double sum = 0;

	for (size_t i = 0; i < l->n_samples; i++)
		sum += l->sample[i].latency_us / 1000.0;
	return l->n_samples > 0 ? sum / (double)l->n_samples : 0;
}

static void
run_bursts(struct load *l)
{
	int running;

	l->start_ns = now_ns();
	for (long burst = 0; burst <= l->opt.bursts; burst++) {
		for (long i = 0; i < l->opt.connections; i++)
			send_one(l, &l->slot[i], now_ns());
		do {
			curl_multi_perform(l->multi, &running);
			collect(l);
			if (running > 0)
				curl_multi_poll(l->multi, NULL, 0, 100, NULL);
		} while (running > 0);
		if (burst == 0) {
			l->cold_mean_ms = mean_ms(l);
			l->n_samples = 0;
		}
	}
}

static int
compare(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->latency_us < y->latency_us ? -1
					     : x->latency_us > y->latency_us;
}

static double
percentile_ms(const struct load *l, double p)
{
	size_t at;

	if (l->n_samples == 0)
		return 0;
	at = (size_t)(p / 100 * (double)(l->n_samples - 1) + 0.5);
	return l->sample[at].latency_us / 1000.0;
}

/* The 99th percentile of what was due in [from, to), of sorted samples. */
static double
window_p99_ms(const struct load *l, double from, double to)
{
	size_t n = 0, at;
	double due;

	for (int pass = 0; pass < 2; pass++) {
		at = (size_t)(0.99 * (double)(n > 0 ? n - 1 : 0) + 0.5);
		n = 0;
		for (size_t i = 0; i < l->n_samples; i++) {
			due = l->sample[i].due_ms / 1000.0;
			if (due < from || due >= to)
				continue;
			if (pass == 1 && n == at)
				return l->sample[i].latency_us / 1000.0;
			n++;
		}
	}
	return 0;
}

static void
report(struct load *l)
{
	double elapsed = (double)(now_ns() - l->start_ns) / 1e9;
	double seconds = l->opt.seconds, window = l->opt.window;
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	qsort(l->sample, l->n_samples, sizeof(*l->sample), compare);
	printf("{\"sent\":%llu,\"ok\":%zu,\"errors\":%llu,"
	       "\"last_bad_status\":%ld,\"seconds\":%.3f,"
	       "\"rate_per_s\":%.1f,\"connections\":%ld,"
	       "\"mean_ms\":%.3f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,"
	       "\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,"
	       "\"generator_cpu_s\":%.2f",
	    (unsigned long long)l->sent, l->n_samples,
	    (unsigned long long)l->errors, l->last_bad_status, elapsed,
	    (double)l->n_samples / elapsed, l->opt.connections,
	    mean_ms(l), percentile_ms(l, 50), percentile_ms(l, 90), percentile_ms(l, 99),
	    percentile_ms(l, 99.9), percentile_ms(l, 100),
	    (double)ru.ru_utime.tv_sec + (double)ru.ru_stime.tv_sec +
		(double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	if (l->opt.bursts > 0)
		printf(",\"cold_mean_ms\":%.3f", l->cold_mean_ms);
	if (window > 0)
		printf(",\"first_p99_ms\":%.3f,\"last_p99_ms\":%.3f",
		    window_p99_ms(l, 0, window),
		    window_p99_ms(l, seconds - window, seconds));
	printf("}\n");
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "bodies", required_argument, NULL, 'b' },
		{ "header", required_argument, NULL, 'H' },
		{ "cacert", required_argument, NULL, 'C' },
		{ "unix", required_argument, NULL, 'U' },
		{ "connections", required_argument, NULL, 'c' },
		{ "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "expect", required_argument, NULL, 'e' },
		{ "count", required_argument, NULL, 'n' },
		{ "burst", required_argument, NULL, 'B' },
		{ "window", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*o =
	    (struct options){ .connections = 16, .expect = 200, .seconds = 10 };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'u')
			o->url = optarg;
		else if (c == 'b')
			o->bodies = optarg;
		else if (c == 'H')
			o->headers = curl_slist_append(o->headers, optarg);
		else if (c == 'C')
			o->cacert = optarg;
		else if (c == 'U')
			o->unix_socket = optarg;
		else if (c == 'c')
			o->connections = strtol(optarg, NULL, 10);
		else if (c == 'r')
			o->rate = strtod(optarg, NULL);
		else if (c == 's')
			o->seconds = strtod(optarg, NULL);
		else if (c == 'e')
			o->expect = strtol(optarg, NULL, 10);
		else if (c == 'n')
			o->count = strtol(optarg, NULL, 10);
		else if (c == 'B')
			o->bursts = strtol(optarg, NULL, 10);
		else if (c == 'w')
			o->window = strtod(optarg, NULL);
		else
			die("unknown option");
	}
	if (o->url == NULL || o->bodies == NULL || o->connections < 1 ||
	    o->connections > CONNECTIONS_MAX)
		die("--url and --bodies are required, --connections 1..1024");
	/* A 100-continue round trip would be measured as latency. */
	o->headers = curl_slist_append(o->headers, "Expect:");
}

int
main(int argc, char **argv)
{
	static struct load l;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	parse_options(&l.opt, argc, argv);
	read_bodies(&l);
	l.sample = calloc(SAMPLES_MAX, sizeof(*l.sample));
	l.multi = curl_multi_init();
	if (l.sample == NULL || l.multi == NULL)
		die("out of memory");
	curl_multi_setopt(l.multi, CURLMOPT_MAXCONNECTS, l.opt.connections + 8);
	slots_init(&l);
	if (l.opt.bursts > 0)
		run_bursts(&l);
	else
		run(&l);
	report(&l);
	return l.errors == 0 ? 0 : 1;
}
