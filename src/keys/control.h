/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_CONTROL_H
#define KEYS_CONTROL_H

#include "base/err.h"

/*
 * Main's side of its control socket to the supervisor.  SIGTERM reaches main
 * as a signal, forwarded by the supervisor; what comes here is the socket to a
 * new key process, which is given to the keys_client, and on SIGHUP the open
 * configuration file.
 */
struct keys_client;
struct keys_control;
struct loop;

/**
 * keys_control_new(l, fd, client, ret):
 * Watch the control socket ${fd} (KEYS_ROLE_CONTROL_FD), handing each new key
 * process to ${client}.  ${fd} belongs to the result.  ERR_SYS_NOMEM,
 * ERR_SYS_OS.
 */
MUST_CHECK int keys_control_new(struct loop *l, int fd,
    struct keys_client *client, struct keys_control **ret);

/**
 * keys_control_free(c):
 * Stop watching, close and free.  NULL is allowed.
 */
void keys_control_free(struct keys_control *c);

/**
 * keys_control_on_replaced(c, fn, ctx):
 * Call ${fn}(${ctx}) whenever requests begin to go to a new key process, which
 * has been loaded with the files of a moment ago.
 */
void keys_control_on_replaced(
    struct keys_control *c, void (*fn)(void *ctx), void *ctx);

/**
 * keys_control_on_config(c, fn, ctx):
 * Call ${fn}(${ctx}, fd) when the configuration is to be read anew, from
 * ${fd}, which is closed afterwards.
 */
void keys_control_on_config(
    struct keys_control *c, void (*fn)(void *ctx, int fd), void *ctx);

/**
 * keys_control_reload(c):
 * Ask the supervisor to replace the key process, because files it is loaded
 * from have changed (a new shard, a new log list).  ERR_SYS_OS.
 */
MUST_CHECK int keys_control_reload(struct keys_control *c);

#endif
