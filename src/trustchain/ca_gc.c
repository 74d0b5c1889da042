/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_gc.h"

#include <stdlib.h>

#include "base/clock.h"
#include "loop/timer.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"

enum {
	FIRST_MS = 60 * 1000,
	HOUR_MS = 3600 * 1000,
	PAUSE_MS = 20 /* between two batches, for everybody else */
};

/* One batch under way; it may outlive the collector. */
struct run {
	struct ca_gc *gc; /* NULL: freed */
	int64_t removed;
};

struct ca_gc {
	struct ca_store *store;
	const struct clock *clock;
	struct loop_timer *timer;
	struct run *run;
};

static void
on_removed(void *ctx, int rc)
{
	struct run *run = ctx;
	struct ca_gc *g = run->gc;

	if (g != NULL) {
		g->run = NULL;
		/* A batch removes a bounded number of rows: go on while there
		 * are any; what failed is tried again in an hour. */
		loop_timer_start(g->timer,
		    rc == 0 && run->removed > 0 ? PAUSE_MS : HOUR_MS, 0);
	}
	free(run);
}

void
ca_gc_kick(struct ca_gc *g)
{
	struct run *run;
	struct ca_batch *b;
	int rc = ERR_SYS_NOMEM;

	if (g->run != NULL)
		return;
	run = calloc(1, sizeof(*run));
	b = ca_batch_new();
	if (run != NULL && b != NULL) {
		run->gc = g;
		ca_batch_gc(b, base_clock_now_ms(g->clock), &run->removed);
		rc = g->store->ops->submit(g->store, b, on_removed, run);
		b = NULL;
	}
	if (rc == 0) {
		g->run = run;
		return;
	}
	ca_batch_free(b);
	free(run);
	loop_timer_start(g->timer, HOUR_MS, 0);
}

static void
on_timer(void *ctx)
{
	ca_gc_kick(ctx);
}

int
ca_gc_new(struct ca_store *store, const struct clock *clock, struct loop *loop,
    struct ca_gc **ret)
{
	struct ca_gc *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL)
		return ERR_SYS_NOMEM;
	g->store = store;
	g->clock = clock;
	if ((rc = loop_timer_new(loop, on_timer, g, &g->timer)) != 0) {
		free(g);
		return rc;
	}
	loop_timer_start(g->timer, FIRST_MS, 0);
	*ret = g;
	return 0;
}

void
ca_gc_free(struct ca_gc *g)
{
	if (g == NULL)
		return;
	if (g->run != NULL)
		g->run->gc = NULL;
	loop_timer_free(g->timer);
	free(g);
}
