/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_ROLE_H
#define KEYS_ROLE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A daemon is three processes of one program.  The one that a person or
 * systemd starts is the supervisor; it executes itself, through
 * /proc/self/exe, with "--role=keys" or "--role=main" as first argument and
 * then its own arguments, and with these descriptors:
 */
#define KEYS_ROLE_CONTROL_FD 3 /* SOCK_SEQPACKET to the supervisor */
#define KEYS_ROLE_PEER_FD 4    /* SOCK_SEQPACKET between main and keys */
#define KEYS_ROLE_BUNDLE_FD 5  /* pipe from the supervisor, keys only */
#define KEYS_ROLE_TOKEN_FD 5   /* main only: to the keys on devices, if any */

enum keys_role { KEYS_ROLE_SUPERVISOR, KEYS_ROLE_KEYS, KEYS_ROLE_MAIN };

/**
 * keys_role_parse(argc, argv):
 * Return the role that argv[1] names and remove that argument; the
 * supervisor's without one.  To be called first in main().
 */
enum keys_role keys_role_parse(int *argc, char **argv);

/**
 * keys_role_enter(role, f):
 * Become a child in ${role}: check that the supervisor started this process
 * (the control socket's peer is the parent), die with it, be neither dumpable
 * nor traceable, and close every descriptor beyond those above.
 * ERR_STATE_REFUSED when started by anything else.
 */
MUST_CHECK int keys_role_enter(enum keys_role role, struct fault *f);

/**
 * keys_role_has_tokens():
 * For main, after keys_role_enter: whether there is KEYS_ROLE_TOKEN_FD.
 */
bool keys_role_has_tokens(void);

#endif
