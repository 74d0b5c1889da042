/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_crl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "ops/log.h"
#include "pki/bytes.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_batch_status.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl_round.h"
#include "trustchain/ca_store.h"
#include "trustchain/keyop.h"

enum {
	TICK_MS = 100,
	RETRY_MS = 5000, /* after a publication failed */
	BUSY_MS = 200,	 /* the key process is at its rate cap */
	BUSY_TRIES = 50,
	WAITERS_MAX = 64,
	/* Publishing takes at most a part of the time: one second of work is
	 * followed by so many of rest, unless somebody waits for it. */
	REST_FACTOR = 3,
	SIG_MAX = 8192,
	ROW_ARENA = 1 << 20,
};

struct waiter {
	struct list node;
	ca_crl_fn *fn;
	void *ctx;
};

struct ca_crl {
	struct ca_crl_opts o;
	struct loop_timer *timer;
	bool stopping;
	uint64_t covered;    /* store->revocations that are published */
	uint64_t dirty_ms;   /* when more were seen first; 0: none */
	uint64_t due_ms;     /* next publication without a cause */
	uint64_t not_before; /* no publication without a waiter */
	struct list waiting; /* for the next publication */
	size_t n_waiting;
	/* the publication that is under way */
	bool active;
	struct list served; /* who waits for it */
	uint64_t seen, began_ms;
	size_t issuer; /* whose turn it is */
	struct ca_crl_round *round;
	struct pki_bytes tbs;
	unsigned tries;
	uint64_t resume_ms; /* when to ask the key process again; 0: not */
	uint8_t sig[SIG_MAX];
	size_t sig_len;
	int rc;			       /* of the pool's work */
	struct ca_crl_published all[]; /* one for each issuer */
};

static uint64_t
mono_ms(void)
{
	return loop_monotonic_us() / 1000;
}

static const struct ca_authority_issuer *
issuer(const struct ca_crl *c)
{
	return &c->o.authority->issuer[c->issuer];
}

static void begin_issuer(struct ca_crl *c);

/* Tell all of ${list}. */
static void
answer(struct ca_crl *c, struct list *list, int rc)
{
	struct waiter *w;
	struct list *it;

	while ((it = base_list_pop_front(list)) != NULL) {
		w = LIST_ENTRY(it, struct waiter, node);
		w->fn(w->ctx, rc, c->all, c->o.authority->n_issuers);
		free(w);
	}
}

static void
end(struct ca_crl *c, int rc)
{
	uint64_t now = mono_ms(), took = now - c->began_ms;

	ca_crl_round_free(c->round);
	c->round = NULL;
	c->active = false;
	if (rc == 0) {
		c->covered = c->seen;
		c->due_ms =
		    now + (uint64_t)c->o.config->status.crl_interval_s * 1000;
		c->not_before = now + REST_FACTOR * took;
	} else {
		OPS_LOG(c->o.log, OPS_LOG_ERROR, "crl",
		    "CRLs not published; tried again in 5 s",
		    OPS_LOG_STR("issuer", issuer(c)->id),
		    OPS_LOG_STR("error", base_err_name(rc)));
		c->not_before = now + RETRY_MS;
		c->due_ms = c->not_before;
	}
	answer(c, &c->served, rc);
}

/* The next issuer, or the end of it. */
static void
advance(struct ca_crl *c)
{
	ca_crl_round_free(c->round);
	c->round = NULL;
	if (c->issuer + 1 == c->o.authority->n_issuers) {
		end(c, 0);
		return;
	}
	c->issuer++;
	begin_issuer(c);
}

static void
noted(void *ctx, int rc)
{
	struct ca_crl *c = ctx;

	if (c->stopping)
		return;
	if (rc != 0)
		end(c, rc);
	else
		advance(c);
}

/* All files are in place. */
static void
note(struct ca_crl *c)
{
	struct ca_crl_published *p = &c->all[c->issuer];
	struct ca_batch *b = ca_batch_new();
	char fields[160];
	int rc = ERR_SYS_NOMEM;

	p->entries = ca_crl_round_entries(c->round);
	if (ca_crl_round_too_large(c->round))
		OPS_LOG(c->o.log, OPS_LOG_WARN, "crl",
		    "the CRL for all is too large and not published; its "
		    "shards are",
		    OPS_LOG_STR("issuer", p->issuer));
	(void)snprintf(fields, sizeof(fields),
	    "{\"issuer\":\"%s\",\"number\":%" PRId64 ",\"entries\":%zu}",
	    p->issuer, p->number, p->entries);
	if (b != NULL) {
		ca_batch_crl(b, p->issuer, p->number, p->at);
		ca_batch_outbox(b, p->at, "crl.published", fields);
		rc = c->o.store->ops->submit(c->o.store, b, noted, c);
	}
	if (rc != 0)
		end(c, rc);
}

