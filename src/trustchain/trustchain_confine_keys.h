/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CONFINE_KEYS_H
#define TRUSTCHAIN_CONFINE_KEYS_H

#include "base/err.h"
#include "base/fault.h"

struct buf;

/**
 * trustchain_confine_keys(ctx, bundle, f):
 * For keys/process.h: confine a key process.  One whose bundle names a device
 * may read the system's libraries and the device's module and use the paths
 * that the configuration lists for it; the other may open nothing.
 * ERR_SYS_OS, ERR_SYS_LIMIT, ERR_PEER_MALFORMED.
 */
MUST_CHECK int trustchain_confine_keys(
    void *ctx, const struct buf *bundle, struct fault *f);

#endif
