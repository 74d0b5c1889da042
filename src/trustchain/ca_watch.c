/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "ops/health.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_tls.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_auditor.h"
#include "trustchain/trustchain_daemon.h"

#define LEAF_LIFE_MS 86400000
#define RATE_SLOTS 60
#define ROW_ARENA 65536
#define CENSUS_MS 10000

struct ca_serve_watch {
	/* Questions to the key processes, one for each issuer at a time, and
	 * what one was answered that has no key. */
	size_t asking;
	int keys_rc;
	/* Certificates issued in each of the last 60 seconds. */
	struct loop_timer *second;
	unsigned slot[RATE_SLOTS];
	unsigned at;
	uint64_t dropped; /* audit events, as last counted */
};

static void
keys_answered(void *ctx, int rc, const uint8_t *sig, size_t len)
{
	struct ca_serve_watch *w = ctx;

	(void)sig;
	(void)len;
	w->asking--;
	if (rc != 0)
		w->keys_rc = rc;
}

/* Every issuer's key could sign in the last round; ask again. */
static int
check_keys(void *ctx, char *issue, size_t len)
{
	struct keys_request req = { .op = KEYOP_PUBLIC };
	struct ca_serve *s = ctx;
	struct ca_serve_watch *w = s->watch;
	size_t i, n = w->asking > 0 ? 0 : s->authority->n_issuers;
	int rc = w->asking > 0 ? ERR_SYS_TIMEOUT : w->keys_rc;

	if (n > 0)
		w->keys_rc = 0;
	for (i = 0; i < n; i++) {
		req.slot = s->authority->issuer[i].slot;
		if (keys_client_call(s->d->keys, &req, keys_answered, w) == 0)
			w->asking++;
		else
			w->keys_rc = ERR_SYS_UNAVAILABLE;
	}
	if (rc != 0)
		(void)snprintf(
		    issue, len, "key process: %s", base_err_text(rc));
	return rc;
}

static int
check_store(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;
	int rc = s->store->ops->health(s->store);

	if (rc != 0)
		(void)snprintf(issue, len,
		    "store is %s; fix: repair the disk, then restart",
		    base_err_text(rc));
	return rc;
}

static int
check_ct(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;
	int64_t end = base_clock_now_ms(s->d->clock) + LEAF_LIFE_MS;

	return ca_log_ready(s->ctlog, end, issue, len) ? 0 : -1;
}

static int
check_ca(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;

	return ca_issue_ready(s->issue, issue, len) ? 0 : -1;
}

/* It is renewed long before; so this says that renewing does not work. */
static int
check_tls(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;
	int64_t left_ms = ca_tls_left_ms(s->tls);

	if (left_ms >= CA_TLS_LEFT_MS_MIN)
		return 0;
	(void)snprintf(issue, len,
	    "own TLS certificate ends in %lld s; fix: see why `rotate-cert "
	    "--immediate' fails",
	    (long long)(left_ms / 1000));
	return -1;
}

static bool
is_ready(void *ctx, char *why, size_t len)
{
	struct ca_serve *s = ctx;

	if (!ca_issue_ready(s->issue, why, len))
		return false;
	(void)snprintf(why, len, "own TLS certificate not issued yet");
	return ca_tls_certified(s->tls);
}

static void
on_second(void *ctx)
{
	struct ca_serve_watch *w = ctx;

	w->at = (w->at + 1) % RATE_SLOTS;
	w->slot[w->at] = 0;
}

static void
census_work(void *ctx)
{
	struct ca_serve *s = ctx;

	s->census.rc = s->store->ops->count_live(
	    s->store, base_clock_now_ms(s->d->clock), &s->census.live);
}

static void
census_done(void *ctx)
{
	struct ca_serve *s = ctx;

	s->census.busy = false;
	if (s->census.rc == 0)
		ops_metrics_set(s->d->metrics, CA_METRIC_LIVE, NULL,
		    (double)s->census.live);
}

/*
 * Counting goes over every live certificate, a million of them: not on the
 * loop, and not at every look.  The next look finds the result.
 */
static void
take_census(struct ca_serve *s)
{
	uint64_t now_ms = loop_monotonic_us() / 1000;

	if (s->census.busy ||
	    (s->census.at_ms != 0 && now_ms - s->census.at_ms < CENSUS_MS))
		return;
	s->census.at_ms = now_ms;
	s->census.busy =
	    loop_pool_submit(s->pool, census_work, census_done, s) == 0;
}

static void
collect_issuers(struct ca_serve *s)
{
	struct arena *arena = base_arena_new(ROW_ARENA);
	int64_t now_ms = base_clock_now_ms(s->d->clock), end_ms;
	struct ca_issuer row;
	size_t i;

	for (i = 0; arena != NULL && i < s->authority->n_issuers; i++) {
		const char *id = s->authority->issuer[i].id;

		end_ms = pki_cert_not_after_ms(s->authority->issuer[i].cert);
		ops_metrics_set(s->d->metrics, CA_METRIC_EXPIRY, OPS_LABELS(id),
		    (double)(end_ms - now_ms) / 1000);
		if (s->store->ops->get_issuer(s->store, id, arena, &row) == 0)
			ops_metrics_set(s->d->metrics, CA_METRIC_HALTED,
			    OPS_LABELS(id),
			    strcmp(row.state, "halted") == 0 ? 1 : 0);
	}
	base_arena_free(arena);
}

