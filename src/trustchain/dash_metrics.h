/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_METRICS_H
#define TRUSTCHAIN_DASH_METRICS_H

#include "ops/metrics.h"
#include "trustchain/trustchain_measure.h"

/* The metrics of the dashboard itself, in the order of dash_metrics_defs. */
enum dash_metric { TRUSTCHAIN_MEASURE_METRICS(DASH), DASH_METRIC_COUNT };

extern const struct ops_metric_def dash_metrics_defs[DASH_METRIC_COUNT];

#endif
