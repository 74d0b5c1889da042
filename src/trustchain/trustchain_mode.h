/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_MODE_H
#define TRUSTCHAIN_MODE_H

#include <stdbool.h>

/*
 * trustchain-server --mode=ca|ct|dns (identity.md section 2): a link to
 * trustchain-ca that becomes the daemon of that mode.
 */

/**
 * trustchain_mode_wanted(argv0):
 * Return whether the program was started under that name.
 */
bool trustchain_mode_wanted(const char *argv0);

/**
 * trustchain_mode_exec(argc, argv):
 * Execute `PROGRAM serve ARGUMENT...' from the folder of this program, with
 * all arguments but --mode.  Return the exit code when that is not possible.
 */
int trustchain_mode_exec(int argc, char **argv);

#endif
