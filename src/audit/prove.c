/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/prove.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merkle/tile.h"
#include "store/file.h"

static int
get_tile(
    void *ctx, const struct merkle_tile *tile, uint8_t ret[MERKLE_TILE_BYTES])
{
	size_t len, want = (size_t)tile->width * MERKLE_HASH_LEN;
	char name[MERKLE_TILE_PATH_MAX], path[PATH_MAX];
	uint8_t *data;
	int n, rc;

	merkle_tile_path(tile, name);
	n = snprintf(path, sizeof(path), "%s/%s", (const char *)ctx, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_SYS_LIMIT;
	if ((rc = store_file_load(path, want, &data, &len)) != 0)
		return rc;
	if (len == want)
		memcpy(ret, data, want);
	free(data);
	return len == want ? 0 : ERR_PEER_TRUNCATED;
}

int
audit_prove_leaf(const char *tiles, const struct merkle_head *head,
    uint64_t index, const struct merkle_hash *leaf)
{
	struct merkle_tile_source source = { get_tile, (void *)(uintptr_t)tiles,
		head->size };
	struct merkle_reader reader = merkle_tile_reader(&source);
	struct merkle_proof proof;
	int rc;

	rc = merkle_proof_inclusion(&reader, index, head->size, &proof);
	if (rc != 0)
		return rc;
	return merkle_proof_verify_inclusion(leaf, index, head, &proof);
}
