/* SPDX-License-Identifier: Apache-2.0 */
/* acme.validation.failed, one event per account and minute (section 15). */
#include "trustchain/ca_acme_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "loop/timer.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"

static void
flushed(void *ctx, int rc)
{
	(void)ctx;
	(void)rc; /* a read-only store is reported by its own means */
}

void
ca_acme_failures_flush(void *ctx)
{
	struct ca_acme *a = ctx;
	int64_t now_ms = base_clock_now_ms(a->o.clock);
	struct ca_batch *b;
	char fields[96];
	size_t i;

	if (a->n_failures == 0)
		return;
	b = ca_batch_new();
	if (b == NULL)
		return; /* they are counted on */
	for (i = 0; i < a->n_failures; i++) {
		(void)snprintf(fields, sizeof(fields),
		    "{\"account\":\"%s\",\"count\":%u}", a->failures[i].account,
		    a->failures[i].count);
		ca_batch_outbox(b, now_ms, "acme.validation.failed", fields);
	}
	if (a->o.store->ops->submit(a->o.store, b, flushed, NULL) == 0)
		a->n_failures = 0;
}

void
ca_acme_failures_count(struct ca_acme *a, const char *account)
{
	size_t i;

	for (i = 0; i < a->n_failures; i++) {
		if (strcmp(a->failures[i].account, account) == 0) {
			a->failures[i].count++;
			return;
		}
	}
	if (a->n_failures == CA_ACME_FAILURES_MAX)
		ca_acme_failures_flush(a);
	if (a->n_failures == CA_ACME_FAILURES_MAX ||
	    base_str_copy(a->failures[a->n_failures].account,
		sizeof(a->failures[0].account), account) != 0)
		return;
	a->failures[a->n_failures++].count = 1;
}
