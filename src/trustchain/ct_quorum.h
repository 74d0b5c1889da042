/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_QUORUM_H
#define TRUSTCHAIN_CT_QUORUM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
#include "merkle/types.h"
#include "merkle/vkey.h"
#include "trustchain/trustchain_peer.h"

/*
 * The log's witnesses (identity.md section 10): each new head goes to all of
 * them at once (C2SP tlog-witness), and k cosignatures make it good.  Loop
 * thread only.
 */
struct ct_config;
struct ct_quorum;
struct ct_quorum_shard;
struct http_client;
struct loop;
struct loop_pool;
struct ops_log;
struct ops_metrics;

struct ct_quorum_opts {
	struct loop *loop;
	struct loop_pool *pool;
	const struct ct_config *config; /* outlives the result */
	struct ops_log *log;
	struct ops_metrics *metrics; /* of ct_metrics.h */
};

struct ct_quorum_witness {
	const char *name;
	struct trustchain_peer peer;
	struct merkle_vkey key;
};

/**
 * ct_quorum_new(opts, ret, f):
 * Make the quorum that [quorum] and [[witness_peer]] say; stores NULL when
 * they name no witness.  ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int ct_quorum_new(
    const struct ct_quorum_opts *opts, struct ct_quorum **ret, struct fault *f);

/**
 * ct_quorum_free(q):
 * Free, after its shards; NULL is legal.
 */
void ct_quorum_free(struct ct_quorum *q);

/**
 * ct_quorum_config(c, f):
 * The rule for ct.toml: 2k > n, keys once each, k = 0 only without witnesses.
 * ERR_STATE_CONFIG.
 */
MUST_CHECK int ct_quorum_config(const struct ct_config *c, struct fault *f);

/* n, k and the faults it survives; f is -1 without witnesses. */
struct ct_quorum_figures {
	unsigned n, k;
	int f;
};

/**
 * ct_quorum_figures(c, ret):
 * Compute them from the configuration.
 */
void ct_quorum_figures(
    const struct ct_config *c, struct ct_quorum_figures *ret);

/**
 * ct_quorum_witnesses(q, ret_n), ct_quorum_client(q), ct_quorum_roots(q):
 * The witnesses, and how they are reached; none for NULL.
 */
const struct ct_quorum_witness *ct_quorum_witnesses(
    const struct ct_quorum *q, size_t *ret_n);
struct http_client *ct_quorum_client(const struct ct_quorum *q);
const char *ct_quorum_roots(const struct ct_quorum *q);

/**
 * ct_quorum_shard_new(q, dir, ret), ct_quorum_shard_free(s):
 * What is known of the witnesses for the shard in folder ${dir}.  Free it
 * when the pool works no more; NULL is legal.
 */
MUST_CHECK int ct_quorum_shard_new(
    struct ct_quorum *q, const char *dir, struct ct_quorum_shard **ret);
void ct_quorum_shard_free(struct ct_quorum_shard *s);

/*
 * The outcome: ${met} with at least k, else what there is when the time was
 * over.  ${lines} are the good cosignatures, a string, valid during the call.
 */
typedef void ct_quorum_fn(void *ctx, bool met, const char *lines);

/**
 * ct_quorum_ask(s, head, note, fn, ctx):
 * Ask for cosignatures of ${head}, whose signed checkpoint is ${note}; its
 * tiles are on disk.  ${fn} is called once, later, at most timeout_ms from
 * now.  One at a time.  ERR_SYS_NOMEM; ${fn} is not called then.
 */
MUST_CHECK int ct_quorum_ask(struct ct_quorum_shard *s,
    const struct merkle_head *head, const char *note, ct_quorum_fn *fn,
    void *ctx);

#endif
