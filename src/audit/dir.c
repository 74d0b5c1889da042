/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "audit/dir_segment.h"
#include "base/str.h"
#include "store/disk.h"
#include "store/file.h"

static int
path_of(const struct audit_dir *d, const char *name, char path[PATH_MAX])
{
	return base_str_format(path, PATH_MAX, "%s/%s", d->path, name);
}

int
audit_dir_log_path(const char *dir, char path[PATH_MAX])
{
	return base_str_format(path, PATH_MAX, "%s/audit.log", dir);
}

int
audit_dir_open(struct audit_dir *d)
{
	char path[PATH_MAX];
	int rc;

	rc = path_of(d, "audit.log", path);
	if (rc == 0)
		rc = store_disk_mkdirs(d->disk, d->path, 0750, "audit.mkdir");
	if (rc == 0)
		rc = store_file_open(d->disk, path, O_CREAT, 0640, &d->log);
	if (rc == 0)
		rc = store_disk_sync_dir(d->disk, d->path, "audit.dir");
	return rc;
}

void
audit_dir_close(struct audit_dir *d)
{
	store_file_close(d->log);
	d->log = NULL;
}

int
audit_dir_append(struct audit_dir *d, const char *data, size_t len)
{
	int rc = store_file_append(d->log, data, len);

	if (rc != 0)
		return rc;
	/* Whatever a sync fails with, the lines may be there or not. */
	return store_file_sync(d->log, "audit.log") == 0 ? 0 : ERR_SYS_IO;
}

int
audit_dir_tiles_sync(struct audit_dir *d)
{
	char path[PATH_MAX];
	size_t i;
	int rc;

	for (i = 0; i < d->n_parts; i++) {
		if (!d->parts[i].unsynced)
			continue;
		rc = path_of(d, d->parts[i].name, path);
		if (rc == 0)
			rc = store_disk_sync_dir(
			    d->disk, path, "audit.tile.dir");
		if (rc != 0)
			return rc;
		d->parts[i].unsynced = false;
	}
	return 0;
}

/* The entry of a tile's directory, which is made if need be. */
static int
part_of(struct audit_dir *d, const char *tile, size_t *ret_part)
{
	char name[AUDIT_DIR_PART_MAX], path[PATH_MAX];
	size_t i;
	int rc;

	if ((rc = base_str_copy(name, sizeof(name), tile)) != 0)
		return rc;
	*strrchr(name, '/') = '\0';
	for (i = 0; i < d->n_parts; i++)
		if (strcmp(d->parts[i].name, name) == 0)
			break;
	*ret_part = i;
	if (i < d->n_parts)
		return 0;
	if (i == AUDIT_DIR_PARTS) {
		if ((rc = audit_dir_tiles_sync(d)) != 0)
			return rc;
		*ret_part = d->n_parts = 0;
	}
	rc = path_of(d, name, path);
	if (rc == 0)
		rc = store_disk_mkdirs(d->disk, path, 0750, "audit.tile.mkdir");
	if (rc == 0)
		rc = base_str_copy(
		    d->parts[*ret_part].name, AUDIT_DIR_PART_MAX, name);
	if (rc == 0)
		d->parts[d->n_parts++].unsynced = false;
	return rc;
}

int
audit_dir_tile(
    struct audit_dir *d, const char *name, const uint8_t *data, size_t len)
{
	char path[PATH_MAX];
	size_t part;
	int rc;

	if ((rc = path_of(d, name, path)) != 0 ||
	    (rc = part_of(d, name, &part)) != 0)
		return rc;
	d->parts[part].unsynced = true;
	return store_disk_place(d->disk, path, data, len, 0640, "audit.tile");
}

void
audit_dir_clear(struct audit_dir *d, const char *name)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct dirent *e;
	size_t i;
	DIR *dir;

	if (path_of(d, name, path) != 0 || (dir = opendir(path)) == NULL)
		return;
	for (i = 0; i < d->n_parts; i++)
		if (strcmp(d->parts[i].name, name) == 0)
			d->parts[i] = d->parts[--d->n_parts];
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' && base_str_format(file, sizeof(file),
					       "%s/%s", path, e->d_name) == 0)
			(void)!store_disk_unlink(d->disk, file);
	closedir(dir);
	(void)rmdir(path);
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
audit_dir_cut(
    struct audit_dir *d, uint64_t offset, const char *data, size_t len)
{
	char path[PATH_MAX];
	int rc;

	rc = base_str_format(
	    path, sizeof(path), "%s/audit.log.torn-%" PRIu64, d->path, offset);
	if (rc == 0)
		rc = store_disk_replace(
		    d->disk, path, data, len, 0640, "audit.torn");
	if (rc == 0)
		rc = store_file_truncate(d->log, offset);
	return rc == 0 ? store_file_sync(d->log, "audit.cut") : rc;
}

int
audit_dir_roll(struct audit_dir *d, uint64_t first)
{
	char path[PATH_MAX], closed[PATH_MAX], next[PATH_MAX];
	struct store_file *fresh = NULL;
	int rc;

	if ((rc = path_of(d, "audit.log", path)) != 0 ||
	    (rc = path_of(d, "audit.log.next", next)) != 0 ||
	    (rc = base_str_format(
		 closed, sizeof(closed), "%s.%" PRIu64, path, first)) != 0)
		return rc;
	rc = store_file_open(d->disk, next, O_CREAT | O_TRUNC, 0640, &fresh);
	if (rc != 0)
		return rc == ERR_SYS_NOSPACE ? rc : ERR_SYS_IO;
	/* The closed name is durable before the other is given away: a cut
	 * between leaves no audit.log, and the next open makes one. */
	if ((rc = store_disk_rename(d->disk, path, closed)) == 0)
		rc = store_disk_sync_dir(d->disk, d->path, "audit.roll");
	if (rc == 0)
		rc = store_disk_rename(d->disk, next, path);
	if (rc == 0)
		rc = store_disk_sync_dir(d->disk, d->path, "audit.rolled");
	store_file_close(d->log);
	d->log = fresh;
	return rc == 0 ? 0 : ERR_SYS_IO;
}

int
audit_dir_drop(struct audit_dir *d, uint64_t first)
{
	char path[PATH_MAX];
	int rc;

	rc = base_str_format(
	    path, sizeof(path), "%s/audit.log.%" PRIu64, d->path, first);
	if (rc == 0)
		rc = store_disk_unlink(d->disk, path);
	if (rc == 0)
		rc = store_disk_sync_dir(d->disk, d->path, "audit.prune");
	return rc;
}

uint64_t
audit_dir_bytes(const struct audit_dir *d)
{
	return store_file_size(d->log);
}
