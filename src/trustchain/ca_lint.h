/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_LINT_H
#define TRUSTCHAIN_CA_LINT_H

#include "ops/cli.h"

/*
 * The command "lint": the lints of identity.md section 4 on certificates in a
 * file, by the configuration's issuers, profiles and stored log lists.
 */
struct ca_lint_opts {
	const char *profile;
};

extern const struct ops_cli_option ca_lint_options[];

/**
 * ca_lint_run(cli, opts, args, n):
 * Lint every certificate of the file args[0], PEM or DER.  A leaf is held
 * against its profile, a CA certificate against the lints that are not about
 * leaves.  Exit 1 with a line "Lnn text" for each finding.
 */
int ca_lint_run(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
