/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "trustchain/ct_leaf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A TileLeaf that parses is encoded back to the same octets. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ct_leaf leaf;
	struct buf out;
	size_t n;

	if (ct_leaf_parse(data, len, &leaf, &n) != 0)
		return 0;
	TROTH_ASSERT(n <= len);
	base_buf_init(&out, 1 << 26);
	TROTH_ASSERT(ct_leaf_encode(&leaf, &out) == 0);
	TROTH_ASSERT(out.len == n);
	TROTH_ASSERT(memcmp(out.data, data, n) == 0);
	base_buf_free(&out);
	return 0;
}