static void
pool(struct ca_crl *c, loop_work_fn *work, loop_done_fn *done)
{
	int rc = loop_pool_submit(c->o.pool, work, done, c);

	if (rc != 0)
		end(c, rc);
}

static void
work_end(void *ctx)
{
	struct ca_crl *c = ctx;

	c->rc = ca_crl_round_end(c->round);
}

static void
done_end(void *ctx)
{
	struct ca_crl *c = ctx;

	if (c->stopping)
		return;
	if (c->rc != 0)
		end(c, c->rc);
	else
		note(c);
}

/* Write the one that was signed, frame the next. */
static void
work_next(void *ctx)
{
	struct ca_crl *c = ctx;

	c->rc = c->sig_len == 0
		    ? 0
		    : ca_crl_round_write(c->round, c->sig, c->sig_len);
	if (c->rc == 0)
		c->rc = ca_crl_round_next(c->round, &c->tbs);
}

static void sign(struct ca_crl *c);

static void
done_next(void *ctx)
{
	struct ca_crl *c = ctx;

	if (c->stopping)
		return;
	c->tries = 0;
	if (c->rc != 0)
		end(c, c->rc);
	else if (c->tbs.len == 0)
		pool(c, work_end, done_end);
	else
		sign(c);
}

static void
on_signed(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_crl *c = ctx;

	if (c->stopping)
		return;
	/* At the rate cap, or being replaced: that passes. */
	if (rc == ERR_SYS_UNAVAILABLE && ++c->tries < BUSY_TRIES) {
		c->resume_ms = mono_ms() + BUSY_MS;
		return;
	}
	if (rc == 0 && (len == 0 || len > SIG_MAX))
		rc = ERR_SYS_KEY;
	if (rc != 0) {
		end(c, rc);
		return;
	}
	memcpy(c->sig, sig, len);
	c->sig_len = len;
	pool(c, work_next, done_next);
}

static void
sign(struct ca_crl *c)
{
	const struct keys_request req = { KEYOP_CRL, issuer(c)->slot,
		c->tbs.data, c->tbs.len };
	int rc;

	c->resume_ms = 0;
	rc = keys_client_call(c->o.keys, &req, on_signed, c);
	if (rc != 0)
		end(c, rc);
}

static void
work_collect(void *ctx)
{
	struct ca_crl *c = ctx;

	c->rc = ca_crl_round_collect(c->round);
	c->sig_len = 0;
	if (c->rc == 0)
		c->rc = ca_crl_round_next(c->round, &c->tbs);
}

/* The number is durable: nothing older is signed after a crash. */
static void
reserved(void *ctx, int rc)
{
	struct ca_crl *c = ctx;

	if (c->stopping)
		return;
	if (rc != 0)
		end(c, rc);
	else
		pool(c, work_collect, done_next);
}

/* Identity spec section 8: max(last + 1, unix ms). */
static int
number(struct ca_crl *c, struct ca_crl_round_opts *ro)
{
	struct arena *a = base_arena_new(ROW_ARENA);
	struct ca_issuer row;
	int rc = ERR_SYS_NOMEM;

	if (a != NULL)
		rc = c->o.store->ops->get_issuer(
		    c->o.store, issuer(c)->id, a, &row);
	if (rc == 0) {
		ro->number = ro->this_update_ms > row.last_crl_number
				 ? ro->this_update_ms
				 : row.last_crl_number + 1;
		/* Before the first one nobody missed an entry. */
		ro->since =
		    row.last_crl_at != 0 ? row.last_crl_at : ro->this_update_ms;
		if (ro->since > ro->this_update_ms)
			ro->since = ro->this_update_ms;
	}
	base_arena_free(a);
	return rc;
}

static void
begin_issuer(struct ca_crl *c)
{
	struct ca_crl_published *p = &c->all[c->issuer];
	struct ca_crl_round_opts ro = { .issuer = issuer(c),
		.store = c->o.store,
		.disk = c->o.disk,
		.faults = c->o.faults,
		.state_dir = c->o.config->server.state_dir,
		.status_url = c->o.config->server.status_url };
	struct ca_batch *b;
	int rc;

	/* Whole seconds, as they are written. */
	ro.this_update_ms = base_clock_now_ms(c->o.clock) / 1000 * 1000;
	ro.next_update_ms =
	    ro.this_update_ms + c->o.config->status.crl_validity_s * 1000;
	if ((rc = number(c, &ro)) == 0 &&
	    (rc = ca_crl_round_new(&ro, &c->round)) == 0) {
		p->number = ro.number;
		p->at = ro.this_update_ms;
		rc = ERR_SYS_NOMEM;
		if ((b = ca_batch_new()) != NULL) {
			ca_batch_crl(b, p->issuer, ro.number, 0);
			rc =
			    c->o.store->ops->submit(c->o.store, b, reserved, c);
		}
	}
	if (rc != 0)
		end(c, rc);
}

