/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_RESTORE_H
#define TRUSTCHAIN_BAK_RESTORE_H

#include <stdbool.h>

#include "ops/cli.h"

/* The command restore (identity.md sections 12 and 16). */
struct bak_restore {
	bool dry_run, revoke_recovered, without_logs;
	const char *identity, *backup_dir;
	struct ops_cli_values part; /* none: everything */
};

extern const struct ops_cli_option bak_restore_options[];

/**
 * bak_restore_run(cli, opts, args, n):
 * Put the backup args[0] where it was made from, into empty state.
 */
int bak_restore_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
