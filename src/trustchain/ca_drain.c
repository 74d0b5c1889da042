/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_drain.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "audit/event.h"
#include "base/arena.h"
#include "base/fault.h"
#include "loop/timer.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"
#include "trustchain/trustchain_auditor.h"

enum {
	LOOK_MS = 200,
	EVENTS_MAX = 256, /* taken at a time */
	ARENA_MAX = 4 << 20,
};

struct ca_drain {
	struct ca_store *store;
	struct trustchain_auditor *auditor;
	struct loop_timer *timer;
	int64_t posted;	    /* highest number given to the log */
	bool more;	    /* the last look did not see the end */
	unsigned int calls; /* answers still to come */
	bool started, closed;
};

static void
drain_release(struct ca_drain *d)
{
	if (d->closed && d->calls == 0)
		free(d);
}

/*
 * The events up to posted are out of the outbox.  Those that came meanwhile
 * wait for the next look: a commit and a sync of the log for each handful of
 * events would cost more than issuing the certificates they are about.
 */
static void
on_dropped(void *ctx, int rc)
{
	struct ca_drain *d = ctx;

	d->calls--;
	if (rc == 0 && !d->closed && d->more)
		ca_drain_kick(d);
	drain_release(d);
}

/* Drop what the log holds durably. */
static void
drop(struct ca_drain *d, int64_t seq)
{
	struct ca_batch *b = ca_batch_new();

	if (b == NULL)
		return; /* the next look finds them, and the log its numbers */
	ca_batch_outbox_done(b, seq);
	if (d->store->ops->submit(d->store, b, on_dropped, d) == 0)
		d->calls++;
}

static void
on_logged(void *ctx, int rc, uint64_t size)
{
	struct ca_drain *d = ctx;

	(void)size;
	d->calls--;
	if (rc == 0 && !d->closed)
		drop(d, d->posted);
	drain_release(d);
}

static int
post(struct ca_drain *d, const struct ca_outbox *row, bool last)
{
	struct audit_event ev = { .action = row->event,
		.target = row->fields,
		.at_ms = row->at,
		.source = row->seq };

	return trustchain_auditor_post(
	    d->auditor, &ev, last ? on_logged : NULL, d);
}

/*
 * Give events to the log.  The log keeps their order, so the answer for the
 * last one stands for all.
 */
static void
post_all(struct ca_drain *d, const struct ca_outbox *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (post(d, &rows[i], i == n - 1) != 0)
			return; /* the queue is full: the next look goes on */
		d->posted = rows[i].seq;
		if (i == n - 1)
			d->calls++;
	}
}

/* At the first look: what the log holds already leaves the outbox. */
static void
start(struct ca_drain *d)
{
	d->started = true;
	d->posted = audit_source(trustchain_auditor_log(d->auditor));
	if (d->posted > 0)
		drop(d, d->posted);
}

void
ca_drain_kick(struct ca_drain *d)
{
	struct ca_outbox *rows;
	struct arena *a;
	size_t n;

	if (trustchain_auditor_log(d->auditor) == NULL || d->calls > 0)
		return;
	if (!d->started) {
		start(d);
		if (d->calls > 0)
			return;
	}
	if ((a = base_arena_new(ARENA_MAX)) == NULL)
		return;
	if (d->store->ops->list_outbox(
		d->store, d->posted, EVENTS_MAX, a, &rows, &n) == 0) {
		d->more = n == EVENTS_MAX;
		post_all(d, rows, n);
	}
	base_arena_free(a);
}

static void
on_timer(void *ctx)
{
	ca_drain_kick(ctx);
}

int
ca_drain_new(struct ca_store *store, struct trustchain_auditor *auditor,
    struct loop *loop, struct ca_drain **ret)
{
	struct ca_drain *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return ERR_SYS_NOMEM;
	d->store = store;
	d->auditor = auditor;
	if ((rc = loop_timer_new(loop, on_timer, d, &d->timer)) != 0) {
		free(d);
		return rc;
	}
	loop_timer_start(d->timer, LOOK_MS, LOOK_MS);
	*ret = d;
	return 0;
}

void
ca_drain_free(struct ca_drain *d)
{
	if (d == NULL)
		return;
	d->closed = true;
	loop_timer_free(d->timer);
	drain_release(d);
}

int
ca_drain_check(struct ca_drain *d, struct fault *f)
{
	struct audit *log = trustchain_auditor_log(d->auditor);
	int64_t drained;
	int rc;

	rc = d->store->ops->outbox_drained(d->store, &drained);
	if (rc != 0)
		return base_fault_set(f, rc, "outbox: %s", base_err_text(rc));
	if (log == NULL || audit_source(log) >= drained)
		return 0;
	return base_fault_set(f, ERR_STATE_INTEGRITY,
	    "audit log ends at event %" PRId64 ", the store gave it %" PRId64
	    ": rolled back",
	    audit_source(log), drained);
}
