/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_SERVE_H
#define TRUSTCHAIN_DASH_SERVE_H

#include "keys/role.h"

struct ops_cli;

#define DASH_SERVE_CONFIG "/etc/trustchain/dashboard.toml"

/**
 * dash_serve_run(cli, role, argv):
 * `trustchain-ca dashboard' in the process of ${role}: run it until SIGTERM.
 * Return the exit code.
 */
int dash_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv);

/**
 * dash_serve_check(cli):
 * --check-config of the command.  Return the exit code.
 */
int dash_serve_check(const struct ops_cli *cli);

#endif