static void
collect_audit(struct ca_serve *s)
{
	struct audit *a = trustchain_auditor_log(s->auditor);
	struct audit_stats st;

	if (a == NULL)
		return;
	audit_get_stats(a, &st);
	ops_metrics_set(
	    s->d->metrics, CA_METRIC_BACKLOG, NULL, (double)st.backlog);
	ops_metrics_add(s->d->metrics, CA_METRIC_DROPPED, NULL,
	    st.dropped - s->watch->dropped);
	s->watch->dropped = st.dropped;
}

/* How old what clients are shown may be, at worst. */
static void
collect_crl(struct ca_serve *s)
{
	int64_t at = ca_crl_oldest_ms(s->crl);

	if (at != 0)
		ops_metrics_set(s->d->metrics, CA_METRIC_CRL_AGE, NULL,
		    (double)(base_clock_now_ms(s->d->clock) - at) / 1e3);
}

static int
check_audit(void *ctx, char *issue, size_t len)
{
	struct ca_serve *s = ctx;
	struct audit *a = trustchain_auditor_log(s->auditor);
	struct audit_stats st = { .rc = s->audit_rc };

	if (a != NULL)
		audit_get_stats(a, &st);
	if (st.rc != 0)
		(void)snprintf(
		    issue, len, "audit log: %s", base_err_text(st.rc));
	return st.rc;
}

static void
collect(void *ctx)
{
	struct ca_serve *s = ctx;
	unsigned sum = 0, i;

	for (i = 0; i < RATE_SLOTS; i++)
		sum += s->watch->slot[i];
	ops_metrics_set(
	    s->d->metrics, CA_METRIC_RATE, NULL, (double)sum / RATE_SLOTS);
	ops_metrics_set(s->d->metrics, CA_METRIC_INFLIGHT, NULL,
	    (double)ca_issue_inflight(s->issue));
	ops_metrics_set(s->d->metrics, CA_METRIC_BACKUP_AGE, NULL,
	    (double)(base_clock_now_ms(s->d->clock) - s->backups.last_ms) /
		1000);
	take_census(s);
	collect_issuers(s);
	collect_audit(s);
	collect_crl(s);
}

int
ca_serve_watch(struct ca_serve *s, struct fault *f)
{
	struct ops_health *h = s->d->health;
	int rc;

	if ((s->watch = calloc(1, sizeof(*s->watch))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	if ((rc = ca_backups_init(&s->backups, s->conf->server.state_dir,
		 base_clock_now_ms(s->d->clock))) != 0 ||
	    (rc = ops_health_add(h, "ca", check_ca, s)) != 0 ||
	    (rc = ops_health_add(h, "ct", check_ct, s)) != 0 ||
	    (rc = ops_health_add(h, "keys", check_keys, s)) != 0 ||
	    (rc = ops_health_add(h, "store", check_store, s)) != 0 ||
	    (rc = ops_health_add(h, "audit", check_audit, s)) != 0 ||
	    (rc = ops_health_add(h, "tls", check_tls, s)) != 0 ||
	    (rc = ops_metrics_collect(s->d->metrics, collect, s)) != 0 ||
	    (rc = loop_timer_new(
		 s->d->loop, on_second, s->watch, &s->watch->second)) != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	ops_health_at_worst(h, "tls", OPS_DEGRADED);
	ops_health_ready(h, is_ready, s);
	loop_timer_start(s->watch->second, 1000, 1000);
	take_census(s);
	return 0;
}

void
ca_serve_unwatch(struct ca_serve *s)
{
	if (s->watch == NULL)
		return;
	loop_timer_free(s->watch->second);
	free(s->watch);
	s->watch = NULL;
}

static const char *
via_name(enum ca_issue_via via)
{
	static const char *const names[] = { "rest", "acme", "control",
		"self" };

	return names[via];
}

void
ca_serve_issued(void *ctx, const struct ca_cert *row, enum ca_issue_via via)
{
	struct ca_serve *s = ctx;

	if (s->watch != NULL)
		s->watch->slot[s->watch->at]++;
	ops_metrics_add(s->d->metrics, CA_METRIC_ISSUED,
	    OPS_LABELS(row->issuer, row->profile, via_name(via)), 1);
}

void
ca_serve_failed(void *ctx, const char *code, enum ca_issue_via via)
{
	struct ca_serve *s = ctx;

	(void)via;
	ops_metrics_add(s->d->metrics, CA_METRIC_FAILURES, OPS_LABELS(code), 1);
}

void
ca_serve_took(
    void *ctx, enum ca_issue_via via, enum ca_issue_part part, double seconds)
{
	static const char *const parts[] = { "total", "validate", "sign", "ct",
		"store" };
	struct ca_serve *s = ctx;

	ops_metrics_observe(s->d->metrics, CA_METRIC_DURATION,
	    OPS_LABELS(via_name(via), parts[part]), seconds);
}

void
ca_serve_abandoned(void *ctx, const char *issuer)
{
	struct ca_serve *s = ctx;

	(void)issuer;
	ops_metrics_add(s->d->metrics, CA_METRIC_ABANDONED, NULL, 1);
}

void
ca_serve_validated(void *ctx, const char *type, const char *result)
{
	struct ca_serve *s = ctx;

	ops_metrics_add(
	    s->d->metrics, CA_METRIC_VALIDATIONS, OPS_LABELS(type, result), 1);
}

void
ca_serve_ordered(void *ctx, const char *status)
{
	struct ca_serve *s = ctx;

	ops_metrics_add(s->d->metrics, CA_METRIC_ORDERS, OPS_LABELS(status), 1);
}
