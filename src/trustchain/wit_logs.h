/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_LOGS_H
#define TRUSTCHAIN_WIT_LOGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
#include "merkle/vkey.h"
#include "trustchain/ct_shard.h"

/*
 * The logs of a witness at work (identity.md section 10, C2SP tlog-witness):
 * a new head is stored durably, then signed, then answered.  Loop thread
 * only.
 */
struct http_request;
struct rng;
struct wit_config;
struct wit_logs;

struct wit_logs_opts {
	const struct wit_config *config; /* outlives the result */
	struct loop_pool *pool;
	struct store_disk *disk;
	const struct clock *clock;
	const struct rng *rng;
	struct ct_signer signer;
	struct ops_log *log;
	struct ops_metrics *metrics; /* of wit_metrics.h */
	struct ops_faults *faults;   /* points of WIT_POINTS */
	/* Enter an event with a JSON target into the audit log. */
	void (*event)(void *ctx, const char *action, const char *target);
	void *ctx;
};

/* Fault points: before a head is stored, when it is stored, when it is
 * signed. */
#define WIT_POINT_STORE "witness.store.before"
#define WIT_POINT_STORED "witness.store.after"
#define WIT_POINT_SIGNED "witness.sign.after"
#define WIT_POINTS                                                             \
	{                                                                      \
		WIT_POINT_STORE, WIT_POINT_STORED, WIT_POINT_SIGNED            \
	}

/**
 * wit_logs_new(opts, ret, f):
 * Load the heads that are stood by.  ERR_STATE_INTEGRITY when one is not what
 * a log of that name signed: exit 5.  ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int wit_logs_new(
    const struct wit_logs_opts *opts, struct wit_logs **ret, struct fault *f);

/**
 * wit_logs_free(w):
 * Free, when neither pool nor key client call any more; NULL is legal.
 */
void wit_logs_free(struct wit_logs *w);

/**
 * wit_logs_start(w):
 * Ask the key process for the public keys; ready when they are known.
 */
MUST_CHECK int wit_logs_start(struct wit_logs *w);

/**
 * wit_logs_ready(w, why, len), wit_logs_check(w, issue, len):
 * For the health document: whether it can cosign; 0, or 1 with what is wrong.
 */
bool wit_logs_ready(const struct wit_logs *w, char *why, size_t len);
int wit_logs_check(const struct wit_logs *w, char *issue, size_t len);

/**
 * wit_logs_vkey(w, type, ret):
 * Write the verifier key for cosignatures of MERKLE_SIG_COSIGNATURE or
 * MERKLE_SIG_COSIGNATURE44; ERR_STATE_NOT_FOUND if there is none.
 */
MUST_CHECK int wit_logs_vkey(const struct wit_logs *w,
    enum merkle_sig_type type, char ret[MERKLE_VKEY_TEXT_MAX]);

/**
 * wit_logs_count(w):
 * Return the number of logs.
 */
size_t wit_logs_count(const struct wit_logs *w);

/**
 * wit_logs_add(w, r):
 * Answer POST /add-checkpoint.
 */
void wit_logs_add(struct wit_logs *w, struct http_request *r);

/**
 * wit_logs_get(w, hash, r):
 * Answer GET /<hash>/checkpoint; 404 for an unknown log, or one without head.
 */
void wit_logs_get(struct wit_logs *w, const char *hash, struct http_request *r);

#endif
