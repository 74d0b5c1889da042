/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_REVOKE_H
#define TRUSTCHAIN_CA_CLI_REVOKE_H

#include <stdbool.h>

#include "ops/cli.h"

/*
 * The commands of trustchain-ca about revocation; each is the run function of
 * a struct ops_cli_command, with its options.
 */
struct ca_cli_revoke {
	const char *fingerprint, *name, *eab_kid, *reason;
	bool block;
};

extern const struct ops_cli_option ca_cli_revoke_options[];

/**
 * ca_cli_revoke(cli, opts, args, n):
 * Revoke the serial args[0], or what the options select.
 */
int ca_cli_revoke(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_crl_publish(cli, opts, args, n):
 * Have the CRLs published now.
 */
int ca_cli_crl_publish(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_block_add(cli, opts, args, n), ca_cli_block_remove(cli, opts, args,
 * n), ca_cli_block_list(cli, opts, args, n):
 * Refuse what args[0], KIND=VALUE, says; refuse it no more; print a table.
 */
int ca_cli_block_add(
    const struct ops_cli *cli, const void *opts, char **args, int n);
/** ca_cli_block_remove: see ca_cli_block_add. */
int ca_cli_block_remove(
    const struct ops_cli *cli, const void *opts, char **args, int n);
/** ca_cli_block_list: see ca_cli_block_add. */
int ca_cli_block_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
