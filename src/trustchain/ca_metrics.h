/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_METRICS_H
#define TRUSTCHAIN_CA_METRICS_H

#include "ops/metrics.h"
#include "trustchain/trustchain_measure.h"

/* The metrics of trustchain-ca (identity.md section 15). */
enum ca_metric {
	CA_METRIC_ISSUED,
	CA_METRIC_DURATION,
	CA_METRIC_FAILURES,
	CA_METRIC_ABANDONED,
	CA_METRIC_REVOCATIONS,
	CA_METRIC_ORDERS,
	CA_METRIC_VALIDATIONS,
	CA_METRIC_OCSP_RESPONSES,
	CA_METRIC_LIVE,
	CA_METRIC_HALTED,
	CA_METRIC_RATE,
	CA_METRIC_COMMIT,
	CA_METRIC_FSYNC,
	CA_METRIC_INFLIGHT,
	CA_METRIC_EXPIRY,
	CA_METRIC_BACKLOG,
	CA_METRIC_DROPPED,
	TRUSTCHAIN_MEASURE_METRICS(CA),
	CA_METRIC_COUNT
};

extern const struct ops_metric_def ca_metrics_defs[CA_METRIC_COUNT];

#endif
