/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CEREMONY_H
#define TRUSTCHAIN_CA_CEREMONY_H

#include "ops/cli.h"

/*
 * The commands "ceremony root", "sign", "crl" and "verify" (identity.md
 * section 4): the root's key on a machine without a network, its passphrase
 * shared among keyholders, and a signed transcript of all that was done.  They
 * work on one folder and know no daemon.
 */
struct ca_ceremony_opts {
	const char *out, *alg, *shares;			   /* root */
	const char *root, *shares_from;			   /* sign, crl */
	const char *csr, *days, *constraints, *status_url; /* sign */
	struct ops_cli_values operators, revoke;
};

extern const struct ops_cli_option ca_ceremony_root_options[];
extern const struct ops_cli_option ca_ceremony_sign_options[];
extern const struct ops_cli_option ca_ceremony_crl_options[];

/**
 * ca_ceremony_root(cli, opts, args, n):
 * Make the root: key, certificate, and with --shares k/n the keyholders'
 * shares, which are printed and nowhere else.
 */
int ca_ceremony_root(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_ceremony_sign(cli, opts, args, n):
 * Sign an intermediate's request.
 */
int ca_ceremony_sign(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_ceremony_crl(cli, opts, args, n):
 * Sign the root's list of revoked intermediates.
 */
int ca_ceremony_crl(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_ceremony_verify(cli, opts, args, n):
 * Verify the transcript args[0], and the files of its folder by it.
 */
int ca_ceremony_verify(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
