/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include <stdint.h>

#include "base/err.h"

struct merkle_hash;
struct merkle_head;

/**
 * audit_prove_leaf(tiles, head, index, leaf):
 * Build the inclusion proof of leaf ${index} from the tile files under
 * ${tiles} and verify it against ${head}.  ERR_PEER_PROOF, or the error of a
 * tile that cannot be read.
 */
MUST_CHECK int audit_prove_leaf(const char *tiles,
    const struct merkle_head *head, uint64_t index,
    const struct merkle_hash *leaf);

#endif
