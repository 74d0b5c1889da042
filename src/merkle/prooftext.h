/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_PROOFTEXT_H
#define MERKLE_PROOFTEXT_H

#include "base/err.h"
#include "merkle/types.h"

struct cursor;

/**
 * merkle_prooftext_parse(c, max, ret):
 * Read a proof as text, one hash in base64 on each line, and the empty line
 * that ends it: C2SP tlog-proof and tlog-witness.  ERR_PEER_MALFORMED, also
 * for more than ${max} hashes (at most MERKLE_PROOF_MAX).
 */
MUST_CHECK int merkle_prooftext_parse(
    struct cursor *c, size_t max, struct merkle_proof *ret);

#endif
