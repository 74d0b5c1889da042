/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_plan.h"

#include <string.h>

#include "trustchain/ct_config.h"

int
ct_plan_periods(
    const struct ct_config *config, int64_t now_ms, struct ct_paths_shards *ret)
{
	static const enum ct_period_kind kinds[] = {
		[CT_CONFIG_DAILY] = CT_PERIOD_DAILY,
		[CT_CONFIG_WEEKLY] = CT_PERIOD_WEEKLY,
		[CT_CONFIG_MONTHLY] = CT_PERIOD_MONTHLY,
	};
	size_t want = (size_t)config->log.shard_ahead + 1, i;
	int rc = 0;

	for (i = 0; i < want && i < CT_PATHS_SHARDS_MAX && rc == 0; i++) {
		rc = ct_period_at(
		    kinds[config->log.shard_period], now_ms, &ret->shard[i]);
		if (rc == 0)
			now_ms = ret->shard[i].end_ms;
	}
	ret->n = i;
	return rc;
}

int
ct_plan_missing(const struct ct_config *config,
    const struct ct_paths_shards *have, int64_t now_ms,
    struct ct_paths_shards *ret)
{
	const char *last = have->n > 0 ? have->shard[have->n - 1].name : "";
	struct ct_paths_shards want;
	size_t i;
	int rc;

	if ((rc = ct_plan_periods(config, now_ms, &want)) != 0)
		return rc;
	ret->n = 0;
	for (i = 0; i < want.n; i++)
		if (strcmp(want.shard[i].name, last) > 0 &&
		    have->n + ret->n < CT_PATHS_SHARDS_MAX)
			ret->shard[ret->n++] = want.shard[i];
	return 0;
}
