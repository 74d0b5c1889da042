/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_ROTATE_H
#define TRUSTCHAIN_CA_CLI_ROTATE_H

#include <stdbool.h>

#include "ops/cli.h"

/* rotate-cert, rotate-certs and cleanup-certs (identity.md section 12). */
struct ca_cli_rotate {
	bool immediate;
};

struct ca_cli_rotates {
	bool check_expiry, zero_downtime;
	const char *rotate_threshold;
};

struct ca_cli_cleanup {
	bool remove_expired, archive_revoked;
};

extern const struct ops_cli_option ca_cli_cleanup_options[];
extern const struct ops_cli_option ca_cli_rotate_options[];
extern const struct ops_cli_option ca_cli_rotates_options[];

/**
 * ca_cli_rotate(cli, opts, args, n):
 * Have the CA's own TLS certificate replaced, when it is due or at once.
 */
int ca_cli_rotate(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_rotates(cli, opts, args, n):
 * The same for each daemon of the plane that runs on this machine.
 */
int ca_cli_rotates(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_cleanup(cli, opts, args, n):
 * Have the CA forget what expired long enough ago.
 */
int ca_cli_cleanup(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
