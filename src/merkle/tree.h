/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TREE_H
#define MERKLE_TREE_H

#include "merkle/types.h"

/*
 * The RFC 6962 section 2.1 Merkle tree over SHA-256.  A node is named by its
 * level and its index: node (l, i) is the root of the complete subtree over
 * the leaves [i * 2^l, (i + 1) * 2^l).
 */
/*
 * The right edge of a tree: the roots of the complete subtrees that its
 * leaves divide into, one for each 1 bit of size; node[l] is meaningful iff
 * bit l of size is set.  Enough to append leaves and to compute the root.
 */
struct merkle_edge {
	uint64_t size;
	struct merkle_hash node[MERKLE_LEVELS_MAX];
};

/**
 * merkle_tree_leaf(data, len, ret):
 * Hash a leaf: SHA-256(0x00 || data).
 */
void merkle_tree_leaf(const uint8_t *data, size_t len, struct merkle_hash *ret);

/**
 * merkle_tree_node(left, right, ret):
 * Hash an inner node: SHA-256(0x01 || left || right).  ${ret} may be one of
 * the inputs.
 */
void merkle_tree_node(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret);

/**
 * merkle_tree_empty(ret):
 * The root of the tree without leaves: SHA-256 of nothing.
 */
void merkle_tree_empty(struct merkle_hash *ret);

/**
 * merkle_tree_equal(a, b):
 * Return 1 if the hashes are equal, else 0.
 */
int merkle_tree_equal(const struct merkle_hash *a, const struct merkle_hash *b);

/**
 * merkle_edge_init(edge):
 * Make ${edge} the right edge of the empty tree.
 */
void merkle_edge_init(struct merkle_edge *edge);

/**
 * merkle_edge_append(edge, leaf):
 * Append one leaf hash.  The size must be below 2^62.
 */
void merkle_edge_append(
    struct merkle_edge *edge, const struct merkle_hash *leaf);

/**
 * merkle_edge_root(edge, ret):
 * Compute the root hash of the whole tree.
 */
void merkle_edge_root(const struct merkle_edge *edge, struct merkle_hash *ret);

#endif
