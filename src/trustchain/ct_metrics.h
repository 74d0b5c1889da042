/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_METRICS_H
#define TRUSTCHAIN_CT_METRICS_H

#include <stddef.h>

#include "ops/metrics.h"
#include "trustchain/trustchain_measure.h"

/* The metrics of trustchain-ct, in the order of ct_metrics_defs. */
enum ct_metric {
	CT_METRIC_LOG_SIZE,
	CT_METRIC_APPEND_SECONDS,
	CT_METRIC_PROOF_SECONDS,
	CT_METRIC_APPEND_RATE,
	CT_METRIC_EVIDENCE,
	CT_METRIC_LAG,
	CT_METRIC_QUEUE,
	CT_METRIC_FILL,
	CT_METRIC_QUORUM_MET,
	CT_METRIC_BYZANTINE_F,
	CT_METRIC_WITNESS_ERRORS,
	CT_METRIC_FSYNC,
	CT_METRIC_AUDIT_BACKLOG,
	CT_METRIC_AUDIT_DROPPED,
	TRUSTCHAIN_MEASURE_METRICS(CT),
	CT_METRIC_COUNT
};

extern const struct ops_metric_def ct_metrics_defs[CT_METRIC_COUNT];

#endif
