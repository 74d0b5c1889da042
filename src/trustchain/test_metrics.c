/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics are those of identity.md section 15: name, type and labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trustchain/ca_metrics.h"
#include "trustchain/ct_metrics.h"

struct row {
	const char *name;
	enum ops_metric_type type;
	const char *labels;
};

/* Written from the specification, not from the tables under test. */
static const struct row ca[] = {
	{ "trustchain_ca_certificates_issued_total", OPS_COUNTER,
	    "issuer,profile,via" },
	{ "trustchain_ca_issuance_duration_seconds", OPS_HISTOGRAM,
	    "via,step" },
	{ "cert_issuance_rate", OPS_GAUGE, NULL },
	{ "trustchain_ca_issue_failures_total", OPS_COUNTER, "code" },
	{ "trustchain_ca_abandoned_total", OPS_COUNTER, NULL },
	{ "trustchain_acme_orders_total", OPS_COUNTER, "status" },
	{ "trustchain_acme_validations_total", OPS_COUNTER, "type,result" },
	{ "trustchain_key_operations_total", OPS_COUNTER, "slot,status" },
	{ "trustchain_audit_dropped_total", OPS_COUNTER, NULL },
	{ "trustchain_ca_revocations_total", OPS_COUNTER, "issuer,reason" },
	{ "trustchain_ocsp_responses_total", OPS_COUNTER, "status" },
	{ "trustchain_crl_age_seconds", OPS_GAUGE, NULL },
	{ "trustchain_backup_age_seconds", OPS_GAUGE, NULL },
	{ "trustchain_ca_live_certificates", OPS_GAUGE, NULL },
	{ "trustchain_ca_halted", OPS_GAUGE, "issuer" },
	{ "trustchain_audit_backlog", OPS_GAUGE, NULL },
	{ "trustchain_store_commit_seconds", OPS_HISTOGRAM, NULL },
	{ "trustchain_fsync_seconds", OPS_HISTOGRAM, NULL },
	{ "trustchain_availability_ratio", OPS_GAUGE, "component,window" },
};

static const struct row ct[] = {
	{ "trustchain_ct_log_size", OPS_GAUGE, "shard" },
	{ "trustchain_ct_append_duration_seconds", OPS_HISTOGRAM, "shard" },
	{ "trustchain_ct_merkle_proof_generation_seconds", OPS_HISTOGRAM,
	    "kind" },
	{ "log_append_rate", OPS_GAUGE, NULL },
	{ "trustchain_key_operations_total", OPS_COUNTER, "slot,status" },
	{ "trustchain_ct_byzantine_evidence_total", OPS_COUNTER, "type" },
	{ "trustchain_ct_witness_errors_total", OPS_COUNTER,
	    "witness,status" },
	{ "trustchain_audit_dropped_total", OPS_COUNTER, NULL },
	{ "trustchain_ct_publication_lag_seconds", OPS_GAUGE, NULL },
	{ "trustchain_ct_queue_depth", OPS_GAUGE, NULL },
	{ "trustchain_ct_quorum_met", OPS_GAUGE, NULL },
	{ "trustchain_ct_byzantine_f", OPS_GAUGE, NULL },
	{ "trustchain_audit_backlog", OPS_GAUGE, NULL },
	{ "trustchain_fsync_seconds", OPS_HISTOGRAM, NULL },
	{ "trustchain_availability_ratio", OPS_GAUGE, "component,window" },
};

static void
check(const struct row *want, size_t n, const struct ops_metric_def *have,
    size_t count)
{
	size_t i, k, found;

	for (i = 0; i < n; i++) {
		for (k = found = 0; k < count; k++) {
			if (strcmp(have[k].name, want[i].name) != 0)
				continue;
			found++;
			assert_int_equal(have[k].type, want[i].type);
			if (want[i].labels == NULL)
				assert_null(have[k].labels);
			else
				assert_string_equal(
				    have[k].labels, want[i].labels);
		}
		if (found != 1)
			fail_msg("%s is there %zu times", want[i].name, found);
	}
	for (k = 0; k < count; k++) {
		assert_non_null(have[k].name);
		assert_non_null(have[k].help);
	}
}

static void
test_names(void **state)
{
	(void)state;
	check(ca, sizeof(ca) / sizeof(ca[0]), ca_metrics_defs, CA_METRIC_COUNT);
	check(ct, sizeof(ct) / sizeof(ct[0]), ct_metrics_defs, CT_METRIC_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
