/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_REFUSALS_H
#define TRUSTCHAIN_REFUSALS_H

#include <stdint.h>

#include "base/err.h"

/*
 * The supervisor's own part of the audit log: what the key process refused to
 * sign.  It lies beside the state folder, where main has no rights, so that a
 * compromised main process cannot drop what it was refused.  Same lines as
 * the audit log, durable one by one, without checkpoints: the key that signs
 * those obeys main.
 */
struct clock;
struct fault;
struct keys_report;
struct rng;
struct store_disk;
struct trustchain_refusals;

struct trustchain_refusals_opts {
	struct store_disk *disk;
	const char *state_dir; /* "/x/ca": the log is in "/x/ca.refused" */
	const struct clock *clock;
	const struct rng *rng;
	const char *operator_id; /* "system:<program>" */
};

enum { TRUSTCHAIN_REFUSALS_PER_S = 20 };

/**
 * trustchain_refusals_open(opts, f, ret):
 * Open the log; errors as audit_log_open().  The members of ${opts} outlive
 * it.
 */
MUST_CHECK int trustchain_refusals_open(
    const struct trustchain_refusals_opts *opts, struct fault *f,
    struct trustchain_refusals **ret);

/**
 * trustchain_refusals_add(r, report):
 * Append "key.refused", or "key.unavailable" for a report of kind
 * KEYS_REPORT_DOWN.  Beyond TRUSTCHAIN_REFUSALS_PER_S they are counted
 * and the next line says how many were left out.  Errors as
 * audit_log_append().
 */
MUST_CHECK int trustchain_refusals_add(
    struct trustchain_refusals *r, const struct keys_report *report);

/**
 * trustchain_refusals_close(r):
 * Close and free; NULL is allowed.
 */
void trustchain_refusals_close(struct trustchain_refusals *r);

#endif
