/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "loop/timer.h"
#include "ops/log.h"
#include "pki/chain.h"
#include "pki/roots.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_exhibits.h"
#include "trustchain/ct_gate.h"
#include "trustchain/ct_issuers.h"
#include "trustchain/ct_listing.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_paths.h"
#include "trustchain/keyop.h"

enum {
	ROOTS_FILE_MAX = 1 << 20,
	LIST_CHECK_MS = 1000,
	RATE_SECONDS = 60,
	EXHIBITS_S = 2
};

/* Beside a retired shard's state: the audit log knows. */
#define RETIRED_MARK "retired.audited"

struct ct_log {
	struct ct_log_opts o;
	struct pki_roots *roots;
	struct ct_issuers *issuers;
	struct ct_exhibits *exhibits;
	size_t n;
	struct ct_shard *shard[CT_PATHS_SHARDS_MAX];
	struct ct_gate *gate[CT_PATHS_SHARDS_MAX];
	struct reported {
		bool created, read_only, quorum_known, quorum_met;
		enum ct_shard_state state;
	} reported[CT_PATHS_SHARDS_MAX]; /* in the audit log */
	size_t running;			 /* while stopping */
	void (*stopped)(void *);
	void *stopped_ctx;

	struct ct_listing *listing;
	struct loop_timer *timer;

	uint64_t sizes[RATE_SECONDS]; /* a ring: all shards, each second */
	size_t ticks;
};

