/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_CONTROL_H
#define TRUSTCHAIN_CT_CONTROL_H

#include "ops/control.h"

/*
 * The log's control socket: {"op":"shard.list"} gives {shards:[{name, state,
 * start, end, tree_size}]}, {"op":"shard.retire","name":N} {name, state}.
 */
struct ct_log;

/**
 * ct_control_handle(ctx, call, request):
 * An ops_control_fn; ${ctx} is a struct ct_log.
 */
void ct_control_handle(
    void *ctx, struct ops_control_call *call, const json_t *request);

/**
 * ct_control_shards(l):
 * Return the list of shards, also for /api/v1/ct/tree; NULL when memory is
 * short.
 */
json_t *ct_control_shards(const struct ct_log *l);

#endif
