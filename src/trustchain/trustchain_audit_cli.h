/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_AUDIT_CLI_H
#define TRUSTCHAIN_AUDIT_CLI_H

#include "ops/cli.h"

/*
 * The command "audit verify" of trustchain-ca and trustchain-ct: judge the
 * audit log from its files, while the daemon runs or not.
 */
struct trustchain_audit_cli {
	const char *dir;   /* NULL: that of the configuration */
	const char *vkey;  /* NULL: the one in the folder */
	const char *event; /* NULL: none */
};

extern const struct ops_cli_option trustchain_audit_cli_options[];

/**
 * trustchain_audit_cli_verify(opts, dir):
 * Verify the log of the folder ${dir} and print what holds.  Returns the exit
 * code: 5 for a log that is not what was signed.
 */
int trustchain_audit_cli_verify(
    const struct trustchain_audit_cli *opts, const char *dir);

#endif
