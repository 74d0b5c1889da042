/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PLAN_H
#define TRUSTCHAIN_CT_PLAN_H

#include <stdint.h>

#include "base/err.h"
#include "trustchain/ct_paths.h"

/*
 * Which shards there should be (identity.md section 9): that of now and
 * shard_ahead more.
 */
struct ct_config;

/**
 * ct_plan_periods(config, now_ms, ret):
 * List them.  ERR_SYS_CLOCK.
 */
MUST_CHECK int ct_plan_periods(const struct ct_config *config, int64_t now_ms,
    struct ct_paths_shards *ret);

/**
 * ct_plan_missing(config, have, now_ms, ret):
 * List those of them that are to be made while the log runs: the ones that
 * come after all of ${have}, by name, and for which there is room.  Slots of
 * the key process are numbered by that order, so one that belongs in between
 * is only made by init-log.  ERR_SYS_CLOCK.
 */
MUST_CHECK int ct_plan_missing(const struct ct_config *config,
    const struct ct_paths_shards *have, int64_t now_ms,
    struct ct_paths_shards *ret);

#endif
