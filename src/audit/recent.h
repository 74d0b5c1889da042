/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_RECENT_H
#define AUDIT_RECENT_H

#include <stdint.h>

#include "base/err.h"

struct merkle_head;
struct merkle_vkey;

/* How much of the end of a log is searched. */
#define AUDIT_RECENT_MAX ((size_t)4 << 20)

/**
 * audit_recent_prove(dir, vkey, id, index, ret):
 * Prove from the files in ${dir} that the event ${id}, written a moment ago as
 * line ${index}, is in the log: that its line is in audit.log and is the leaf
 * under the checkpoint, which ${vkey} signed; ${ret} is its head.  Costs the
 * same for a log of any length.  ERR_STATE_PENDING when the checkpoint does not
 * cover it yet, ERR_STATE_NOT_FOUND without the line, ERR_PEER_* for a bad
 * signature or proof, ERR_SYS_*.
 */
MUST_CHECK int audit_recent_prove(const char *dir,
    const struct merkle_vkey *vkey, const char *id, uint64_t index,
    struct merkle_head *ret);

#endif
