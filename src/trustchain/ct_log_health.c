/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "trustchain/ct_config.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_quorum.h"

/* What the log says of itself: health document and metrics. */

int
ct_log_check(const struct ct_log *l, char *issue, size_t len)
{
	const struct ct_config_log *c = &ct_log_config(l)->log;
	struct ct_shard_stats st;
	const char *name;
	size_t i;

	for (i = 0; i < ct_log_count(l); i++) {
		name = ct_shard_params(ct_log_shard(l, i))->period.name;
		ct_shard_stats(ct_log_shard(l, i), &st);
		if (st.read_only)
			snprintf(
			    issue, len, "%s: read-only, the disk failed", name);
		else if (st.held)
			snprintf(issue, len,
			    "%s: no witness has confirmed its head yet", name);
		else if (st.head_age_ms > 2000 * c->sth_refresh_s)
			snprintf(issue, len, "%s: head is %lld s old", name,
			    (long long)(st.head_age_ms / 1000));
		else if (st.lag_ms > 60000)
			snprintf(issue, len,
			    "%s: entries unpublished for %lld s", name,
			    (long long)(st.lag_ms / 1000));
		else if (st.quorum_known && !st.quorum_met)
			snprintf(issue, len,
			    "%s: too few witnesses cosign its head", name);
		else if (st.sequenced >= (uint64_t)c->max_entries / 10 * 8)
			snprintf(issue, len, "%s: nearly full", name);
		else
			continue;
		return 1;
	}
	return 0;
}

bool
ct_log_ready(const struct ct_log *l, char *why, size_t len)
{
	struct ct_shard *s = ct_log_now(l);
	struct pki_bytes json, note;
	struct ct_shard_stats st;

	ct_log_list(l, &json, &note);
	if (s == NULL || ct_shard_state(s) != CT_SHARD_OPEN) {
		snprintf(why, len, "no open shard for certificates of today");
		return false;
	}
	ct_shard_stats(s, &st);
	if (st.read_only)
		snprintf(why, len, "the open shard is read-only");
	else if (st.held)
		snprintf(why, len,
		    "no witness has confirmed the open shard's head yet");
	else if (ct_shard_head(s) == NULL)
		snprintf(why, len, "the open shard has no head yet");
	else if (note.len == 0)
		snprintf(why, len, "the log list is not signed yet");
	else
		return true;
	return false;
}

bool
ct_log_quorum_met(const struct ct_log *l)
{
	struct ct_shard_stats st;
	bool some = false;
	size_t i;

	for (i = 0; i < ct_log_count(l); i++) {
		ct_shard_stats(ct_log_shard(l, i), &st);
		if (st.quorum_known && !st.quorum_met)
			return false;
		some = some || st.quorum_known;
	}
	return some;
}

void
ct_log_gauges(const struct ct_log *l)
{
	struct ops_metrics *m = ct_log_metrics(l);
	const struct ct_shard_head *head;
	struct ct_quorum_figures q;
	struct ct_shard_stats st;
	size_t i, queued = 0;
	int64_t lag = 0;

	for (i = 0; i < ct_log_count(l); i++) {
		const char *name =
		    ct_shard_params(ct_log_shard(l, i))->period.name;

		ct_shard_stats(ct_log_shard(l, i), &st);
		if ((head = ct_shard_head(ct_log_shard(l, i))) != NULL)
			ops_metrics_set(m, CT_METRIC_LOG_SIZE, OPS_LABELS(name),
			    (double)head->tree.size);
		ops_metrics_set(m, CT_METRIC_FILL, OPS_LABELS(name),
		    (double)st.sequenced /
			(double)ct_log_config(l)->log.max_entries);
		queued += st.queued;
		if (st.lag_ms > lag)
			lag = st.lag_ms;
	}
	ops_metrics_set(m, CT_METRIC_QUEUE, NULL, (double)queued);
	ops_metrics_set(m, CT_METRIC_LAG, NULL, (double)lag / 1000);
	ct_quorum_figures(ct_log_config(l), &q);
	ops_metrics_set(
	    m, CT_METRIC_QUORUM_MET, NULL, ct_log_quorum_met(l) ? 1 : 0);
	ops_metrics_set(m, CT_METRIC_BYZANTINE_F, NULL, q.f);
}
