/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_metrics.h"

const struct ops_metric_def ct_metrics_defs[CT_METRIC_COUNT] = {
	[CT_METRIC_LOG_SIZE] = { "trustchain_ct_log_size", OPS_GAUGE,
	    "Published tree size.", "shard" },
	[CT_METRIC_APPEND_SECONDS] = { "trustchain_ct_append_duration_seconds",
	    OPS_HISTOGRAM, "Submission parsed to SCT queued.", "shard" },
	[CT_METRIC_PROOF_SECONDS] = { "trustchain_ct_merkle_proof_generation_"
				      "seconds",
	    OPS_HISTOGRAM, "Proof from tiles.", "kind" },
	[CT_METRIC_APPEND_RATE] = { "log_append_rate", OPS_GAUGE,
	    "Entries appended per second, mean of 60 s.", NULL },
	[CT_METRIC_EVIDENCE] = { "trustchain_ct_byzantine_evidence_total",
	    OPS_COUNTER, "Evidence of misbehaviour found.", "type" },
	[CT_METRIC_LAG] = { "trustchain_ct_publication_lag_seconds", OPS_GAUGE,
	    "Age of the oldest entry no checkpoint covers.", NULL },
	[CT_METRIC_QUEUE] = { "trustchain_ct_queue_depth", OPS_GAUGE,
	    "Submissions waiting for the sequencer.", NULL },
	[CT_METRIC_FILL] = { "trustchain_ct_fill_ratio", OPS_GAUGE,
	    "Entries of a shard as a share of max_entries.", "shard" },
	[CT_METRIC_QUORUM_MET] = { "trustchain_ct_quorum_met", OPS_GAUGE,
	    "1 when the last head has its witnesses' cosignatures.", NULL },
	[CT_METRIC_BYZANTINE_F] = { "trustchain_ct_byzantine_f", OPS_GAUGE,
	    "Faulty witnesses tolerated; -1 without witnesses.", NULL },
	[CT_METRIC_FSYNC] = { "trustchain_fsync_seconds", OPS_HISTOGRAM,
	    "Duration of syncs to disk.", NULL },
	[CT_METRIC_AUDIT_BACKLOG] = { "trustchain_audit_backlog", OPS_GAUGE,
	    "Audit events not yet in the log.", NULL },
	[CT_METRIC_AUDIT_DROPPED] = { "trustchain_audit_dropped_total",
	    OPS_COUNTER, "Audit events lost.", NULL },
	TRUSTCHAIN_MEASURE_DEFS(CT),
};
