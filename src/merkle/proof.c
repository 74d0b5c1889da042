/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/proof.h"

#include "base/assert.h"

/* The largest power of two below n, for n >= 2: where RFC 6962 splits a tree
 * (k < n <= 2k). */
static unsigned
split_level(uint64_t n)
{
	return 63u - (unsigned)__builtin_clzll(n - 1);
}

/*
 * Root of the leaves [start, end) where start is a multiple of the smallest
 * power of two >= end - start, as every subtree in the RFC's recursion is.
 */
static int
range_root(const struct merkle_reader *reader, uint64_t start, uint64_t end,
    struct merkle_hash *ret)
{
	struct merkle_hash part[MERKLE_LEVELS_MAX];
	uint64_t n = end - start, pos = start;
	unsigned count = 0;
	int level, rc;

	TROTH_ASSERT(n > 0);
	for (level = 62; level >= 0; level--) {
		if (((n >> level) & 1) == 0)
			continue;
		rc = reader->node(
		    reader->ctx, (unsigned)level, pos >> level, &part[count]);
		if (rc != 0)
			return rc;
		count++;
		pos += (uint64_t)1 << level;
	}
	while (count > 1) {
		merkle_tree_node(
		    &part[count - 2], &part[count - 1], &part[count - 2]);
		count--;
	}
	*ret = part[0];
	return 0;
}

int
merkle_proof_root(
    const struct merkle_reader *reader, uint64_t size, struct merkle_hash *ret)
{
	if (size == 0) {
		merkle_tree_empty(ret);
		return 0;
	}
	return range_root(reader, 0, size, ret);
}

int
merkle_proof_edge(
    const struct merkle_reader *reader, uint64_t size, struct merkle_edge *ret)
{
	struct merkle_edge edge;
	uint64_t pos = 0;
	int level, rc;

	merkle_edge_init(&edge);
	edge.size = size;
	for (level = MERKLE_LEVELS_MAX - 1; level >= 0; level--) {
		if (((size >> level) & 1) == 0)
			continue;
		rc = reader->node(reader->ctx, (unsigned)level, pos >> level,
		    &edge.node[level]);
		if (rc != 0)
			return rc;
		pos += (uint64_t)1 << level;
	}
	*ret = edge;
	return 0;
}

static void
reverse(struct merkle_proof *proof)
{
	struct merkle_hash t;
	size_t i;

	for (i = 0; i < proof->count / 2; i++) {
		t = proof->hash[i];
		proof->hash[i] = proof->hash[proof->count - 1 - i];
		proof->hash[proof->count - 1 - i] = t;
	}
}

int
merkle_proof_inclusion(const struct merkle_reader *reader, uint64_t index,
    uint64_t size, struct merkle_proof *ret)
{
	uint64_t start = 0, end = size, mid;
	int rc;

	ret->count = 0;
	if (index >= size)
		return ERR_STATE_NOT_FOUND;
	/* RFC 6962 section 2.1.1, from the root down; the path is listed from
	 * the leaf up. */
	while (end - start > 1) {
		mid = start + ((uint64_t)1 << split_level(end - start));
		TROTH_ASSERT(ret->count < MERKLE_PROOF_MAX);
		if (index < mid) {
			rc = range_root(
			    reader, mid, end, &ret->hash[ret->count]);
			end = mid;
		} else {
			rc = range_root(
			    reader, start, mid, &ret->hash[ret->count]);
			start = mid;
		}
		if (rc != 0)
			return rc;
		ret->count++;
	}
	reverse(ret);
	return 0;
}

