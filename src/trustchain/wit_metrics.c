/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_metrics.h"

const struct ops_metric_def wit_metrics_defs[WIT_METRIC_COUNT] = {
	[WIT_METRIC_REQUESTS] = { "trustchain_witness_requests_total",
	    OPS_COUNTER, "Answers to add-checkpoint.", "status" },
	[WIT_METRIC_LOGS] = { "trustchain_witness_logs", OPS_GAUGE,
	    "Logs that are witnessed.", NULL },
	[WIT_METRIC_KEY_OPERATIONS] = { "trustchain_key_operations_total",
	    OPS_COUNTER, "Operations asked of the key process.",
	    "slot,status" },
	[WIT_METRIC_FSYNC] = { "trustchain_fsync_seconds", OPS_HISTOGRAM,
	    "Duration of syncs to disk.", NULL },
	[WIT_METRIC_AVAILABILITY] = { "trustchain_availability_ratio",
	    OPS_GAUGE,
	    "Share of probes, and of requests without 5xx, since the start.",
	    "component,window" },
};
