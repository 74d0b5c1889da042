/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_CLI_H
#define TRUSTCHAIN_BAK_CLI_H

#include <stdbool.h>

#include "ops/cli.h"

/* The command backup (identity.md sections 12 and 16). */
struct bak_cli {
	bool full_backup, encrypt;
	const char *s3_bucket, *retention_days;
};

extern const struct ops_cli_option bak_cli_options[];

/**
 * bak_cli_run(cli, opts, args, n):
 * Make a backup of what is configured, while the daemons run or not.
 */
int bak_cli_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
