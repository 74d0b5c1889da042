/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_DAEMON_H
#define OPS_DAEMON_H

#include "base/err.h"
#include "base/fault.h"

/**
 * ops_daemon_notify(state):
 * Tell the service manager ("READY=1", "STOPPING=1", "RELOADING=1"), as
 * sd_notify(3) does; nothing happens outside systemd.
 */
void ops_daemon_notify(const char *state);

/**
 * ops_daemon_mkdirs(path, mode, f):
 * Make ${path} and its missing parents (parents 0755, the last ${mode}).
 */
MUST_CHECK int ops_daemon_mkdirs(
    const char *path, unsigned mode, struct fault *f);

#endif
