/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_EVIDENCE_INTERNAL_H
#define MERKLE_EVIDENCE_INTERNAL_H

#include "merkle/evidence.h"

struct merkle_note;

/**
 * merkle_evidence_signed(type, note, key):
 * Check the signature or cosignature that ${type} is about.
 * ERR_PEER_SIGNATURE, ERR_PEER_MISMATCH if a log's key is not that of the
 * origin, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int merkle_evidence_signed(enum merkle_evidence_type type,
    const struct merkle_note *note, const struct merkle_vkey *key);

#endif
