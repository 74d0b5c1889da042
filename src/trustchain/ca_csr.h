/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CSR_H
#define TRUSTCHAIN_CA_CSR_H

#include "ops/cli.h"

/*
 * The command "csr": an intermediate's request for the ceremony.  Works on the
 * key itself, in its file or on its token.
 */
struct ca_csr_opts {
	const char *key, *issuer_id, *alg, *pass_file, *module, *out;
};

extern const struct ops_cli_option ca_csr_options[];

/**
 * ca_csr_run(cli, opts, args, n):
 * Print the request, or write it to --out.  A key that is not there is made;
 * one that is there is never replaced.
 */
int ca_csr_run(const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
