/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Only what merkle_tile_path() writes parses. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char path[MERKLE_TILE_PATH_MAX];
	struct merkle_tile t;

	if (merkle_tile_parse((const char *)data, len, &t) != 0)
		return 0;
	TROTH_ASSERT(t.width >= 1 && t.width <= MERKLE_TILE_WIDTH);
	merkle_tile_path(&t, path);
	TROTH_ASSERT(strlen(path) == len);
	TROTH_ASSERT(memcmp(path, data, len) == 0);
	return 0;
}
