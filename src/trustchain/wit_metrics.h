/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_METRICS_H
#define TRUSTCHAIN_WIT_METRICS_H

#include "ops/metrics.h"
#include "trustchain/trustchain_measure.h"

/* The metrics of the witness, in the order of wit_metrics_defs. */
enum wit_metric {
	WIT_METRIC_REQUESTS,
	WIT_METRIC_LOGS,
	WIT_METRIC_FSYNC,
	TRUSTCHAIN_MEASURE_METRICS(WIT),
	WIT_METRIC_COUNT
};

extern const struct ops_metric_def wit_metrics_defs[WIT_METRIC_COUNT];

#endif
