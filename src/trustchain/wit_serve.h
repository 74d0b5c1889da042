/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_SERVE_H
#define TRUSTCHAIN_WIT_SERVE_H

#include "keys/role.h"

/*
 * `trustchain-ct witness`: the whole daemon, in the process that ${role}
 * says.
 */
struct ops_cli;

/**
 * wit_serve_run(cli, role, argv):
 * Run it and return its exit code.
 */
int wit_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv);

/**
 * wit_serve_check(cli):
 * --check-config of witness.toml.
 */
int wit_serve_check(const struct ops_cli *cli);

#endif
