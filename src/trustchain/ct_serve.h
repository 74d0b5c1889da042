/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_SERVE_H
#define TRUSTCHAIN_CT_SERVE_H

#include "keys/role.h"

struct ops_cli;

/**
 * ct_serve_run(cli, role, argv):
 * Be one of the three processes of trustchain-ct and return its exit code.
 * ${argv} is the program's own, for the supervisor's children.
 */
int ct_serve_run(const struct ops_cli *cli, enum keys_role role, char **argv);

#endif
