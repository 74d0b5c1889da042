/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/guard.h"

#include <stdlib.h>

#include "keys/guard_internal.h"
#include "store/disk.h"
#include "store/file.h"

static int
file_read(void *ctx, uint64_t *ret)
{
	const struct keys_guard_file *g = ctx;
	uint8_t *data;
	size_t len;
	int rc;

	rc = store_file_load(g->path, KEYS_GUARD_LEN, &data, &len);
	if (rc != 0)
		return rc == ERR_SYS_LIMIT ? ERR_SYS_CORRUPT : rc;
	rc = keys_guard_parse(data, len, ret);
	free(data);
	return rc;
}

static int
file_advance(void *ctx, uint64_t to)
{
	const struct keys_guard_file *g = ctx;
	uint8_t data[KEYS_GUARD_LEN];

	keys_guard_encode(to, data);
	return store_disk_replace(
	    g->disk, g->path, data, sizeof(data), 0600, "keys.guard");
}

struct keys_guard
keys_guard_file_hook(struct keys_guard_file *g)
{
	return (struct keys_guard){ file_read, file_advance, g };
}
