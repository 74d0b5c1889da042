/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_PROOF_H
#define MERKLE_PROOF_H

#include "base/err.h"
#include "merkle/tree.h"

/*
 * Where proofs get complete-subtree hashes from: node() stores the hash of
 * node (level, index) or returns an error code, which the proof function then
 * returns.  It is only asked for nodes inside the tree named by the caller.
 */
struct merkle_reader {
	int (*node)(
	    void *ctx, unsigned level, uint64_t index, struct merkle_hash *ret);
	void *ctx;
};

/**
 * merkle_proof_root(reader, size, ret):
 * The root of the first ${size} leaves (RFC 6962 section 2.1).
 */
MUST_CHECK int merkle_proof_root(
    const struct merkle_reader *reader, uint64_t size, struct merkle_hash *ret);

/**
 * merkle_proof_edge(reader, size, ret):
 * The right edge of the tree of the first ${size} leaves.
 */
MUST_CHECK int merkle_proof_edge(
    const struct merkle_reader *reader, uint64_t size, struct merkle_edge *ret);

/**
 * merkle_proof_inclusion(reader, index, size, ret):
 * The audit path of leaf ${index} in the tree of ${size} leaves (RFC 6962
 * section 2.1.1).  ERR_STATE_NOT_FOUND if ${index} >= ${size}.
 */
MUST_CHECK int merkle_proof_inclusion(const struct merkle_reader *reader,
    uint64_t index, uint64_t size, struct merkle_proof *ret);

/**
 * merkle_proof_consistency(reader, old_size, new_size, ret):
 * The consistency proof between two sizes (RFC 6962 section 2.1.2), empty if
 * they are equal or ${old_size} is 0.  ERR_STATE_NOT_FOUND if ${old_size} >
 * ${new_size}.
 */
MUST_CHECK int merkle_proof_consistency(const struct merkle_reader *reader,
    uint64_t old_size, uint64_t new_size, struct merkle_proof *ret);

/**
 * merkle_proof_inclusion_root(leaf, index, size, proof, ret):
 * Compute the root that ${proof} yields for leaf hash ${leaf} at ${index}
 * (RFC 9162 section 2.1.3.2).  ERR_PEER_PROOF if ${index} >= ${size} or the
 * proof has the wrong length.
 */
MUST_CHECK int merkle_proof_inclusion_root(const struct merkle_hash *leaf,
    uint64_t index, uint64_t size, const struct merkle_proof *proof,
    struct merkle_hash *ret);

/**
 * merkle_proof_verify_inclusion(leaf, index, head, proof):
 * Check that ${leaf} is leaf ${index} of the tree ${head}.  ERR_PEER_PROOF if
 * not.
 */
MUST_CHECK int merkle_proof_verify_inclusion(const struct merkle_hash *leaf,
    uint64_t index, const struct merkle_head *head,
    const struct merkle_proof *proof);

/**
 * merkle_proof_verify_consistency(old_head, new_head, proof):
 * Check that the tree ${old_head} is a prefix of the tree ${new_head} (RFC
 * 9162 section 2.1.4.2).  The empty tree is a prefix of every tree, with an
 * empty proof.  ERR_PEER_PROOF if not.
 */
MUST_CHECK int merkle_proof_verify_consistency(
    const struct merkle_head *old_head, const struct merkle_head *new_head,
    const struct merkle_proof *proof);

#endif
