/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_INIT_H
#define TRUSTCHAIN_CT_INIT_H

#include <stdbool.h>

#include "base/err.h"
#include "ops/cli.h"

/*
 * trustchain-ct init-log: the key of the log list, and the shards of now and
 * of the periods ahead with their keys.  Works on files; what exists is never
 * replaced.
 */
struct ct_init_opts {
	bool generate;
};

extern const struct ops_cli_option ct_init_options[];

/**
 * ct_init_run(cli, opts, args, n):
 * The command; returns an exit code.
 */
int ct_init_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

struct ct_config;
struct ct_period;
struct fault;

/**
 * ct_init_shard(conf, period, f):
 * Make the keys and the folder of one shard.  ERR_STATE_EXISTS if it is there,
 * errors of keys/file.h and of the disk.
 */
MUST_CHECK int ct_init_shard(const struct ct_config *conf,
    const struct ct_period *period, struct fault *f);

#endif
