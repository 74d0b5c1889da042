/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_MONITOR_H
#define TRUSTCHAIN_CT_MONITOR_H

#include <stdbool.h>

#include "ops/cli.h"

struct ct_monitor_opts {
	bool consistency, inclusion, alert, once;
	const char *ca, *token_file, *state;
	struct ops_cli_values logs, vkeys;
};

extern const struct ops_cli_option ct_monitor_options[];

/**
 * ct_monitor_run(cli, opts, args, n):
 * `trustchain-ct ct-monitor`: watch the shards of the configured log server,
 * or the logs of --log, until a signal, or once.
 */
int ct_monitor_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
