/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/entry.h"
#include "audit/event.h"
#include "audit/log.h"
#include "audit/retain.h"
#include "base/clock.h"

/* Say in the log which lines are about to be deleted. */
static int
announce(struct audit_tend *t, struct audit_log *log, uint64_t through)
{
	char words[48];
	struct audit_event ev = { .action = "audit.pruned",
		.operator_id = t->operator_id,
		.target = words };
	struct audit_entry *e;
	int rc;

	(void)snprintf(words, sizeof(words), "through=%" PRIu64, through);
	if ((rc = audit_entry_line(&ev, t->clock, t->rng, &e)) != 0)
		return rc;
	rc = audit_log_append(log, e->line, e->len);
	free(e);
	t->pruning = rc == 0 ? through : 0;
	t->pruning_size = audit_log_size(log);
	return rc;
}

int
audit_tend(struct audit_tend *t, struct audit_log *log)
{
	int64_t now_ms = base_clock_now_ms(t->clock);
	uint64_t through;
	int rc = audit_log_roll(log, now_ms);

	if (rc != 0 || t->retention_ms == 0)
		return rc;
	if (t->pruning > 0) {
		if (audit_log_published(log) < t->pruning_size)
			return 0;
		rc = audit_log_prune(log, t->pruning);
		t->pruning = 0;
		return rc;
	}
	through = audit_log_prunable(log, now_ms - (int64_t)t->retention_ms);
	return through > 0 ? announce(t, log, through) : 0;
}
