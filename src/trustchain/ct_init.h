/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_INIT_H
#define TRUSTCHAIN_CT_INIT_H

#include <stdbool.h>

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

#endif
