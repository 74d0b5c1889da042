/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_EXHIBITS_H
#define TRUSTCHAIN_CT_EXHIBITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/json.h"

/*
 * The evidence against this log that monitors have put into its shards'
 * folders: counted, entered into the audit log once, and served.  Loop thread
 * only.
 */
struct ct_exhibits;
struct ops_metrics;
struct store_disk;

struct ct_exhibits_opts {
	struct store_disk *disk;
	struct ops_metrics *metrics; /* of ct_metrics.h; may be NULL */
	const uint8_t *siphash_key;
	/* As in struct ct_log_opts. */
	int (*event)(void *ctx, const char *action, const char *target);
	void *event_ctx;
};

/** ct_exhibits_new(opts, ret): Begin with none.  ERR_SYS_NOMEM. */
MUST_CHECK int ct_exhibits_new(
    const struct ct_exhibits_opts *opts, struct ct_exhibits **ret);

/** ct_exhibits_free(x): Free; NULL is legal. */
void ct_exhibits_free(struct ct_exhibits *x);

/**
 * ct_exhibits_scan(x, dir, shard):
 * Take in what is new in ${dir}/evidence.  A file that is in the audit log has
 * "<id>.audited" beside it.
 */
void ct_exhibits_scan(
    struct ct_exhibits *x, const char *dir, const char *shard);

/** ct_exhibits_count(x): how many there are. */
size_t ct_exhibits_count(const struct ct_exhibits *x);

/**
 * ct_exhibits_json(x):
 * Return the list, [{id, type, shard, found_at}]; NULL when memory is short.
 */
json_t *ct_exhibits_json(const struct ct_exhibits *x);

/**
 * ct_exhibits_load(x, id, ret, ret_len):
 * Read one, for the caller to free.  ERR_STATE_NOT_FOUND, ERR_SYS_*.
 */
MUST_CHECK int ct_exhibits_load(const struct ct_exhibits *x, const char *id,
    uint8_t **ret, size_t *ret_len);

#endif
