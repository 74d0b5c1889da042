/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_INIT_H
#define TRUSTCHAIN_CA_INIT_H

#include <stdbool.h>

#include "ops/cli.h"

/*
 * The command init-ca: a laboratory's root, intermediates and keys on files.
 * Nothing that exists is replaced.
 */
struct ca_init_opts {
	bool generate, verify;
};

extern const struct ops_cli_option ca_init_options[];

/**
 * ca_init_run(cli, opts, args, n):
 * Make what is missing if --generate-if-missing was given (refused in
 * production, exit 3), then verify that every issuer's chain leads to the
 * root.
 */
int ca_init_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
