/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_AHEAD_H
#define TRUSTCHAIN_CT_AHEAD_H

#include "base/err.h"
#include "trustchain/ct_shard.h"

/*
 * Shards made while the log runs, shard_ahead periods before they are needed
 * (identity.md section 9).  Their keys are made by a new key process, which
 * the supervisor loads by the same plan (ct_plan.h); main asks it which shard
 * its next slots are for, makes the folder with log.json and opens it.  Loop
 * thread only.
 */
struct ct_ahead;
struct ct_log;

struct ct_ahead_opts {
	struct ct_log *log;
	struct ct_signer signer;
	struct store_disk *disk;
	struct ops_faults *faults;
	struct ops_log *messages;
	/* Ask for a new key process. */
	int (*reload)(void *ctx);
	void *ctx;
};

/**
 * ct_ahead_new(opts, ret):
 * Begin.  The key process that serves now was loaded a moment ago.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int ct_ahead_new(
    const struct ct_ahead_opts *opts, struct ct_ahead **ret);

/**
 * ct_ahead_replaced(a):
 * Another key process serves.
 */
void ct_ahead_replaced(struct ct_ahead *a);

/**
 * ct_ahead_stop(a):
 * Make no more shards.  NULL is legal.
 */
void ct_ahead_stop(struct ct_ahead *a);

/**
 * ct_ahead_free(a):
 * Free it, after the key client; NULL is legal.
 */
void ct_ahead_free(struct ct_ahead *a);

#endif
