/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lossy-relay: stands between UDP programs in tests and treats their datagrams
 * as a bad network would, the same way each time for the same seed.
 *
 *   lossy-relay --listen [::1]:0 --server [::1]:4000 --loss 0.8 --seed 7
 *
 * It prints one line with the address it listens on and the seed, and when it
 * gets SIGTERM or SIGINT its counters as one JSON object.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/fault.h"
#include "base/str.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "sim/relay.h"

int main(int, char **);

static const char usage[] =
    "usage: lossy-relay --listen ADDRESS:PORT --server ADDRESS:PORT "
    "[option]...\n"
    "  --seed N           of all fates; random and printed when absent\n"
    "  --loss P           probability from 0 to 1, for each datagram alone\n"
    "  --duplicate P      a second copy follows at once\n"
    "  --corrupt P        one bit flipped\n"
    "  --reorder P        held longer and overtaken\n"
    "  --delay MS         for all; may have a fraction\n"
    "  --jitter MS        up to so much more, order kept\n"
    "  --reorder-delay MS how much longer, 10 by default\n"
    "  --only up|down     treat one direction only: to the server, or back\n"
    "  --flows-max N      clients, 4096 by default\n"
    "  --waiting-max N    delayed datagrams, 65536 by default\n"
    "  --trace FILE       a line for each datagram and its fate\n";

static int
bad(const char *name, const char *value)
{
	fprintf(stderr, "lossy-relay: bad --%s: %s\n%s", name, value, usage);
	return 2;
}

/* A decimal number times ${scale}, at most ${max} of that. */
static bool
parse_scaled(const char *text, double scale, double max, uint32_t *ret)
{
	char *end;
	double v = strtod(text, &end) * scale;

	if (end == text || *end != '\0' || !(v >= 0) || v > max)
		return false;
	*ret = (uint32_t)(v + 0.5);
	return true;
}

static bool
parse_u32(const char *text, uint32_t *ret)
{
	uint64_t v;

	if (base_str_u64(text, strlen(text), &v) != 0 || v < 1 || v > 1 << 24)
		return false;
	*ret = (uint32_t)v;
	return true;
}

struct flags {
	struct relay_options options;
	struct sim_fate_rates rates;
	const char *only;
	bool has_seed, has_listen, has_server;
};

static bool
parse_flag(struct flags *f, const char *name, const char *v)
{
	struct relay_options *o = &f->options;
	const struct {
		const char *name;
		double scale, max;
		uint32_t *to;
	} numbers[] = {
		{ "loss", 1e6, 1e6, &f->rates.loss },
		{ "duplicate", 1e6, 1e6, &f->rates.duplicate },
		{ "corrupt", 1e6, 1e6, &f->rates.corrupt },
		{ "reorder", 1e6, 1e6, &f->rates.reorder },
		{ "delay", 1e3, 60e6, &f->rates.delay_us },
		{ "jitter", 1e3, 60e6, &f->rates.jitter_us },
		{ "reorder-delay", 1e3, 60e6, &f->rates.reorder_us },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(name, numbers[i].name) == 0)
			return parse_scaled(
			    v, numbers[i].scale, numbers[i].max, numbers[i].to);
	if (strcmp(name, "listen") == 0)
		return f->has_listen = net_addr_parse(v, &o->listen) == 0;
	if (strcmp(name, "server") == 0)
		return f->has_server = net_addr_parse(v, &o->server) == 0;
	if (strcmp(name, "seed") == 0)
		return f->has_seed = base_str_u64(v, strlen(v), &o->seed) == 0;
	if (strcmp(name, "only") == 0) {
		f->only = v;
		return strcmp(v, "up") == 0 || strcmp(v, "down") == 0;
	}
	if (strcmp(name, "flows-max") == 0)
		return parse_u32(v, &o->flows_max);
	if (strcmp(name, "waiting-max") == 0)
		return parse_u32(v, &o->waiting_max);
	o->trace = fopen(v, "we");
	return o->trace != NULL;
}

