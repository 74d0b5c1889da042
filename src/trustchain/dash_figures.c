/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_figures.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "trustchain/dash_expo.h"

enum join { SUM, LEAST, MOST };

/* Samples of ${name}, those with label="value" if there is a label. */
static const struct rule {
	const char *name;
	enum join join;
	const char *label, *value;
} rules[DASH_FIGURES] = {
	[DASH_ISSUED] = { "trustchain_ca_certificates_issued_total", SUM, NULL,
	    NULL },
	[DASH_ISSUE_RATE] = { "cert_issuance_rate", SUM, NULL, NULL },
	[DASH_LIVE] = { "trustchain_ca_live_certificates", SUM, NULL, NULL },
	[DASH_HALTED] = { "trustchain_ca_halted", MOST, NULL, NULL },
	[DASH_REVOKED] = { "trustchain_ca_revocations_total", SUM, NULL, NULL },
	[DASH_ISSUER_LEFT] = { "trustchain_ca_issuer_remaining_seconds", LEAST,
	    NULL, NULL },
	[DASH_SKEWED] = { "trustchain_ca_issue_failures_total", SUM, "code",
	    "clock_skew" },
	[DASH_CRL_AGE] = { "trustchain_crl_age_seconds", MOST, NULL, NULL },
	[DASH_BACKUP_AGE] = { "trustchain_backup_age_seconds", MOST, NULL,
	    NULL },
	[DASH_LOG_SIZE] = { "trustchain_ct_log_size", SUM, NULL, NULL },
	[DASH_APPEND_RATE] = { "log_append_rate", SUM, NULL, NULL },
	[DASH_LAG] = { "trustchain_ct_publication_lag_seconds", MOST, NULL,
	    NULL },
	[DASH_QUEUE] = { "trustchain_ct_queue_depth", SUM, NULL, NULL },
	[DASH_QUORUM] = { "trustchain_ct_quorum_met", LEAST, NULL, NULL },
	[DASH_BYZANTINE_F] = { "trustchain_ct_byzantine_f", LEAST, NULL, NULL },
	[DASH_EVIDENCE] = { "trustchain_ct_byzantine_evidence_total", SUM, NULL,
	    NULL },
	[DASH_FILL] = { "trustchain_ct_fill_ratio", MOST, NULL, NULL },
	[DASH_AVAILABILITY] = { "trustchain_availability_ratio", LEAST,
	    "window", "1h" },
	[DASH_BACKLOG] = { "trustchain_audit_backlog", MOST, NULL, NULL },
	[DASH_DROPPED] = { "trustchain_audit_dropped_total", SUM, NULL, NULL },
	[DASH_CPU] = { "process_cpu_seconds_total", SUM, NULL, NULL },
	[DASH_MEMORY] = { "process_resident_memory_bytes", SUM, NULL, NULL },
	[DASH_DISK] = { "trustchain_disk_free_ratio", LEAST, NULL, NULL },
};

static const struct {
	const char *name, *label, *value;
} histograms[DASH_HISTOGRAMS] = {
	[DASH_ISSUING] = { "trustchain_ca_issuance_duration_seconds_bucket",
	    "step", "total" },
	[DASH_APPENDING] = { "trustchain_ct_append_duration_seconds_bucket",
	    NULL, NULL },
};

static const double bounds[DASH_BUCKETS] = { .001, .002, .005, .01, .02, .035,
	.05, .1, .2, .5, 1, 2, 5, INFINITY };

static double
joined(enum join how, double a, double b)
{
	if (isnan(a))
		return b;
	if (isnan(b))
		return a;
	if (how == SUM)
		return a + b;
	return (how == LEAST) == (a < b) ? a : b;
}

static bool
applies(const struct dash_expo_sample *s, const char *label, const char *value)
{
	return label == NULL || strcmp(dash_expo_label(s, label), value) == 0;
}

static void
take_bucket(struct dash_figures *f, const struct dash_expo_sample *s)
{
	const char *le = dash_expo_label(s, "le");
	double bound = strcmp(le, "+Inf") == 0 ? INFINITY : strtod(le, NULL);
	size_t h, b;

	for (h = 0; h < DASH_HISTOGRAMS; h++) {
		if (strcmp(s->name, histograms[h].name) != 0 ||
		    !applies(s, histograms[h].label, histograms[h].value))
			continue;
		for (b = 0; b < DASH_BUCKETS; b++)
			if (bound >= bounds[b] && bound <= bounds[b])
				f->bucket[h][b] =
				    joined(SUM, f->bucket[h][b], s->value);
	}
}

static void
note(char out[32], const struct dash_expo_sample *s, const char *label)
{
	const char *value = dash_expo_label(s, label);
	size_t n = strnlen(value, 31);

	memcpy(out, value, n);
	out[n] = '\0';
}

static int
take(void *ctx, const struct dash_expo_sample *s)
{
	struct dash_figures *f = ctx;
	size_t i;

	for (i = 0; i < DASH_FIGURES; i++) {
		if (strcmp(s->name, rules[i].name) != 0 ||
		    !applies(s, rules[i].label, rules[i].value))
			continue;
		if (i == DASH_AVAILABILITY && !(s->value >= f->v[i]))
			note(f->worst, s, "component");
		if (i == DASH_EVIDENCE && s->value > 0)
			note(f->evidence, s, "type");
		f->v[i] = joined(rules[i].join, f->v[i], s->value);
	}
	take_bucket(f, s);
	return 0;
}

int
dash_figures_parse(
    struct dash_figures *f, const void *text, size_t len, size_t *ret_line)
{
	size_t i, b;

	for (i = 0; i < DASH_FIGURES; i++)
		f->v[i] = NAN;
	for (i = 0; i < DASH_HISTOGRAMS; i++)
		for (b = 0; b < DASH_BUCKETS; b++)
			f->bucket[i][b] = NAN;
	f->worst[0] = f->evidence[0] = '\0';
	return dash_expo_parse(text, len, take, f, ret_line);
}

double
dash_figures_quantile(const struct dash_figures *from,
    const struct dash_figures *to, enum dash_histogram h, double q)
{
	const double *a = from->bucket[h], *b = to->bucket[h];
	bool back = !(b[DASH_BUCKETS - 1] >= a[DASH_BUCKETS - 1]);
	double n[DASH_BUCKETS], rank, below;
	size_t i;

	for (i = 0; i < DASH_BUCKETS; i++)
		n[i] = back ? b[i] : b[i] - a[i];
	if (!(n[DASH_BUCKETS - 1] > 0))
		return NAN;
	rank = q * n[DASH_BUCKETS - 1];
	for (i = 0; i < DASH_BUCKETS - 1 && !(n[i] >= rank); i++)
		;
	if (i == DASH_BUCKETS - 1)
		return bounds[DASH_BUCKETS - 2];
	below = i == 0 ? 0 : n[i - 1];
	if (!(n[i] > below))
		return bounds[i];
	return (i == 0 ? 0 : bounds[i - 1]) +
	       (bounds[i] - (i == 0 ? 0 : bounds[i - 1])) * (rank - below) /
		   (n[i] - below);
}
