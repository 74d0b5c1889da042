/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_GATE_H
#define TRUSTCHAIN_CT_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Before a shard signs anything, its witnesses are asked which head they
 * stand by (identity.md section 9, "rolled-back disk"): one that the shard
 * signed and does not have means that data was lost.  A shard is held, reads
 * only, until at least one witness has answered and none contradicts it.
 */
struct ct_gate;
struct ct_quorum;
struct ct_shard;
struct loop;
struct ops_log;

struct ct_gate_opts {
	struct ct_quorum *quorum; /* outlives the gate; NULL: no gate */
	struct ct_shard *shard;	  /* held; released by the gate */
	struct loop *loop;
	struct ops_log *log;
	/* The shard is behind what it signed, or on another branch: the daemon
	 * must end with exit code 5. */
	void (*rolled_back)(void *ctx, const char *what);
	void *ctx;
};

/**
 * ct_gate_new(opts, ret):
 * Hold the shard and begin to ask.  Without witnesses it is not held, and
 * NULL stored.  ERR_SYS_*.
 */
MUST_CHECK int ct_gate_new(
    const struct ct_gate_opts *opts, struct ct_gate **ret);

/** ct_gate_free(g): Stop asking; NULL is legal. */
void ct_gate_free(struct ct_gate *g);

#endif
