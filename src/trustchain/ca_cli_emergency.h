/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CLI_EMERGENCY_H
#define TRUSTCHAIN_CA_CLI_EMERGENCY_H

#include <stdbool.h>

#include "ops/cli.h"

/*
 * The commands of trustchain-ca for halting and for emergencies (identity.md
 * section 8); each is the run function of a struct ops_cli_command, with its
 * options.
 */
struct ca_cli_emergency {
	const char *action, *scope, *reason, *ttl, *operation, *as, *key,
	    *pass_file, *out;
};

struct ca_cli_revoke_all {
	bool dry_run;
	const char *scope;
};

extern const struct ops_cli_option ca_cli_arm_options[];
extern const struct ops_cli_option ca_cli_approve_options[];
extern const struct ops_cli_option ca_cli_revoke_all_options[];

/**
 * ca_cli_arm(cli, opts, args, n):
 * Write a statement signed by one operator; needs no daemon.
 */
int ca_cli_arm(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_approve(cli, opts, args, n):
 * Sign the statement args[0] as the second operator, register it, and print
 * the token that performs it.
 */
int ca_cli_approve(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_emergency_show(cli, opts, args, n):
 * Show the statement in the file args[0] and who signed it, or, without one,
 * the operations that the daemon knows.
 */
int ca_cli_emergency_show(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_revoke_all(cli, opts, args, n):
 * Perform the operation of $EMERGENCY_TOKEN, or count what one would revoke.
 */
int ca_cli_revoke_all(
    const struct ops_cli *cli, const void *opts, char **args, int n);

/**
 * ca_cli_halt(cli, opts, args, n), ca_cli_resume(cli, opts, args, n):
 * Stop issuing; issue again, after the operation args[0] if there is one.
 */
int ca_cli_halt(
    const struct ops_cli *cli, const void *opts, char **args, int n);
/** ca_cli_resume: see ca_cli_halt. */
int ca_cli_resume(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
