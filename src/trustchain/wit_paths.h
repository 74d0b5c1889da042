/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_PATHS_H
#define TRUSTCHAIN_WIT_PATHS_H

#include "base/err.h"

/*
 * Where a witness keeps what: the head it stands by, as the log signed it, in
 * <state_dir>/logs/<SHA-256 of the origin, hex>.  That hash is also the log's
 * name in URLs.
 */
#define WIT_PATHS_MAX 4096
#define WIT_PATHS_HASH_MAX 65

/**
 * wit_paths_hash(origin, ret):
 * Write the origin's hash in lower-case hex.
 */
void wit_paths_hash(const char *origin, char ret[WIT_PATHS_HASH_MAX]);

/**
 * wit_paths_head(state_dir, origin, ret):
 * Write the path of the stored head.  ERR_SYS_LIMIT if it is too long.
 */
MUST_CHECK int wit_paths_head(
    const char *state_dir, const char *origin, char ret[WIT_PATHS_MAX]);

#endif
