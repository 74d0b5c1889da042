/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SPAWN_INTERNAL_H
#define KEYS_SPAWN_INTERNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "keys/max.h"

/* A child of the supervisor; pid 0 and fds -1 when there is none. */
struct keys_child {
	pid_t pid;
	int control; /* our end */
	int bundle;  /* keys only: where the bundle is written */
	int peer;    /* keys only: main's end of the line to it */
};

/* How to start one. */
struct keys_spawn {
	bool keys; /* else main */
	char **argv;
	const char *user; /* NULL: stay who we are */
	int peer_fd[KEYS_PROCESSES]; /* main's ends of the lines; or -1 */
};

/**
 * keys_spawn_child(s, ret):
 * Execute this program again in a role (keys/role.h).  ERR_SYS_OS,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_spawn_child(
    const struct keys_spawn *s, struct keys_child *ret);

/** keys_spawn_user_known(user): whether we are root and there is one. */
bool keys_spawn_user_known(const char *user);

/** keys_spawn_forget(c): close the supervisor's ends, make ${c} empty. */
void keys_spawn_forget(struct keys_child *c);

#endif
