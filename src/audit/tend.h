/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_TEND_H
#define AUDIT_TEND_H

#include <stdint.h>

#include "base/err.h"

/* What the writer does with segments after each checkpoint. */
struct audit_log;
struct clock;
struct rng;

struct audit_tend {
	const struct clock *clock;
	const struct rng *rng;
	uint64_t retention_ms; /* 0: for ever */
	const char *operator_id;
	/* Lines below pruning are to go once the event that says so, with
	 * which the log is pruning_size long, is under a checkpoint. */
	uint64_t pruning, pruning_size;
};

/**
 * audit_tend(t, log):
 * Close the newest segment if it is due, and delete the oldest if they are:
 * at one call the event audit.pruned is appended, at one after the next
 * checkpoint the files go.  Errors as audit_log_append, audit_log_prune.
 */
MUST_CHECK int audit_tend(struct audit_tend *t, struct audit_log *log);

#endif
