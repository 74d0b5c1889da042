/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_FIGURES_H
#define TRUSTCHAIN_DASH_FIGURES_H

#include <stddef.h>

#include "base/err.h"

/*
 * What the dashboard takes out of one scrape of one target: numbers, each put
 * together from the samples of a metric as a table says.  A number that the
 * target does not have is not a number.
 */
enum dash_figure {
	DASH_ISSUED,
	DASH_ISSUE_RATE,
	DASH_LIVE,
	DASH_HALTED,
	DASH_REVOKED,
	DASH_ISSUER_LEFT,
	DASH_SKEWED,
	DASH_CRL_AGE,
	DASH_BACKUP_AGE,
	DASH_LOG_SIZE,
	DASH_APPEND_RATE,
	DASH_LAG,
	DASH_QUEUE,
	DASH_QUORUM,
	DASH_BYZANTINE_F,
	DASH_EVIDENCE,
	DASH_FILL,
	DASH_AVAILABILITY,
	DASH_BACKLOG,
	DASH_DROPPED,
	DASH_CPU,
	DASH_MEMORY,
	DASH_DISK,
	DASH_FIGURES
};

enum dash_histogram { DASH_ISSUING, DASH_APPENDING, DASH_HISTOGRAMS };

#define DASH_BUCKETS 14 /* of identity.md section 15, and +Inf */

struct dash_figures {
	double v[DASH_FIGURES];
	/* Cumulative counts. */
	double bucket[DASH_HISTOGRAMS][DASH_BUCKETS];
	char worst[32];	   /* component with the least availability */
	char evidence[32]; /* a kind of evidence that there is */
};

/**
 * dash_figures_parse(f, text, len, ret_line):
 * Read a scrape.  Errors of dash_expo_parse; ${f} is undefined then.
 */
MUST_CHECK int dash_figures_parse(
    struct dash_figures *f, const void *text, size_t len, size_t *ret_line);

/**
 * dash_figures_quantile(from, to, h, q):
 * Return the ${q}-quantile, in seconds, of what histogram ${h} counted between
 * two scrapes, interpolated as Prometheus does; NaN when nothing was counted.
 * A histogram that was set back counts from zero.
 */
double dash_figures_quantile(const struct dash_figures *from,
    const struct dash_figures *to, enum dash_histogram h, double q);

#endif
