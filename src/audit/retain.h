/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_RETAIN_H
#define AUDIT_RETAIN_H

#include <stdint.h>

#include "base/err.h"

/* Segments of a log: closing them, and deleting the oldest. */
struct audit_log;

/**
 * audit_log_roll(log, now_ms):
 * Close the newest segment if it is due and the checkpoint reaches into it.
 * Any error but ERR_SYS_NOSPACE ends the use of this log.
 */
MUST_CHECK int audit_log_roll(struct audit_log *log, int64_t now_ms);

/**
 * audit_log_prunable(log, before_ms):
 * Return N if all lines below N may be deleted: they are in closed segments
 * under the checkpoint, not in the newest of these, before the line with the
 * highest outbox number, and older than ${before_ms}.  0 if there are none.
 */
uint64_t audit_log_prunable(struct audit_log *log, int64_t before_ms);

/**
 * audit_log_prune(log, through):
 * Delete the segments of the lines below ${through}, as audit_log_prunable
 * returned it; the tiles stay, so the tree stays provable.
 */
MUST_CHECK int audit_log_prune(struct audit_log *log, uint64_t through);

#endif
