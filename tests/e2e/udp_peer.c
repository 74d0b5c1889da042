/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udp-peer: our UDP path as a program, for tests and benchmarks.
 *
 *   udp-peer echo LISTEN              answer everything
 *   udp-peer sink LISTEN              count what comes
 *   udp-peer send LISTEN TO LENGTH COUNT
 *                                     numbered datagrams, as fast as they go;
 *                                     COUNT 0: until told to stop
 *
 * LENGTH may be a list, A,B,C, of which each datagram takes the next.  With
 * UDP_PEER_PLAIN set in the environment without the kernel's offloads.  It
 * prints the address it listens on, and after SIGTERM, or when all is sent,
 * its counters as one JSON object.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fault.h"
#include "base/str.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "net/addr.h"
#include "net/udp.h"

int main(int, char **);

#define LENGTHS_MAX 16
/* Datagrams queued between two flushes. */
#define BURST 1024

struct peer {
	struct loop *loop;
	struct net_udp *udp;
	bool echo;
	/* send */
	struct net_addr to;
	size_t lengths[LENGTHS_MAX], n_lengths;
	uint64_t number, count;
	/* sink */
	uint64_t first_us, last_us, bytes;
};

static void
received(void *ctx, const struct net_udp_datagram *d)
{
	struct peer *p = ctx;

	p->bytes += d->len;
	/* What finds no room is counted. */
	if (p->echo &&
	    net_udp_send(p->udp, d->peer, d->local, d->bytes, d->len) != 0)
		return;
	if (p->first_us == 0)
		p->first_us = loop_monotonic_us();
	/* Not each time: the clock is not free. */
	if (p->number++ % 64 == 0)
		p->last_us = loop_monotonic_us();
}

/* One turn of sending; between turns the loop has its own. */
static void
send_some(void *ctx)
{
	static uint8_t bytes[NET_UDP_DATAGRAM_MAX];
	struct net_udp_stats stats;
	struct peer *p = ctx;
	uint64_t number;
	size_t len;

	for (int i = 0; i < BURST && (p->count == 0 || p->number < p->count);
	     i++) {
		len = p->lengths[p->number % p->n_lengths];
		number = p->number;
		memcpy(bytes, &number,
		    len < sizeof(number) ? len : sizeof(number));
		if (net_udp_send(p->udp, &p->to, NULL, bytes, len) != 0)
			break;
		p->number++;
	}
	net_udp_flush(p->udp);
	net_udp_stats(p->udp, &stats);
	if (p->count != 0 &&
	    stats.sent + stats.send_dropped_long + stats.send_dropped_other >=
		p->count)
		loop_stop(p->loop);
	else if (loop_post(p->loop, send_some, p) != 0)
		abort();
}

static void
on_signal(void *ctx, int signum)
{
	(void)signum;
	loop_stop(ctx);
}

static void
print_stats(const struct peer *p, uint64_t took_us)
{
	const struct net_udp_socket *s = net_udp_socket(p->udp);
	struct net_udp_stats n;
	struct rusage use;

	net_udp_stats(p->udp, &n);
	getrusage(RUSAGE_SELF, &use);
	printf(
	    "{\"gso\": %s, \"gro\": %s, \"rcvbuf\": %d, \"sndbuf\": %d,\n"
	    " \"received\": %ju, \"received_calls\": %ju, \"bytes\": %ju, "
	    "\"dropped_long\": %ju, \"dropped_kernel\": %ju,\n"
	    " \"sent\": %ju, \"sent_calls\": %ju, \"send_dropped_long\": %ju, "
	    "\"send_dropped_other\": %ju, \"send_blocked\": %ju,\n"
	    " \"us\": %ju, \"cpu_us\": %ju}\n",
	    s->gso ? "true" : "false", s->gro ? "true" : "false", s->rcvbuf,
	    s->sndbuf, (uintmax_t)n.received, (uintmax_t)n.received_calls,
	    (uintmax_t)p->bytes, (uintmax_t)n.dropped_long,
	    (uintmax_t)n.dropped_kernel, (uintmax_t)n.sent,
	    (uintmax_t)n.sent_calls, (uintmax_t)n.send_dropped_long,
	    (uintmax_t)n.send_dropped_other, (uintmax_t)n.send_blocked,
	    (uintmax_t)took_us,
	    (uintmax_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
		(uintmax_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec));
}

static bool
parse_lengths(struct peer *p, char *list)
{
	char *next;
	uint64_t v;

	for (; list != NULL; list = next) {
		next = strchr(list, ',');
		if (next != NULL)
			*next++ = '\0';
		if (p->n_lengths == LENGTHS_MAX ||
		    base_str_u64(list, strlen(list), &v) != 0 ||
		    v > NET_UDP_DATAGRAM_MAX)
			return false;
		p->lengths[p->n_lengths++] = (size_t)v;
	}
	return true;
}

static int
run(struct peer *p, const struct net_addr *listen, bool sends)
{
	struct fault f = { 0 };
	const struct net_udp_options options = { .datagram_max =
						     NET_UDP_DATAGRAM_MAX,
		.queue_bytes_max = 4 << 20,
		.queue_datagrams_max = 4 * BURST,
		.socket_buffer_bytes = 4 << 20,
		.offload = getenv("UDP_PEER_PLAIN") == NULL,
		.dual = true,
		.fault = &f };
	struct loop_signal *term;
	struct net_addr bound;
	char at[NET_ADDR_TEXT_MAX];
	uint64_t start_us;

	if (net_udp_open(p->loop, listen, &options, received, p, &p->udp) !=
		0 ||
	    net_udp_socket_bound(net_udp_socket(p->udp), &bound) != 0 ||
	    loop_signal_new(p->loop, SIGTERM, on_signal, p->loop, &term) != 0) {
		fprintf(stderr, "udp-peer: %s\n", f.msg);
		return 1;
	}
	net_addr_format(&bound, at, sizeof(at));
	printf("listen=%s\n", at);
	fflush(stdout);
	start_us = loop_monotonic_us();
	if (sends)
		send_some(p);
	loop_run(p->loop);
	if (!sends) {
		start_us = p->first_us;
		print_stats(
		    p, p->last_us > start_us ? p->last_us - start_us : 0);
	} else {
		print_stats(p, loop_monotonic_us() - start_us);
	}
	loop_signal_free(term);
	net_udp_free(p->udp);
	return 0;
}

int
main(int argc, char **argv)
{
	struct peer p = { .echo = argc == 3 && strcmp(argv[1], "echo") == 0 };
	bool sends = argc == 6 && strcmp(argv[1], "send") == 0;
	bool sinks = argc == 3 && strcmp(argv[1], "sink") == 0;
	struct net_addr listen;
	int status;

	if (!(p.echo || sinks || sends) ||
	    net_addr_parse(argv[2], &listen) != 0 ||
	    (sends &&
		(net_addr_parse(argv[3], &p.to) != 0 ||
		    !parse_lengths(&p, argv[4]) ||
		    base_str_u64(argv[5], strlen(argv[5]), &p.count) != 0))) {
		fprintf(stderr, "usage: udp-peer echo LISTEN | sink LISTEN | "
				"send LISTEN TO LENGTH[,LENGTH]... COUNT\n");
		return 2;
	}
	if (loop_new(&p.loop) != 0)
		return 1;
	status = run(&p, &listen, sends);
	loop_free(p.loop);
	return status;
}