int
merkle_proof_consistency(const struct merkle_reader *reader, uint64_t old_size,
    uint64_t new_size, struct merkle_proof *ret)
{
	uint64_t start = 0, end = new_size, mid;
	int rc;

	ret->count = 0;
	if (old_size > new_size)
		return ERR_STATE_NOT_FOUND;
	if (old_size == 0 || old_size == new_size)
		return 0;
	/* RFC 6962 section 2.1.2: walk down to the node that ends where the
	 * old tree ends. */
	while (end != old_size) {
		mid = start + ((uint64_t)1 << split_level(end - start));
		TROTH_ASSERT(ret->count < MERKLE_PROOF_MAX - 1);
		if (old_size <= mid) {
			rc = range_root(
			    reader, mid, end, &ret->hash[ret->count]);
			end = mid;
		} else {
			rc = range_root(
			    reader, start, mid, &ret->hash[ret->count]);
			start = mid;
		}
		if (rc != 0)
			return rc;
		ret->count++;
	}
	/* If that node is the whole old tree, its root is known. */
	if (start != 0) {
		rc = range_root(reader, start, end, &ret->hash[ret->count]);
		if (rc != 0)
			return rc;
		ret->count++;
	}
	reverse(ret);
	return 0;
}

int
merkle_proof_inclusion_root(const struct merkle_hash *leaf, uint64_t index,
    uint64_t size, const struct merkle_proof *proof, struct merkle_hash *ret)
{
	uint64_t fn = index, sn = size - 1;
	struct merkle_hash r = *leaf;
	size_t i;

	if (index >= size || proof->count > MERKLE_PROOF_MAX)
		return ERR_PEER_PROOF;
	/* RFC 9162 section 2.1.3.2. */
	for (i = 0; i < proof->count; i++) {
		if (sn == 0)
			return ERR_PEER_PROOF;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_tree_node(&proof->hash[i], &r, &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_tree_node(&r, &proof->hash[i], &r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return ERR_PEER_PROOF;
	*ret = r;
	return 0;
}

int
merkle_proof_verify_inclusion(const struct merkle_hash *leaf, uint64_t index,
    const struct merkle_head *head, const struct merkle_proof *proof)
{
	struct merkle_hash root;
	int rc;

	rc = merkle_proof_inclusion_root(leaf, index, head->size, proof, &root);
	if (rc != 0)
		return rc;
	return merkle_tree_equal(&root, &head->root) ? 0 : ERR_PEER_PROOF;
}

/* RFC 9162 section 2.1.4.2, steps 3 to 6, for 0 < m < n. */
static int
consistency_walk(uint64_t m, uint64_t n, const struct merkle_hash *old_root,
    const struct merkle_proof *proof, struct merkle_head *fr_sr)
{
	uint64_t fn = m - 1, sn = n - 1;
	struct merkle_hash fr, sr;
	const struct merkle_hash *c;
	size_t i = 0;

	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	/* A power of two: the proof leaves out the old root itself. */
	fr = sr = (m & (m - 1)) == 0 ? *old_root : proof->hash[i++];
	for (; i < proof->count; i++) {
		c = &proof->hash[i];
		if (sn == 0)
			return ERR_PEER_PROOF;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_tree_node(c, &fr, &fr);
			merkle_tree_node(c, &sr, &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_tree_node(&sr, c, &sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return ERR_PEER_PROOF;
	fr_sr[0].root = fr;
	fr_sr[1].root = sr;
	return 0;
}

int
merkle_proof_verify_consistency(const struct merkle_head *old_head,
    const struct merkle_head *new_head, const struct merkle_proof *proof)
{
	struct merkle_head got[2];
	struct merkle_hash empty;
	int rc;

	if (proof->count > MERKLE_PROOF_MAX || old_head->size > new_head->size)
		return ERR_PEER_PROOF;
	if (old_head->size == 0) {
		merkle_tree_empty(&empty);
		return proof->count == 0 &&
			       merkle_tree_equal(&old_head->root, &empty) &&
			       (new_head->size != 0 ||
				   merkle_tree_equal(&new_head->root, &empty))
			   ? 0
			   : ERR_PEER_PROOF;
	}
	if (old_head->size == new_head->size)
		return proof->count == 0 && merkle_tree_equal(&old_head->root,
						&new_head->root)
			   ? 0
			   : ERR_PEER_PROOF;
	if (proof->count == 0)
		return ERR_PEER_PROOF;
	rc = consistency_walk(
	    old_head->size, new_head->size, &old_head->root, proof, got);
	if (rc != 0)
		return rc;
	return merkle_tree_equal(&got[0].root, &old_head->root) &&
		       merkle_tree_equal(&got[1].root, &new_head->root)
		   ? 0
		   : ERR_PEER_PROOF;
}
