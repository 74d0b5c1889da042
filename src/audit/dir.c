/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/dir.h"

#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "store/disk.h"
#include "store/file.h"

static int
path_of(const struct audit_dir *d, const char *name, char path[PATH_MAX])
{
	return base_str_format(path, PATH_MAX, "%s/%s", d->path, name);
}

int
audit_dir_open(const struct audit_dir *d, struct store_file **ret_log)
{
	struct store_file *log;
	char path[PATH_MAX];
	int rc;

	rc = path_of(d, "audit.log", path);
	if (rc == 0)
		rc = store_disk_mkdirs(d->disk, d->path, 0750, "audit.mkdir");
	if (rc == 0)
		rc = store_file_open(d->disk, path, O_CREAT, 0640, &log);
	if (rc != 0)
		return rc;
	rc = store_disk_sync_dir(d->disk, d->path, "audit.dir");
	if (rc != 0)
		store_file_close(log);
	else
		*ret_log = log;
	return rc;
}

int
audit_dir_tile(const struct audit_dir *d, const char *name, const uint8_t *data,
    size_t len)
{
	char path[PATH_MAX], parent[PATH_MAX];
	int rc;

	rc = path_of(d, name, path);
	if (rc == 0)
		rc = base_str_copy(parent, sizeof(parent), path);
	if (rc == 0)
		rc = store_disk_mkdirs(
		    d->disk, dirname(parent), 0750, "audit.tile.mkdir");
	if (rc == 0)
		rc = store_disk_replace(
		    d->disk, path, data, len, 0640, "audit.tile");
	return rc;
}

int
audit_dir_checkpoint(const struct audit_dir *d, const char *note)
{
	char path[PATH_MAX];
	int rc;

	if ((rc = path_of(d, "checkpoint", path)) != 0)
		return rc;
	return store_disk_replace(
	    d->disk, path, note, strlen(note), 0644, "audit.checkpoint");
}

int
audit_dir_torn(
    const struct audit_dir *d, uint64_t offset, const char *data, size_t len)
{
	char path[PATH_MAX];
	int rc;

	rc = base_str_format(
	    path, sizeof(path), "%s/audit.log.torn-%" PRIu64, d->path, offset);
	if (rc != 0)
		return rc;
	return store_disk_replace(d->disk, path, data, len, 0640, "audit.torn");
}
