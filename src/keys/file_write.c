/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/buf.h"
#include "keys/file_internal.h"
#include "store/disk.h"

#define MODE 0600

int
keys_file_write_new(struct store_disk *disk, const char *path, const void *data,
    size_t len, struct fault *f)
{
	int rc;

	if (access(path, F_OK) == 0)
		return base_fault_set(
		    f, ERR_STATE_EXISTS, "%s: exists already", path);
	rc = store_disk_replace(disk, path, data, len, MODE, "keys.file");
	if (rc != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	return 0;
}

int
keys_file_replace(struct store_disk *disk, const char *path,
    const struct buf *data, const char *name, struct fault *f)
{
	int rc;

	rc = store_disk_replace(disk, path, data->data, data->len, MODE, name);
	if (rc != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	return 0;
}
