/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_watch.h"

#include <math.h>
#include <stdlib.h>

#include "ops/availability.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define SHOTS 64 /* a minute of scrapes, one a second */
#define ANSWERS "answers"

const struct dash_rule dash_watch_rules[DASH_RULES] = {
	[DASH_ISSUANCE_SLOW] = { "IssuanceSlow", DASH_CRITICAL, MINUTE_MS,
	    false, 0.1 },
	[DASH_CT_APPEND_SLOW] = { "CTAppendSlow", DASH_CRITICAL, MINUTE_MS,
	    false, 2 },
	[DASH_AVAILABILITY_LOW] = { "AvailabilityLow", DASH_CRITICAL, 0, false,
	    0.999 },
	[DASH_BYZANTINE_DETECTED] = { "ByzantineDetected", DASH_CRITICAL, 0,
	    true, 0 },
	[DASH_QUORUM_LOST] = { "QuorumLost", DASH_ERROR, 15000, false, 1 },
	[DASH_CRL_STALE] = { "CRLStale", DASH_ERROR, 0, false, 14400 },
	[DASH_LOG_FULL] = { "LogFull", DASH_ERROR, 0, false, 0.8 },
	[DASH_BACKUP_OLD] = { "BackupOld", DASH_WARNING, 0, false, 25200 },
	[DASH_CLOCK_SKEW] = { "ClockSkew", DASH_ERROR, 0, false, 0 },
	[DASH_ISSUER_EXPIRING] = { "IssuerExpiring", DASH_WARNING, 0, false,
	    2592000 },
	[DASH_AUDIT_BACKLOG] = { "AuditBacklog", DASH_ERROR, MINUTE_MS, false,
	    1000 },
};

struct shot {
	int64_t at_ms;
	struct dash_figures f;
};

/* Counters whose growth is what matters, and how long it does. */
enum grown { GREW_EVIDENCE, GREW_SKEWED, GREW_DROPPED, GREW_N };

static const struct {
	enum dash_figure figure;
	int64_t window_ms;
	bool first_counts; /* what was there at the first look is news too */
} growing[GREW_N] = {
	[GREW_EVIDENCE] = { DASH_EVIDENCE, HOUR_MS, true },
	[GREW_SKEWED] = { DASH_SKEWED, 5 * MINUTE_MS, false },
	[GREW_DROPPED] = { DASH_DROPPED, 5 * MINUTE_MS, false },
};

struct dash_watch {
	struct shot shot[SHOTS];
	size_t n; /* ever taken */
	bool up;
	double seen[GREW_N]; /* NaN: never */
	int64_t grew_ms[GREW_N];
	struct ops_availability *answers;
};

struct dash_watch *
dash_watch_new(void)
{
	struct dash_watch *w = calloc(1, sizeof(*w));
	size_t i;

	if (w == NULL || (w->answers = ops_availability_new()) == NULL) {
		free(w);
		return NULL;
	}
	for (i = 0; i < GREW_N; i++) {
		w->seen[i] = NAN;
		w->grew_ms[i] = INT64_MIN / 2;
	}
	return w;
}

void
dash_watch_free(struct dash_watch *w)
{
	if (w == NULL)
		return;
	ops_availability_free(w->answers);
	free(w);
}

static void
note_growth(struct dash_watch *w, int64_t now_ms, const struct dash_figures *f)
{
	double now, last;
	size_t i;

	for (i = 0; i < GREW_N; i++) {
		now = f->v[growing[i].figure];
		last = w->seen[i];
		/* A series that appears later began at nothing; one that went
		 * back, too. */
		if (isnan(now))
			now = 0;
		if (isnan(last) ? growing[i].first_counts && now > 0
				: now > last || (now < last && now > 0))
			w->grew_ms[i] = now_ms;
		w->seen[i] = now;
	}
}

void
dash_watch_scraped(
    struct dash_watch *w, int64_t now_ms, const struct dash_figures *f)
{
	struct shot *s = &w->shot[w->n % SHOTS];

	w->up = f != NULL;
	ops_availability_add(
	    w->answers, ANSWERS, now_ms, w->up ? 1 : 0, w->up ? 0 : 1);
	if (f == NULL)
		return;
	note_growth(w, now_ms, f);
	s->at_ms = now_ms;
	s->f = *f;
	w->n++;
}

