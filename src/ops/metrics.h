/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_METRICS_H
#define OPS_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Metrics by table: a program lists its metrics in an array of definitions
 * and addresses them by index.  Updating is lock-free once a label set
 * exists, so any thread may do it on its hot path.
 */
enum ops_metric_type {
	OPS_COUNTER,
	OPS_GAUGE,
	OPS_HISTOGRAM,
	OPS_TOTAL /* a counter that is kept elsewhere, and set here */
};

struct ops_metric_def {
	const char *name;
	enum ops_metric_type type;
	const char *help;
	const char *labels; /* label names, comma-separated; NULL for none */
};

#define OPS_METRIC_LABELS_MAX 4
#define OPS_METRIC_LABEL_BYTES_MAX 64
#define OPS_METRIC_CELLS_MAX 512 /* label sets of one metric */

/* The label values of one update, in the order of the definition. */
#define OPS_LABELS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct ops_metrics;

/**
 * ops_metrics_new(defs, n):
 * Return a registry for the ${n} definitions, which must outlive it; NULL
 * when out of memory.
 */
struct ops_metrics *ops_metrics_new(
    const struct ops_metric_def *defs, size_t n);

/**
 * ops_metrics_free(m):
 * Free ${m}; NULL is legal.  No thread may still be updating it.
 */
void ops_metrics_free(struct ops_metrics *m);

/**
 * ops_metrics_add(m, id, labels, n):
 * Add ${n} to counter ${id}.  ${labels} is NULL for a metric without labels.
 * Label sets beyond OPS_METRIC_CELLS_MAX are counted under the value
 * "other".  ${m} may be NULL.
 */
void ops_metrics_add(
    struct ops_metrics *m, unsigned id, const char *const *labels, uint64_t n);

/**
 * ops_metrics_set(m, id, labels, v):
 * Set gauge or total ${id} to ${v}.
 */
void ops_metrics_set(
    struct ops_metrics *m, unsigned id, const char *const *labels, double v);

/**
 * ops_metrics_observe(m, id, labels, seconds):
 * Count ${seconds} in histogram ${id}; buckets .001 to 5 s as identity.md
 * section 15 lists them.
 */
void ops_metrics_observe(struct ops_metrics *m, unsigned id,
    const char *const *labels, double seconds);

/**
 * ops_metrics_value(m, id, labels):
 * Return the counter or gauge value, or the count of a histogram; 0 when the
 * label set was never touched.
 */
double ops_metrics_value(
    struct ops_metrics *m, unsigned id, const char *const *labels);

/**
 * ops_metrics_collect(m, fn, ctx):
 * Call ${fn}(${ctx}) before every rendering, to set gauges that are computed
 * on demand.  At most 8; ERR_SYS_LIMIT beyond.
 */
MUST_CHECK int ops_metrics_collect(
    struct ops_metrics *m, void (*fn)(void *), void *ctx);

/**
 * ops_metrics_render(m, out):
 * Append the Prometheus text exposition (0.0.4) of all metrics.  A metric
 * without labels is always there, one with labels once touched.
 */
MUST_CHECK int ops_metrics_render(struct ops_metrics *m, struct buf *out);

#endif
