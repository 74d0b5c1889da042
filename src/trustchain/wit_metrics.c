/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_metrics.h"

const struct ops_metric_def wit_metrics_defs[WIT_METRIC_COUNT] = {
	[WIT_METRIC_REQUESTS] = { "trustchain_witness_requests_total",
	    OPS_COUNTER, "Answers to add-checkpoint.", "status" },
	[WIT_METRIC_LOGS] = { "trustchain_witness_logs", OPS_GAUGE,
	    "Logs that are witnessed.", NULL },
	[WIT_METRIC_FSYNC] = { "trustchain_fsync_seconds", OPS_HISTOGRAM,
	    "Duration of syncs to disk.", NULL },
	TRUSTCHAIN_MEASURE_DEFS(WIT),
};
