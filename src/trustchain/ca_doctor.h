/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_DOCTOR_H
#define TRUSTCHAIN_CA_DOCTOR_H

#include "ops/cli.h"

/**
 * ca_doctor_run(cli, opts, args, n):
 * The command "doctor": look at what the daemon needs of its machine, its
 * files and its logs, and say of each thing that is wrong how it is put right.
 * Changes nothing.  Exit 1 if there is an error.
 */
int ca_doctor_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
