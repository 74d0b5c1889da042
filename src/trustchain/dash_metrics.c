/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_metrics.h"

const struct ops_metric_def dash_metrics_defs[DASH_METRIC_COUNT] = {
	TRUSTCHAIN_MEASURE_DEFS(DASH),
};