static void
begin(struct ca_crl *c)
{
	struct list *it;

	c->active = true;
	c->began_ms = mono_ms();
	c->seen = c->o.store->revocations;
	c->dirty_ms = 0;
	c->issuer = 0;
	c->resume_ms = 0;
	while ((it = base_list_pop_front(&c->waiting)) != NULL)
		base_list_push_back(&c->served, it);
	c->n_waiting = 0;
	begin_issuer(c);
}

static void
on_tick(void *ctx)
{
	struct ca_crl *c = ctx;
	uint64_t now = mono_ms();
	uint64_t debounce = (uint64_t)c->o.config->status.crl_debounce_ms;

	if (c->active) {
		if (c->resume_ms != 0 && now >= c->resume_ms)
			sign(c);
		return;
	}
	if (c->n_waiting > 0) {
		begin(c);
		return;
	}
	if (c->o.store->revocations != c->covered && c->dirty_ms == 0)
		c->dirty_ms = now;
	if (now < c->not_before)
		return;
	if (now >= c->due_ms ||
	    (c->dirty_ms != 0 && now >= c->dirty_ms + debounce))
		begin(c);
}

int
ca_crl_publish(struct ca_crl *c, ca_crl_fn *fn, void *ctx)
{
	struct waiter *w;

	if (c->stopping)
		return ERR_STATE_CLOSED;
	if (c->n_waiting == WAITERS_MAX)
		return ERR_STATE_FULL;
	if ((w = malloc(sizeof(*w))) == NULL)
		return ERR_SYS_NOMEM;
	w->fn = fn;
	w->ctx = ctx;
	base_list_init(&w->node);
	base_list_push_back(&c->waiting, &w->node);
	c->n_waiting++;
	return 0;
}

int64_t
ca_crl_oldest_ms(const struct ca_crl *c)
{
	int64_t oldest = INT64_MAX;
	struct ca_issuer row;
	struct arena *a;
	size_t i;

	for (i = 0; i < c->o.authority->n_issuers; i++) {
		if ((a = base_arena_new(ROW_ARENA)) == NULL)
			return 0;
		if (c->o.store->ops->get_issuer(
			c->o.store, c->o.authority->issuer[i].id, a, &row) != 0)
			row.last_crl_at = 0;
		base_arena_free(a);
		if (row.last_crl_at < oldest)
			oldest = row.last_crl_at;
	}
	return oldest;
}

int
ca_crl_new(const struct ca_crl_opts *opts, struct ca_crl **ret)
{
	size_t n = opts->authority->n_issuers, i;
	struct ca_crl *c = calloc(
	    1, sizeof(*c) + CA_AUTHORITY_ISSUERS_MAX * sizeof(c->all[0]));
	int rc;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	c->o = *opts;
	base_list_init(&c->waiting);
	base_list_init(&c->served);
	for (i = 0; i < n; i++)
		c->all[i].issuer = opts->authority->issuer[i].id;
	rc = loop_timer_new(opts->loop, on_tick, c, &c->timer);
	if (rc != 0) {
		free(c);
		return rc;
	}
	loop_timer_start(c->timer, 1, TICK_MS);
	*ret = c;
	return 0;
}

void
ca_crl_grow(struct ca_crl *c)
{
	const struct ca_authority *a = c->o.authority;
	size_t i;

	for (i = 0; i < a->n_issuers; i++)
		c->all[i].issuer = a->issuer[i].id;
	/* A first one of each, soon. */
	c->due_ms = mono_ms();
}

void
ca_crl_stop(struct ca_crl *c)
{
	if (c == NULL || c->stopping)
		return;
	c->stopping = true;
	loop_timer_stop(c->timer);
	answer(c, &c->served, ERR_SYS_CANCELLED);
	answer(c, &c->waiting, ERR_SYS_CANCELLED);
}

void
ca_crl_free(struct ca_crl *c)
{
	if (c == NULL)
		return;
	ca_crl_stop(c);
	ca_crl_round_free(c->round);
	loop_timer_free(c->timer);
	free(c);
}
