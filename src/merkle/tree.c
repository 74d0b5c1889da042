/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/tree.h"

#include <string.h>

#include "base/assert.h"
#include "crypto/sha2.h"

void
merkle_tree_leaf(const uint8_t *data, size_t len, struct merkle_hash *ret)
{
	struct crypto_sha2 ctx;
	const uint8_t prefix = 0x00;

	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, &prefix, 1);
	crypto_sha2_update(&ctx, data, len);
	crypto_sha2_final(&ctx, ret->b);
}

void
merkle_tree_node(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret)
{
	uint8_t in[1 + 2 * MERKLE_HASH_LEN];

	in[0] = 0x01;
	memcpy(in + 1, left->b, MERKLE_HASH_LEN);
	memcpy(in + 1 + MERKLE_HASH_LEN, right->b, MERKLE_HASH_LEN);
	crypto_sha2_256(in, sizeof(in), ret->b);
}

void
merkle_tree_empty(struct merkle_hash *ret)
{
	crypto_sha2_256("", 0, ret->b);
}

int
merkle_tree_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	/* Tree hashes are public: no constant time is needed. */
	return memcmp(a->b, b->b, MERKLE_HASH_LEN) == 0;
}

void
merkle_edge_init(struct merkle_edge *edge)
{
	memset(edge, 0, sizeof(*edge));
}

void
merkle_edge_append(struct merkle_edge *edge, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	unsigned level = 0;

	TROTH_ASSERT(edge->size < ((uint64_t)1 << 62));
	/* Like adding 1 to a binary counter: each carry merges two equal
	 * subtrees. */
	while ((edge->size >> level) & 1) {
		merkle_tree_node(&edge->node[level], &h, &h);
		level++;
	}
	edge->node[level] = h;
	edge->size++;
}

void
merkle_edge_root(const struct merkle_edge *edge, struct merkle_hash *ret)
{
	struct merkle_hash h;
	unsigned level;
	int first = 1;

	if (edge->size == 0) {
		merkle_tree_empty(ret);
		return;
	}
	for (level = 0; level < MERKLE_LEVELS_MAX; level++) {
		if (((edge->size >> level) & 1) == 0)
			continue;
		if (first)
			h = edge->node[level];
		else
			merkle_tree_node(&edge->node[level], &h, &h);
		first = 0;
	}
	*ret = h;
}
