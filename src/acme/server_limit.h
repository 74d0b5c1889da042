/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_SERVER_LIMIT_H
#define ACME_SERVER_LIMIT_H

#include <stdint.h>

struct acme_limit_state;
struct acme_server;

/**
 * acme_server_limit_window(kind):
 * Return how long a window of a limit is, in milliseconds.
 */
int64_t acme_server_limit_window(int kind);

/**
 * acme_server_restore(s, kind, key, state):
 * Set a counter to what it was before a restart; other kinds are ignored.
 */
void acme_server_restore(struct acme_server *s, int64_t kind, const char *key,
    const struct acme_limit_state *state);

#endif