/* The ${back}th last scrape; NULL when there is none. */
static const struct shot *
shot(const struct dash_watch *w, size_t back)
{
	return back < w->n && back < SHOTS ? &w->shot[(w->n - 1 - back) % SHOTS]
					   : NULL;
}

const struct dash_figures *
dash_watch_last(const struct dash_watch *w)
{
	const struct shot *s = shot(w, 0);

	return s == NULL ? NULL : &s->f;
}

bool
dash_watch_up(const struct dash_watch *w)
{
	return w->up;
}

double
dash_watch_quantile(
    const struct dash_watch *w, int64_t now_ms, enum dash_histogram h, double q)
{
	const struct shot *to = shot(w, 0), *from = NULL, *s;
	size_t i;

	if (to == NULL || to->at_ms < now_ms - MINUTE_MS)
		return NAN;
	/* The oldest of the last minute; at least the one before. */
	for (i = 1; (s = shot(w, i)) != NULL; i++) {
		if (from != NULL && s->at_ms < now_ms - MINUTE_MS)
			break;
		from = s;
	}
	return from == NULL ? NAN
			    : dash_figures_quantile(&from->f, &to->f, h, q);
}

double
dash_watch_cpu(const struct dash_watch *w)
{
	const struct shot *to = shot(w, 0), *from = shot(w, 1);

	if (from == NULL || to->at_ms <= from->at_ms)
		return NAN;
	return (to->f.v[DASH_CPU] - from->f.v[DASH_CPU]) * 1000 /
	       (double)(to->at_ms - from->at_ms);
}

static bool
grew(const struct dash_watch *w, int64_t now_ms, enum grown g, double *ret)
{
	*ret = w->seen[g];
	return now_ms - w->grew_ms[g] < growing[g].window_ms;
}

/* What the target says of its components, and whether it answers at all. */
static double
availability(const struct dash_watch *w, int64_t now_ms, double said)
{
	double answers = ops_availability_ratio(
	    w->answers, ANSWERS, OPS_AVAILABILITY_HOUR, now_ms);

	if (answers < 0)
		return said;
	return isnan(said) || answers < said ? answers : said;
}

bool
dash_watch_holds(const struct dash_watch *w, int64_t now_ms,
    enum dash_rule_index rule, double *ret_value)
{
	static const struct dash_figures none;
	const struct dash_figures *last = dash_watch_last(w);
	const double *v = last == NULL ? none.v : last->v;
	double x = NAN, limit = dash_watch_rules[rule].threshold;
	bool less = false, holds;

	if (last == NULL && rule != DASH_AVAILABILITY_LOW)
		return false;
	switch (rule) {
	case DASH_ISSUANCE_SLOW:
		x = dash_watch_quantile(w, now_ms, DASH_ISSUING, .99);
		break;
	case DASH_CT_APPEND_SLOW:
		x = dash_watch_quantile(w, now_ms, DASH_APPENDING, .99);
		break;
	case DASH_AVAILABILITY_LOW:
		x = availability(
		    w, now_ms, last == NULL ? NAN : v[DASH_AVAILABILITY]);
		less = true;
		break;
	case DASH_BYZANTINE_DETECTED:
		return grew(w, now_ms, GREW_EVIDENCE, ret_value);
	case DASH_QUORUM_LOST:
		/* A log without witnesses has none to lose. */
		x = v[DASH_BYZANTINE_F] >= 0 ? v[DASH_QUORUM] : NAN;
		less = true;
		break;
	case DASH_CRL_STALE:
		x = v[DASH_CRL_AGE];
		break;
	case DASH_LOG_FULL:
		x = v[DASH_FILL];
		if (v[DASH_DISK] < .05) {
			*ret_value = 1 - v[DASH_DISK];
			return true;
		}
		break;
	case DASH_BACKUP_OLD:
		x = v[DASH_BACKUP_AGE];
		break;
	case DASH_CLOCK_SKEW:
		return grew(w, now_ms, GREW_SKEWED, ret_value);
	case DASH_ISSUER_EXPIRING:
		x = v[DASH_ISSUER_LEFT];
		less = true;
		break;
	default: /* DASH_AUDIT_BACKLOG */
		if (grew(w, now_ms, GREW_DROPPED, ret_value))
			return true;
		x = v[DASH_BACKLOG];
	}
	holds = less ? x < limit : x > limit;
	if (holds)
		*ret_value = x;
	return holds;
}
