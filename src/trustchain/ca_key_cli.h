/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_KEY_CLI_H
#define TRUSTCHAIN_CA_KEY_CLI_H

#include "ops/cli.h"

/* The commands "key show" and "key passwd"; they work on files. */
struct ca_key_cli {
	const char *new_pass, *pass;
};

extern const struct ops_cli_option ca_key_cli_passwd_options[];

/**
 * ca_key_cli_show(cli, opts, args, n):
 * Print each key's URI, slot, algorithm, SHA-256 of its public half and, of a
 * note key, the verifier key.
 */
int ca_key_cli_show(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_key_cli_passwd(cli, opts, args, n):
 * Encrypt the key args[0], "file:PATH", under another passphrase, which is in
 * --new-pass-file or asked for on the terminal.
 */
int ca_key_cli_passwd(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
