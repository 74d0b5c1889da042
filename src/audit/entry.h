/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

struct audit_event;
struct clock;
struct rng;

/* A line on its way to the log, or a wish for a checkpoint (len 0). */
struct audit_entry {
	struct list link;
	void (*done)(void *ctx, int rc, uint64_t size);
	void *ctx;
	int rc;
	uint64_t size;
	size_t len;
	char line[]; /* with its newline */
};

/** audit_entry_wish(): A wish; free() it.  NULL when memory is short. */
struct audit_entry *audit_entry_wish(void);

/**
 * audit_entry_line(ev, clock, rng, ret):
 * Encode ${ev}, stamped now if it has no time, with a fresh event id; errors
 * as audit_event_encode.  free() the entry.
 */
MUST_CHECK int audit_entry_line(const struct audit_event *ev,
    const struct clock *clock, const struct rng *rng, struct audit_entry **ret);

#endif
