/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PROOF_H
#define TRUSTCHAIN_CT_PROOF_H

#include "ops/cli.h"

/*
 * The command `proof verify FILE --cert FILE --vkey KEY': judge a C2SP
 * tlog-proof offline.  It trusts nothing but the verifier key.
 */
struct ct_proof_opts {
	const char *cert, *vkey, *min;
	struct ops_cli_values witnesses;
};

extern const struct ops_cli_option ct_proof_options[];

/**
 * ct_proof_verify(cli, opts, args, n):
 * args[0] is the proof.  --cert holds the certificate and then its issuer,
 * PEM; one of its SCTs must promise the leaf that the proof is for.  Prints
 * index and size; exit 5 when anything does not fit.
 */
int ct_proof_verify(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
