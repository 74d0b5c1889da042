/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_RETIRE_H
#define TRUSTCHAIN_BAK_RETIRE_H

#include "base/err.h"
#include "base/fault.h"

/*
 * A log that was restored behind its witnesses never signs again (identity.md
 * section 16, R22): it would sign other heads of the sizes that they have
 * cosigned.
 */
struct ct_config;
struct store_disk;

/**
 * bak_retire_behind(config, state, disk, f):
 * Ask the witnesses of ${config} for their heads of each shard in the folder
 * ${state}, retire those whose head is larger than, or another one than, what
 * is there, and say so.  A witness that does not answer is named, and asked
 * again by the log when it starts.  ERR_SYS_*.
 */
MUST_CHECK int bak_retire_behind(const struct ct_config *config,
    const char *state, struct store_disk *disk, struct fault *f);

#endif
