/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_ACME_H
#define TRUSTCHAIN_CA_CLI_ACME_H

#include <stdbool.h>

#include "ops/cli.h"

/*
 * The commands about ACME's accounts and the keys that bind them; see
 * ca_cli.h.
 */
struct ca_cli_eab {
	struct ops_cli_values name_scope, profile;
	const char *ttl;
	bool preauthorized;
};

extern const struct ops_cli_option ca_cli_eab_options[];

/**
 * ca_cli_eab_create(cli, opts, args, n):
 * Make a binding key and print "kid=... hmac_key=...".
 */
int ca_cli_eab_create(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_eab_list(cli, opts, args, n), ca_cli_account_list(cli, opts, args, n):
 * Print a table.
 */
int ca_cli_eab_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);
int ca_cli_account_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_eab_revoke(cli, opts, args, n),
 * ca_cli_account_deactivate(cli, opts, args, n):
 * End the key or the account args[0].
 */
int ca_cli_eab_revoke(
    const struct ops_cli *cli, const void *opts, char **args, int n);
int ca_cli_account_deactivate(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
