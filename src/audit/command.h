/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_COMMAND_H
#define AUDIT_COMMAND_H

/**
 * audit_command_verify(argc, argv):
 * The command "audit-verify --log F --tiles DIR --vkey K [--event-id ID]" of
 * every program that has one.  Prints one line; returns the exit code: 0
 * verified, 1 failed, 2 usage, 5 integrity violation.
 */
int audit_command_verify(int argc, char **argv);

#endif
