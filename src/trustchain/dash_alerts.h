/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_ALERTS_H
#define TRUSTCHAIN_DASH_ALERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trustchain/dash_watch.h"

/*
 * Alerts and their states (identity.md section 15).  An alert is raised when
 * the condition of its rule has held long enough.  Nobody acknowledging it for
 * DASH_ALERTS_ESCALATE_MS while the condition holds escalates it.  When the
 * condition is gone, an acknowledged alert is resolved; one that nobody
 * acknowledged resolves by itself after DASH_ALERTS_CLEAR_MS, unless its rule
 * stays.  Loop thread only.
 */
#define DASH_ALERTS_ESCALATE_MS INT64_C(900000)
#define DASH_ALERTS_CLEAR_MS INT64_C(3600000)
#define DASH_ALERTS_TARGETS_MAX 64
#define DASH_ALERTS_ID_LEN 16

enum dash_alert_state {
	DASH_ACTIVE,
	DASH_ACKNOWLEDGED,
	DASH_ESCALATED,
	DASH_RESOLVED,
	DASH_AUTO_RESOLVED
};

struct rng;
struct dash_alerts;

struct dash_alert {
	char id[DASH_ALERTS_ID_LEN + 1];
	const struct dash_rule *rule;
	size_t target;
	enum dash_alert_state state;
	int64_t since_ms;
	int64_t clear_ms; /* the condition is gone since then; 0: it holds */
	int64_t end_ms;	  /* resolved; 0: not */
	double value;
	char detail[32]; /* component, kind of evidence; may be empty */
	char by[48];	 /* who acknowledged it */
};

struct dash_alerts_opts {
	size_t active_max;  /* more are not raised, but counted */
	int64_t history_ms; /* how long resolved ones are kept */
	const struct rng *rng;
	/* Called at every change of an alert's state; may be NULL. */
	void (*changed)(void *ctx, const struct dash_alert *a);
	void *ctx;
};

/**
 * dash_alerts_new(opts, ret):
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int dash_alerts_new(
    const struct dash_alerts_opts *opts, struct dash_alerts **ret);

/**
 * dash_alerts_free(a):
 * NULL is legal.
 */
void dash_alerts_free(struct dash_alerts *a);

/* What is the case with one rule and one target. */
struct dash_alerts_case {
	enum dash_rule_index rule;
	size_t target; /* below DASH_ALERTS_TARGETS_MAX */
	bool holds;
	double value;
	const char *detail;
};

/**
 * dash_alerts_judge(a, now_ms, c):
 * Enter it, and move its alert on.
 */
void dash_alerts_judge(
    struct dash_alerts *a, int64_t now_ms, const struct dash_alerts_case *c);

/**
 * dash_alerts_tick(a, now_ms):
 * Forget resolved alerts that are too old.
 */
void dash_alerts_tick(struct dash_alerts *a, int64_t now_ms);

/**
 * dash_alerts_ack(a, id, by, now_ms):
 * Acknowledge.  ERR_STATE_NOT_FOUND; ERR_STATE_CONFLICT when it is resolved
 * already; once more is no error and changes nothing.
 */
MUST_CHECK int dash_alerts_ack(
    struct dash_alerts *a, const char *id, const char *by, int64_t now_ms);

/**
 * dash_alerts_at(a, i):
 * Return the ${i}th alert, the newest first; NULL behind the last.
 */
const struct dash_alert *dash_alerts_at(const struct dash_alerts *a, size_t i);

/**
 * dash_alerts_missed(a):
 * Return how many were not raised because there were too many.
 */
uint64_t dash_alerts_missed(const struct dash_alerts *a);

/**
 * dash_alerts_state_name(s), dash_alerts_severity_name(s):
 * "AutoResolved"; "critical".
 */
const char *dash_alerts_state_name(enum dash_alert_state s);
const char *dash_alerts_severity_name(enum dash_severity s);

#endif