static int
parse_flags(int argc, char **argv, struct flags *f)
{
	static const char *const names[] = { "listen", "server", "seed", "loss",
		"duplicate", "corrupt", "reorder", "delay", "jitter",
		"reorder-delay", "only", "flows-max", "waiting-max", "trace" };
	struct option longs[sizeof(names) / sizeof(names[0]) + 1] = { 0 };
	int i;

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		longs[n] =
		    (struct option){ names[n], required_argument, NULL, 0 };
	while ((i = -1, getopt_long(argc, argv, "", longs, &i)) == 0)
		if (!parse_flag(f, names[i], optarg))
			return bad(names[i], optarg);
	if (optind < argc || i >= 0 || !f->has_listen || !f->has_server) {
		fputs(usage, stderr);
		return 2;
	}
	if (!f->has_seed &&
	    getrandom(&f->options.seed, sizeof(f->options.seed), 0) < 0)
		return bad("seed", "no random numbers");
	if (f->only == NULL || strcmp(f->only, "up") == 0)
		f->options.rates[RELAY_UP] = f->rates;
	if (f->only == NULL || strcmp(f->only, "down") == 0)
		f->options.rates[RELAY_DOWN] = f->rates;
	return 0;
}

static void
print_stats(const struct relay *r, uint64_t seed)
{
	static const char *const names[] = { "up", "down" };
	const struct relay_stats *s;

	printf(
	    "{\"seed\": %ju, \"flows\": %u", (uintmax_t)seed, relay_flows(r));
	for (int d = RELAY_UP; d < RELAY_DIRECTIONS; d++) {
		s = relay_stats(r, (enum relay_direction)d);
		printf(",\n \"%s\": {\"in\": %ju, \"out\": %ju, \"lost\": %ju, "
		       "\"duplicated\": %ju, \"corrupted\": %ju, "
		       "\"reordered\": %ju, \"no_room\": %ju, "
		       "\"send_failed\": %ju}",
		    names[d], (uintmax_t)s->in, (uintmax_t)s->out,
		    (uintmax_t)s->lost, (uintmax_t)s->duplicated,
		    (uintmax_t)s->corrupted, (uintmax_t)s->reordered,
		    (uintmax_t)s->no_room, (uintmax_t)s->send_failed);
	}
	printf("}\n");
}

static void
on_signal(void *ctx, int signum)
{
	(void)signum;
	loop_stop(ctx);
}

static int
run(struct loop *l, const struct relay_options *options)
{
	struct loop_signal *term = NULL, *interrupt = NULL;
	char at[NET_ADDR_TEXT_MAX];
	struct fault f = { 0 };
	struct relay *r;

	if (relay_new(l, options, &r, &f) != 0) {
		fprintf(stderr, "lossy-relay: %s\n", f.msg);
		return 1;
	}
	if (loop_signal_new(l, SIGTERM, on_signal, l, &term) == 0 &&
	    loop_signal_new(l, SIGINT, on_signal, l, &interrupt) == 0) {
		net_addr_format(relay_bound(r), at, sizeof(at));
		printf("listen=%s seed=%ju\n", at, (uintmax_t)options->seed);
		fflush(stdout);
		loop_run(l);
		print_stats(r, options->seed);
	}
	loop_signal_free(term);
	loop_signal_free(interrupt);
	relay_free(r);
	return 0;
}

int
main(int argc, char **argv)
{
	struct flags f = { .options = { .flows_max = 4096,
			       .waiting_max = 65536 },
		.rates = { .reorder_us = 10000 } };
	struct rlimit files;
	struct loop *l;
	int status = parse_flags(argc, argv, &f);

	if (status != 0)
		return status;
	/* A descriptor for each client. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (loop_new(&l) != 0)
		return 1;
	status = run(l, &f.options);
	loop_free(l);
	if (f.options.trace != NULL && fclose(f.options.trace) != 0)
		status = 1;
	return status;
}
