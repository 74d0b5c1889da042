/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_CHECK_TILES_H
#define AUDIT_CHECK_TILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The hashes of a log's leaves, believed because they lead to a signed root. */
struct audit_check_tiles;
struct audit_source;
struct fault;
struct merkle_hash;
struct merkle_head;

/**
 * audit_check_tiles_new(source, head, fault, ret):
 * Check that the right edge of the tiles gives the root of ${head}.
 * ERR_STATE_INTEGRITY with ${fault}, ERR_SYS codes.
 */
MUST_CHECK int audit_check_tiles_new(const struct audit_source *source,
    const struct merkle_head *head, struct fault *fault,
    struct audit_check_tiles **ret);

/** audit_check_tiles_free(t): Free; NULL is allowed. */
void audit_check_tiles_free(struct audit_check_tiles *t);

/**
 * audit_check_tiles_leaf(t, index, fault, ret):
 * Get the hash of leaf ${index}, which must be below the head's size, from a
 * tile that was checked up to the root.  ERR_STATE_INTEGRITY with ${fault}
 * naming the tile and its records, ERR_SYS codes.
 */
MUST_CHECK int audit_check_tiles_leaf(struct audit_check_tiles *t,
    uint64_t index, struct fault *fault, struct merkle_hash *ret);

/**
 * audit_check_leaf_hash(line, len, ret):
 * The hash of a record.
 */
void audit_check_leaf_hash(
    const char *line, size_t len, struct merkle_hash *ret);

#endif
