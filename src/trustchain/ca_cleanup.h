/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLEANUP_H
#define TRUSTCHAIN_CA_CLEANUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * What becomes of expired certificates (identity.md section 11): their DER
 * goes retain_der_d after expiry, their row retain_row_d after it, revoked
 * ones being appended to <state>/archive/YYYY-MM.jsonl first.  Once a day at
 * cleanup_at and on request, on a thread of its own, a page at a time.
 */
#define CA_CLEANUP_FOLDER "archive"
#define CA_CLEANUP_PAGE 500

struct ca_authority;
struct ca_cleanup;
struct ca_config;
struct ca_store;
struct clock;
struct loop;
struct ops_log;
struct store_disk;

struct ca_cleanup_opts {
	struct loop *loop;
	struct ca_store *store;
	struct store_disk *disk;
	const struct clock *clock;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ops_log *log;
};

struct ca_cleanup_result {
	int rc; /* what ended it; the rest was done before */
	size_t der_dropped, rows_removed, archived;
};

typedef void ca_cleanup_fn(void *ctx, const struct ca_cleanup_result *r);

/**
 * ca_cleanup_new(opts, ret):
 * Wait for the time of day.  What ${opts} names outlives the result.
 * ERR_SYS_*.
 */
MUST_CHECK int ca_cleanup_new(
    const struct ca_cleanup_opts *opts, struct ca_cleanup **ret);

/**
 * ca_cleanup_free(c):
 * End after the page at hand; before the store.  A request that runs is
 * answered ERR_SYS_CANCELLED.  NULL is legal.
 */
void ca_cleanup_free(struct ca_cleanup *c);

/**
 * ca_cleanup_run(c, archive, fn, ctx):
 * Clean up now; ${archive} says whether revoked rows go to the archive before
 * they are removed.  ${fn} is called once, later, on the loop.
 * ERR_STATE_CONFLICT while one runs.
 */
MUST_CHECK int ca_cleanup_run(
    struct ca_cleanup *c, bool archive, ca_cleanup_fn *fn, void *ctx);

#endif
