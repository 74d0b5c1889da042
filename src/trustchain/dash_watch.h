/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_WATCH_H
#define TRUSTCHAIN_DASH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "trustchain/dash_figures.h"

/*
 * One target of the dashboard over time, and the conditions of the alerts
 * (identity.md section 15), the same as those of the Prometheus rule file.
 */
struct dash_watch;

enum dash_severity { DASH_INFO, DASH_WARNING, DASH_ERROR, DASH_CRITICAL };

struct dash_rule {
	const char *name;
	enum dash_severity severity;
	int64_t for_ms; /* the condition has to hold as long */
	bool stays;	/* does not resolve without acknowledgement */
	double threshold;
};

enum dash_rule_index {
	DASH_ISSUANCE_SLOW,
	DASH_CT_APPEND_SLOW,
	DASH_AVAILABILITY_LOW,
	DASH_BYZANTINE_DETECTED,
	DASH_QUORUM_LOST,
	DASH_CRL_STALE,
	DASH_LOG_FULL,
	DASH_BACKUP_OLD,
	DASH_CLOCK_SKEW,
	DASH_ISSUER_EXPIRING,
	DASH_AUDIT_BACKLOG,
	DASH_RULES
};

extern const struct dash_rule dash_watch_rules[DASH_RULES];

/**
 * dash_watch_new(void):
 * Return a target that nothing is known of; NULL when out of memory.
 */
struct dash_watch *dash_watch_new(void);

/**
 * dash_watch_free(w):
 * NULL is legal.
 */
void dash_watch_free(struct dash_watch *w);

/**
 * dash_watch_scraped(w, now_ms, f):
 * Enter a scrape, NULL for one that failed.
 */
void dash_watch_scraped(
    struct dash_watch *w, int64_t now_ms, const struct dash_figures *f);

/**
 * dash_watch_last(w):
 * Return the last scrape that did not fail, or NULL.
 */
const struct dash_figures *dash_watch_last(const struct dash_watch *w);

/**
 * dash_watch_up(w):
 * Return whether the last scrape did not fail.
 */
bool dash_watch_up(const struct dash_watch *w);

/**
 * dash_watch_quantile(w, now_ms, h, q):
 * Return the ${q}-quantile of histogram ${h} over the last minute, in seconds;
 * NaN without observations.
 */
double dash_watch_quantile(const struct dash_watch *w, int64_t now_ms,
    enum dash_histogram h, double q);

/**
 * dash_watch_cpu(w):
 * Return the share of one processor used between the last two scrapes; NaN if
 * it is not known.
 */
double dash_watch_cpu(const struct dash_watch *w);

/**
 * dash_watch_holds(w, now_ms, rule, ret_value):
 * Return whether the condition of ${rule} holds now, and the value it is
 * about.
 */
bool dash_watch_holds(const struct dash_watch *w, int64_t now_ms,
    enum dash_rule_index rule, double *ret_value);

#endif
