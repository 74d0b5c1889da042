/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CONTROL_INTERNAL_H
#define OPS_CONTROL_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

/**
 * ops_control_listen(path, ret_fd, f):
 * Open the listening socket at ${path} with mode 0600.  ERR_STATE_EXISTS when
 * a daemon answers there already, ERR_SYS_*.
 */
MUST_CHECK int ops_control_listen(
    const char *path, int *ret_fd, struct fault *f);

#endif