static int
load_roots(struct ct_log *l, struct fault *f)
{
	const struct ops_config_list *files = &l->o.config->log.roots;
	struct pki_bytes pem;
	const char *path;
	uint8_t *data;
	size_t i;
	int rc;

	if ((rc = pki_roots_new(&l->roots)) != 0)
		return rc;
	for (i = 0; i < files->n; i++) {
		path = ops_config_string(files, i);
		rc = store_file_load(path, ROOTS_FILE_MAX, &data, &pem.len);
		if (rc == 0) {
			pem.data = data;
			rc = pki_roots_add_pem(l->roots, pem, NULL);
			free(data);
		}
		if (rc != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[log] roots: %.120s: %s", path, base_err_text(rc));
	}
	return 0;
}

static struct ct_shard_limits
limits_of(const struct ct_config_log *c)
{
	struct ct_shard_limits m = {
		.batch_ms = (unsigned)c->batch_ms,
		.batch_max = (unsigned)c->batch_max,
		.queue_max = (unsigned)c->queue_max,
		.checkpoint_ms = (unsigned)c->checkpoint_ms,
		.sth_refresh_s = (unsigned)c->sth_refresh_s,
		.index_commit_s = (unsigned)c->index_commit_s,
		.max_entries = (uint64_t)c->max_entries,
	};

	return m;
}

/* Open a shard in the next two slots. */
static int
open_shard(struct ct_log *l, const char *name, struct fault *f)
{
	const struct ct_config *c = l->o.config;
	struct ct_shard_opts o = l->o.shard;
	char dir[CT_PATHS_MAX], mark[CT_PATHS_MAX];
	int rc;

	rc = ct_paths_make(CT_PATHS_SHARD, c->server.state_dir, name, dir);
	if (rc != 0)
		return rc;
	o.limits = limits_of(&c->log);
	o.dir = dir;
	o.quorum_strict = c->quorum.strict;
	o.log_slot = (uint8_t)KEYOP_SLOT_LOG(l->n);
	o.note_slot = (uint8_t)KEYOP_SLOT_LOG_NOTE(l->n);
	rc = ct_shard_open(&o, &l->shard[l->n], f);
	if (rc != 0)
		return rc;
	/* One that never had a head is new; the states of the others are
	 * known to the audit log. */
	l->reported[l->n].created = ct_shard_head(l->shard[l->n]) != NULL;
	l->reported[l->n].state = ct_shard_state(l->shard[l->n]);
	/* One may have been retired while no daemon ran. */
	if (l->reported[l->n].state == CT_SHARD_RETIRED &&
	    base_str_format(mark, sizeof(mark), "%s/" RETIRED_MARK, dir) == 0 &&
	    access(mark, F_OK) != 0)
		l->reported[l->n].state = CT_SHARD_OPEN;
	l->n++;
	ct_issuers_load(l->issuers, dir);
	return 0;
}

static int
open_shards(struct ct_log *l, struct fault *f)
{
	const char *dir = l->o.config->server.state_dir;
	struct ct_paths_shards found;
	size_t i;
	int rc;

	if ((rc = ct_paths_shards(dir, &found)) != 0)
		return base_fault_set(
		    f, rc, "%.200s: %s", dir, base_err_text(rc));
	if (found.n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%.160s holds no shard; run trustchain-ct init-log", dir);
	for (i = 0; i < found.n && rc == 0; i++)
		rc = open_shard(l, found.shard[i].name, f);
	return rc;
}

void
ct_log_periods(const struct ct_log *l, struct ct_paths_shards *ret)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		ret->shard[i] = ct_shard_params(l->shard[i])->period;
	ret->n = l->n;
}

/* Let it sign, when the witnesses say so. */
static int
start_shard(struct ct_log *l, size_t i)
{
	const struct ct_gate_opts o = {
		.quorum = l->o.shard.quorum,
		.shard = l->shard[i],
		.loop = l->o.shard.loop,
		.log = l->o.shard.log,
		.rolled_back = l->o.rolled_back,
		.ctx = l->o.event_ctx,
	};
	int rc = 0;

	/* One that is retired signs nothing anyway. */
	if (ct_shard_state(l->shard[i]) != CT_SHARD_RETIRED)
		rc = ct_gate_new(&o, &l->gate[i]);
	return rc == 0 ? ct_shard_start(l->shard[i]) : rc;
}

int
ct_log_add(struct ct_log *l, const char *name, struct fault *f)
{
	int rc;

	if (l->n == CT_PATHS_SHARDS_MAX)
		return ERR_STATE_FULL;
	if ((rc = open_shard(l, name, f)) != 0)
		return rc;
	if ((rc = start_shard(l, l->n - 1)) != 0)
		ct_shard_free(l->shard[--l->n]);
	return rc;
}

static int
open_listing(struct ct_log *l)
{
	const struct ct_shard_opts *s = &l->o.shard;
	struct ct_listing_opts o = { &s->signer, s->disk, s->clock, s->log,
		l->o.config->server.state_dir, l->o.config->log.base };

	return ct_listing_new(&o, &l->listing);
}

static int
open_exhibits(struct ct_log *l)
{
	const struct ct_exhibits_opts o = { l->o.shard.disk, l->o.shard.metrics,
		l->o.shard.siphash_key, l->o.event, l->o.event_ctx };

	return ct_exhibits_new(&o, &l->exhibits);
}

int
ct_log_new(const struct ct_log_opts *opts, struct ct_log **ret, struct fault *f)
{
	struct ct_log *l;
	int rc;

	f->msg[0] = '\0';
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	l->o = *opts;
	if ((rc = ct_issuers_new(&l->issuers)) != 0 ||
	    (rc = open_exhibits(l)) != 0 || (rc = load_roots(l, f)) != 0 ||
	    (rc = open_shards(l, f)) != 0 || (rc = open_listing(l)) != 0) {
		if (f->msg[0] == '\0')
			(void)base_fault_set(f, rc, "%s", base_err_text(rc));
		ct_log_free(l);
		return rc;
	}
	*ret = l;
	return 0;
}

void
ct_log_free(struct ct_log *l)
{
	size_t i;

	if (l == NULL)
		return;
	loop_timer_free(l->timer);
	for (i = 0; i < l->n; i++) {
		ct_gate_free(l->gate[i]);
		ct_shard_free(l->shard[i]);
	}
	ct_listing_free(l->listing);
	ct_issuers_free(l->issuers);
	ct_exhibits_free(l->exhibits);
	pki_roots_free(l->roots);
	free(l);
}

static void
one_stopped(void *ctx)
{
	struct ct_log *l = ctx;

	if (--l->running == 0)
		l->stopped(l->stopped_ctx);
}

void
ct_log_stop(struct ct_log *l, void (*stopped)(void *ctx), void *ctx)
{
	size_t i;

	l->running = l->n;
	l->stopped = stopped;
	l->stopped_ctx = ctx;
	loop_timer_stop(l->timer);
	for (i = 0; i < l->n; i++)
		ct_shard_stop(l->shard[i], one_stopped, l);
}

/* The list as it should be now. */
static int
describe(const struct ct_log *l, struct ct_list *list)
{
	static const enum ct_list_state states[] = {
		[CT_SHARD_OPEN] = CT_LIST_OPEN,
		[CT_SHARD_FROZEN] = CT_LIST_FROZEN,
		[CT_SHARD_ARCHIVED] = CT_LIST_ARCHIVED,
		[CT_SHARD_RETIRED] = CT_LIST_RETIRED,
	};
	const struct ct_params *p;
	struct ct_list_entry *e;
	size_t i;
	int rc = 0;

	memset(list, 0, sizeof(*list));
	for (i = 0; i < l->n && rc == 0; i++) {
		p = ct_shard_params(l->shard[i]);
		e = &list->entry[list->n++];
		rc = base_str_copy(e->name, sizeof(e->name), p->period.name);
		if (rc == 0)
			rc = base_str_copy(
			    e->origin, sizeof(e->origin), p->origin);
		if (rc == 0)
			rc = base_str_format(
			    e->url, sizeof(e->url), "https://%s", p->origin);
		if (rc == 0 && p->spki_len > sizeof(e->key))
			rc = ERR_SYS_LIMIT;
		if (rc == 0)
			rc = merkle_vkey_encode(&p->note, e->note_vkey);
		if (rc != 0)
			break;
		memcpy(e->log_id, p->log_id, 32);
		memcpy(e->key, p->spki, p->spki_len);
		e->key_len = p->spki_len;
		e->start_ms = p->period.start_ms;
		e->end_ms = p->period.end_ms;
		e->state = states[ct_shard_state(l->shard[i])];
	}
	return rc;
}

static bool
report(struct ct_log *l, size_t i, const char *action)
{
	char target[64];

	(void)snprintf(target, sizeof(target), "{\"shard\":\"%s\"}",
	    ct_shard_params(l->shard[i])->period.name);
	return l->o.event == NULL ||
	       l->o.event(l->o.event_ctx, action, target) == 0;
}

/* What the audit log should know about a shard and does not yet. */
static void
audit(struct ct_log *l, size_t i)
{
	static const char *const actions[] = {
		[CT_SHARD_OPEN] = "ct.shard.created",
		[CT_SHARD_FROZEN] = "ct.shard.frozen",
		[CT_SHARD_ARCHIVED] = "ct.shard.frozen",
		[CT_SHARD_RETIRED] = "ct.shard.retired",
	};
	enum ct_shard_state state = ct_shard_state(l->shard[i]);
	struct reported *r = &l->reported[i];
	struct ct_shard_stats st;
	char mark[CT_PATHS_MAX];

	ct_shard_stats(l->shard[i], &st);
	if (!r->created)
		r->created = report(l, i, actions[CT_SHARD_OPEN]);
	if (r->state != state && report(l, i, actions[state])) {
		r->state = state;
		if (state == CT_SHARD_RETIRED &&
		    base_str_format(mark, sizeof(mark), "%s/" RETIRED_MARK,
			ct_shard_dir(l->shard[i])) == 0)
			(void)!store_disk_place(l->o.shard.disk, mark, "", 0,
			    0644, "ct.state.mark");
	}
	if (st.read_only && !r->read_only)
		r->read_only = report(l, i, "ct.readonly");
	if (st.quorum_known &&
	    (!r->quorum_known || r->quorum_met != st.quorum_met) &&
	    report(l, i, st.quorum_met ? "ct.quorum.met" : "ct.quorum.lost")) {
		r->quorum_known = true;
		r->quorum_met = st.quorum_met;
	}
}

/* log_append_rate: the mean of the last minute. */
static void
measure(struct ct_log *l)
{
	size_t span = l->ticks < RATE_SECONDS ? l->ticks : RATE_SECONDS, i;
	uint64_t *slot = &l->sizes[l->ticks % RATE_SECONDS], total = 0, then;
	struct ct_shard_stats st;

	for (i = 0; i < l->n; i++) {
		ct_shard_stats(l->shard[i], &st);
		total += st.sequenced;
	}
	then = l->ticks < RATE_SECONDS ? l->sizes[0] : *slot;
	*slot = total;
	l->ticks++;
	if (span > 0)
		ops_metrics_set(l->o.shard.metrics, CT_METRIC_APPEND_RATE, NULL,
		    (double)(total - then) / (double)span);
}

static void
tick(void *ctx)
{
	struct ct_log *l = ctx;
	struct ct_list *list;
	size_t i;

	measure(l);
	for (i = 0; i < l->n; i++) {
		audit(l, i);
		if (l->ticks % EXHIBITS_S == 0)
			ct_exhibits_scan(l->exhibits, ct_shard_dir(l->shard[i]),
			    ct_shard_params(l->shard[i])->period.name);
	}
	if ((list = malloc(sizeof(*list))) == NULL)
		return;
	if (describe(l, list) == 0)
		ct_listing_update(l->listing, list);
	free(list);
}

int
ct_log_start(struct ct_log *l)
{
	size_t i;
	int rc;

	rc = loop_timer_new(l->o.shard.loop, tick, l, &l->timer);
	for (i = 0; i < l->n && rc == 0; i++)
		rc = start_shard(l, i);
	if (rc == 0)
		loop_timer_start(l->timer, 0, LIST_CHECK_MS);
	return rc;
}

const struct ct_config *
ct_log_config(const struct ct_log *l)
{
	return l->o.config;
}

struct loop_pool *
ct_log_pool(const struct ct_log *l)
{
	return l->o.shard.pool;
}

const struct pki_roots *
ct_log_roots(const struct ct_log *l)
{
	return l->roots;
}

struct ops_metrics *
ct_log_metrics(const struct ct_log *l)
{
	return l->o.shard.metrics;
}

const struct clock *
ct_log_clock(const struct ct_log *l)
{
	return l->o.shard.clock;
}

struct loop *
ct_log_loop(const struct ct_log *l)
{
	return l->o.shard.loop;
}

struct ct_issuers *
ct_log_issuers(const struct ct_log *l)
{
	return l->issuers;
}

struct ct_exhibits *
ct_log_exhibits(const struct ct_log *l)
{
	return l->exhibits;
}

size_t
ct_log_count(const struct ct_log *l)
{
	return l->n;
}

struct ct_shard *
ct_log_shard(const struct ct_log *l, size_t i)
{
	return l->shard[i];
}

struct ct_shard *
ct_log_by_name(const struct ct_log *l, const char *name, size_t len)
{
	const char *s;
	size_t i;

	for (i = 0; i < l->n; i++) {
		s = ct_shard_params(l->shard[i])->period.name;
		if (strlen(s) == len && memcmp(s, name, len) == 0)
			return l->shard[i];
	}
	return NULL;
}

struct ct_shard *
ct_log_by_id(const struct ct_log *l, const uint8_t log_id[32])
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (memcmp(ct_shard_params(l->shard[i])->log_id, log_id, 32) ==
		    0)
			return l->shard[i];
	return NULL;
}

struct ct_shard *
ct_log_for(const struct ct_log *l, int64_t not_after_ms)
{
	const struct ct_period *p;
	size_t i;

	for (i = 0; i < l->n; i++) {
		p = &ct_shard_params(l->shard[i])->period;
		if (not_after_ms >= p->start_ms && not_after_ms < p->end_ms &&
		    ct_shard_state(l->shard[i]) == CT_SHARD_OPEN)
			return l->shard[i];
	}
	return NULL;
}

struct ct_shard *
ct_log_now(const struct ct_log *l)
{
	int64_t now = base_clock_now_ms(l->o.shard.clock), start;
	struct ct_shard *best = l->n > 0 ? l->shard[0] : NULL;
	size_t i;

	for (i = 0; i < l->n; i++) {
		start = ct_shard_params(l->shard[i])->period.start_ms;
		if (start <= now &&
		    start >= ct_shard_params(best)->period.start_ms)
			best = l->shard[i];
	}
	return best;
}

void
ct_log_list(const struct ct_log *l, struct pki_bytes *ret_json,
    struct pki_bytes *ret_note)
{
	ct_listing_get(l->listing, ret_json, ret_note);
}
