/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_H
#define TRUSTCHAIN_CA_CLI_H

#include <stddef.h>

#include "ops/cli.h"

/*
 * The commands of trustchain-ca that ask a running daemon; see ca_control.h.
 * Each is the run function of a struct ops_cli_command, with its options.
 */
struct ca_cli_token {
	struct ops_cli_values role, name_scope, profile;
	const char *ttl, *rate;
};

struct ca_cli_issue {
	const char *csr, *profile, *issuer, *hours;
	struct ops_cli_values san;
};

struct ca_cli_list {
	const char *status, *limit, *cursor;
};

extern const struct ops_cli_option ca_cli_token_options[];
extern const struct ops_cli_option ca_cli_issue_options[];
extern const struct ops_cli_option ca_cli_list_options[];

/**
 * ca_cli_token_create(cli, opts, args, n):
 * Make a token and print "token=tc_...".
 */
int ca_cli_token_create(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_token_list(cli, opts, args, n):
 * Print a table of the tokens.
 */
int ca_cli_token_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_token_revoke(cli, opts, args, n):
 * Revoke the token args[0].
 */
int ca_cli_token_revoke(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_issue(cli, opts, args, n):
 * Issue for a request file and print the certificate with its chain.
 */
int ca_cli_issue(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_show(cli, opts, args, n):
 * Print the record of the serial args[0].
 */
int ca_cli_show(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_list(cli, opts, args, n):
 * Print a table of certificates.
 */
int ca_cli_list(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_root(cli, opts, args, n):
 * Print the root, its fingerprint, and how each usual client is told to trust
 * it.  Works on files.
 */
int ca_cli_root(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
