/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/check_tiles_internal.h"
#include "audit/export_internal.h"
#include "merkle/tile.h"

static int
one_tile(const struct audit_source *source, int fd, uint64_t size,
    uint8_t level, uint64_t index)
{
	uint8_t bytes[MERKLE_TILE_BYTES];
	char name[MERKLE_TILE_PATH_MAX];
	struct merkle_tile tile;
	size_t len, want;
	int rc;

	if ((rc = merkle_tile_at(level, index, size, &tile)) != 0)
		return rc;
	want = (size_t)tile.width * MERKLE_HASH_LEN;
	merkle_tile_path(&tile, name);
	rc = audit_check_tiles_load(source, name, bytes, want, &len);
	if (rc == 0 && len != want)
		rc = ERR_PEER_TRUNCATED;
	return rc == 0 ? audit_export_small(fd, name, bytes, len) : rc;
}

int
audit_export_tiles(const struct audit_source *source, int fd, uint64_t size,
    uint64_t from, uint64_t to)
{
	uint64_t i, last, edge;
	unsigned int bits;
	uint8_t level;
	int rc = 0;

	for (level = 0; level <= MERKLE_TILE_LEVEL_MAX; level++) {
		bits = 8 * level;
		if (size >> bits == 0)
			break;
		/* The last tile, if it is not full, is part of the edge. */
		edge = size >> (bits + 8);
		i = from >> (bits + 8);
		last = (to - 1) >> (bits + 8);
		for (; rc == 0 && i <= last && i < edge; i++)
			rc = one_tile(source, fd, size, level, i);
		if (rc == 0 && ((size >> bits) & 0xff) != 0)
			rc = one_tile(source, fd, size, level, edge);
		if (rc != 0)
			return rc;
	}
	return 0;
}
