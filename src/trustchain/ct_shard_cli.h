/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SHARD_CLI_H
#define TRUSTCHAIN_CT_SHARD_CLI_H

/* The commands `shard list', `shard create NAME', `shard retire NAME'. */
struct ops_cli;

/**
 * ct_shard_cli_list(cli, opts, args, n), ct_shard_cli_create(...),
 * ct_shard_cli_retire(...):
 * list and retire ask the daemon, or work on the files when none runs; create
 * works on the files and needs the daemon stopped.
 */
int ct_shard_cli_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);
/** ct_shard_cli_create(cli, opts, args, n): see there. */
int ct_shard_cli_create(
    const struct ops_cli *cli, const void *opts, char **args, int n);
/** ct_shard_cli_retire(cli, opts, args, n): see there. */
int ct_shard_cli_retire(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
