/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue-sim: the issue pipeline of the CA on virtual time, one world per seed.
 *
 *   issue-sim [--first SEED] [--seeds N] [--seconds S] [--broken WAY] [--trace]
 *
 * Runs N worlds from SEED on, or as many as fit into S seconds.  It prints
 * what happened in all of them and the hash of their traces; when an invariant
 * breaks, which one and the command that shows the world where it did, and
 * exits 1.  --broken builds the CA wrong in one of the ways of sim/issue.h, to
 * show that this finds it.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "sim/issue.h"

int main(int, char **);

struct flags {
	uint64_t first, seeds, seconds;
	enum issue_broken broken;
	bool trace;
};

static int
usage(void)
{
	fprintf(stderr, "usage: issue-sim [--first SEED] [--seeds N] "
			"[--seconds S] [--broken WAY] [--trace]\nways:");
	for (int i = 0; i < ISSUE_BROKEN_WAYS; i++)
		fprintf(stderr, " %s", issue_broken_name((enum issue_broken)i));
	fprintf(stderr, "\n");
	return 2;
}

static bool
parse(int argc, char **argv, struct flags *f)
{
	static const struct option longs[] = {
		{ "first", required_argument, NULL, 'f' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ "broken", required_argument, NULL, 'b' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int c;

	while (good && (c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'f')
			good = base_str_u64(
				   optarg, strlen(optarg), &f->first) == 0;
		else if (c == 'n')
			good = base_str_u64(
				   optarg, strlen(optarg), &f->seeds) == 0;
		else if (c == 's')
			good = base_str_u64(
				   optarg, strlen(optarg), &f->seconds) == 0;
		else if (c == 'b')
			good = issue_broken_find(optarg, &f->broken);
		else if (c == 't')
			f->trace = true;
		else
			good = false;
	}
	return good && optind == argc;
}

static void
add(struct issue_result *all, const struct issue_result *one)
{
	all->events += one->events;
	all->requests += one->requests;
	all->answers += one->answers;
	all->issued += one->issued;
	all->refused += one->refused;
	all->abandoned += one->abandoned;
	all->rolled += one->rolled;
	all->crashes += one->crashes;
}

static int
failed(
    const struct flags *f, uint64_t seed, const struct issue_result *r, int rc)
{
	fflush(stdout);
	printf("FAILED seed=%ju: %s\n", (uintmax_t)seed,
	    r->failure[0] != '\0' ? r->failure : base_err_text(rc));
	printf("replay: issue-sim --first %ju --seeds 1%s%s --trace\n",
	    (uintmax_t)seed, f->broken != ISSUE_SOUND ? " --broken " : "",
	    f->broken != ISSUE_SOUND ? issue_broken_name(f->broken) : "");
	return 1;
}

static void
print_all(const struct flags *f, uint64_t seeds, const struct issue_result *r,
    struct crypto_sha2 *trace)
{
	uint8_t digest[32];

	printf("seeds=%ju first=%ju events=%ju requests=%ju answers=%ju\n",
	    (uintmax_t)seeds, (uintmax_t)f->first, (uintmax_t)r->events,
	    (uintmax_t)r->requests, (uintmax_t)r->answers);
	printf("issued=%ju refused=%ju abandoned=%ju rolled_forward=%ju "
	       "crashes=%ju\n",
	    (uintmax_t)r->issued, (uintmax_t)r->refused,
	    (uintmax_t)r->abandoned, (uintmax_t)r->rolled,
	    (uintmax_t)r->crashes);
	crypto_sha2_final(trace, digest);
	printf("trace sha256=");
	for (size_t i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	printf("\n");
}

int
main(int argc, char **argv)
{
	struct flags f = { .first = 1, .seeds = 100 };
	struct issue_result all = { 0 }, one;
	struct crypto_sha2 trace;
	time_t end;
	uint64_t n;
	int rc;

	if (!parse(argc, argv, &f))
		return usage();
	end = time(NULL) + (time_t)f.seconds;
	crypto_sha2_init(&trace, CRYPTO_SHA256);
	for (n = 0; f.seconds > 0 ? time(NULL) < end : n < f.seeds; n++) {
		rc = issue_run(
		    f.first + n, f.broken, f.trace ? stdout : NULL, &one);
		if (rc != 0)
			return failed(&f, f.first + n, &one, rc);
		add(&all, &one);
		crypto_sha2_update(&trace, one.digest, sizeof(one.digest));
	}
	print_all(&f, n, &all, &trace);
	return 0;
}
