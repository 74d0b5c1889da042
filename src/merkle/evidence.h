/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_EVIDENCE_H
#define MERKLE_EVIDENCE_H

#include "base/err.h"
#include "merkle/types.h"

/*
 * Proof, for anyone who has the public key, that a log or a witness broke its
 * word.  ${a} and ${b} are signed checkpoints of one origin.
 *
 *	EQUIVOCATION	the log signed two roots for one size
 *	FORK		the log signed sizes m < n, and the tree of n has
 *			another root at m than signed: proof.hash[0]; the rest
 *			is its consistency proof to n (RFC 6962 section 2.1.2)
 *	BAD_COSIGNATURE	one witness cosigned such a pair
 */
struct merkle_vkey;

enum merkle_evidence_type {
	MERKLE_EVIDENCE_EQUIVOCATION,
	MERKLE_EVIDENCE_FORK,
	MERKLE_EVIDENCE_BAD_COSIGNATURE,
};

struct merkle_evidence {
	enum merkle_evidence_type type;
	const char *a, *b;
	size_t a_len, b_len;
	struct merkle_proof proof;
};

/**
 * merkle_evidence_verify(e, key):
 * Check, offline, that ${e} proves its type against the holder of ${key}: the
 * log's Ed25519 key, or for BAD_COSIGNATURE a witness's.  ERR_PEER_PROOF if
 * the heads do not contradict each other; a PEER code if one of them is not
 * signed by ${key} or no checkpoint.
 */
MUST_CHECK int merkle_evidence_verify(
    const struct merkle_evidence *e, const struct merkle_vkey *key);

#endif
