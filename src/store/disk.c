/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "store/disk_internal.h"
#include "store/file.h"
#include "store/track.h"

int
store_disk_new(struct store_disk **ret_disk)
{
	struct store_disk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return ERR_SYS_NOMEM;
	if (pthread_mutex_init(&d->mutex, NULL) != 0) {
		free(d);
		return ERR_SYS_NOMEM;
	}
	*ret_disk = d;
	return 0;
}

void
store_disk_free(struct store_disk *d)
{
	if (d == NULL)
		return;
	store_track_free(d->track);
	pthread_mutex_destroy(&d->mutex);
	free(d);
}

void
store_disk_on_sync(
    struct store_disk *d, void (*fn)(void *, const char *, uint64_t), void *ctx)
{
	d->on_sync = fn;
	d->on_sync_ctx = ctx;
}

struct store_op
store_disk_begin(struct store_disk *d)
{
	struct store_op op = { 0, false, false };
	uint64_t n = ++d->ops, stop = d->stop_op;

	if (stop != 0 && n >= stop)
		op.err = EIO;
	else if (n == d->fail_op) {
		op.err = d->fail_errno;
		op.torn = true;
	} else if (d->dead)
		op.err = EIO;
	/* Whether tracking is on changes only while nothing is under way. */
	if (d->track != NULL) {
		pthread_mutex_lock(&d->mutex);
		op.locked = true;
	}
	return op;
}

void
store_disk_end(struct store_disk *d, struct store_op *op)
{
	if (op->locked)
		pthread_mutex_unlock(&d->mutex);
	op->locked = false;
}

/* Note that ${name} was seen; return whether it is to be left out. */
static bool
sync_name_seen(struct store_disk *d, const char *name)
{
	bool skip;
	size_t i;

	pthread_mutex_lock(&d->mutex);
	for (i = 0; i < d->n_names; i++)
		if (strcmp(d->names[i], name) == 0)
			break;
	if (i == d->n_names && i < STORE_DISK_NAMES_MAX &&
	    base_str_copy(d->names[i], sizeof(d->names[i]), name) == 0)
		d->n_names++;
	skip = d->skip[0] != '\0' && strcmp(d->skip, name) == 0;
	pthread_mutex_unlock(&d->mutex);
	return skip;
}

static uint64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* One named sync by ${fn}, with faults, delay and timing; an errno value. */
static int
sync_by(struct store_disk *d, const char *name, int (*fn)(void *), void *ctx,
    bool *ret_skipped)
{
	struct store_op op = store_disk_begin(d);
	unsigned int delay_ms = d->sync_delay_ms;
	struct timespec ts;
	uint64_t start;
	int err;

	store_disk_end(d, &op);
	*ret_skipped = sync_name_seen(d, name);
	if (op.err != 0 || *ret_skipped)
		return op.err;
	start = monotonic_us();
	if ((err = fn(ctx)) != 0)
		return err;
	if (delay_ms > 0) {
		ts.tv_sec = delay_ms / 1000;
		ts.tv_nsec = (long)(delay_ms % 1000) * 1000000;
		nanosleep(&ts, NULL);
	}
	if (d->on_sync != NULL)
		d->on_sync(d->on_sync_ctx, name, monotonic_us() - start);
	return 0;
}

static int
sync_descriptor(void *ctx)
{
	int fd = *(int *)ctx;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	/* A directory has no data of its own; fdatasync might skip it. */
	if ((S_ISDIR(st.st_mode) ? fsync(fd) : fdatasync(fd)) != 0)
		return errno;
	return 0;
}

int
store_disk_sync_fd(
    struct store_disk *d, int fd, const char *name, bool *ret_skipped)
{
	return sync_by(d, name, sync_descriptor, &fd, ret_skipped);
}

int
store_disk_sync_call(
    struct store_disk *d, const char *name, int (*fn)(void *), void *ctx)
{
	bool skipped;
	int err = sync_by(d, name, fn, ctx, &skipped);

	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_disk_rename(struct store_disk *d, const char *from, const char *to)
{
	struct store_op op = store_disk_begin(d);
	int err = op.err;

	if (err == 0 && op.locked)
		err = store_track_name(d->track, from);
	if (err == 0 && op.locked)
		err = store_track_name(d->track, to);
	if (err == 0 && rename(from, to) != 0)
		err = errno;
	store_disk_end(d, &op);
	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_disk_unlink(struct store_disk *d, const char *path)
{
	struct store_op op = store_disk_begin(d);
	int err = op.err;

	if (err == 0 && op.locked)
		err = store_track_name(d->track, path);
	if (err == 0 && unlink(path) != 0)
		err = errno;
	store_disk_end(d, &op);
	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_disk_mkdir(struct store_disk *d, const char *path, mode_t mode)
{
	struct store_op op = store_disk_begin(d);
	struct stat st;
	int err = op.err;

	/* An existing name does not change, so there is nothing to track. */
	if (err == 0 && lstat(path, &st) == 0)
		err = EEXIST;
	if (err == 0 && op.locked)
		err = store_track_name(d->track, path);
	if (err == 0 && mkdir(path, mode) != 0)
		err = errno;
	store_disk_end(d, &op);
	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_disk_sync_dir(struct store_disk *d, const char *path, const char *name)
{
	bool skipped;
	int err, fd;

	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return base_err_from_errno(errno);
	err = store_disk_sync_fd(d, fd, name, &skipped);
	close(fd);
	if (err != 0) {
		/* Nothing says which names were lost: trust none. */
		d->dead = true;
		return base_err_from_errno(err);
	}
	if (!skipped && d->track != NULL) {
		pthread_mutex_lock(&d->mutex);
		store_track_dir_synced(d->track, path);
		pthread_mutex_unlock(&d->mutex);
	}
	return 0;
}

int
store_disk_sync_parent(struct store_disk *d, const char *path, const char *name)
{
	char copy[PATH_MAX];
	int rc;

	if ((rc = base_str_copy(copy, sizeof(copy), path)) != 0)
		return rc;
	return store_disk_sync_dir(d, dirname(copy), name);
}

int
store_disk_mkdirs(
    struct store_disk *d, const char *path, mode_t mode, const char *name)
{
	char part[PATH_MAX];
	char *slash;
	int rc;

	if ((rc = base_str_copy(part, sizeof(part), path)) != 0)
		return rc;
	slash = part;
	while (slash != NULL) {
		/* Cut after each further component; the last is the whole. */
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		rc = store_disk_mkdir(d, part, mode);
		/* One that exists may come from a process that was killed
		 * before its sync; the last component is the likely one. */
		if (rc == 0 || (rc == ERR_STATE_EXISTS && slash == NULL))
			rc = store_disk_sync_parent(d, part, name);
		if (rc != 0 && rc != ERR_STATE_EXISTS)
			return rc;
		if (slash != NULL)
			*slash = '/';
	}
	return 0;
}

/* Write a new file and make its data durable. */
static int
write_new(struct store_disk *d, const char *path, const void *data, size_t len,
    mode_t mode, const char *sync_name)
{
	struct store_file *f;
	int rc;

	rc = store_file_open(d, path, O_CREAT | O_TRUNC, mode, &f);
	if (rc != 0)
		return rc;
	rc = store_file_write(f, data, len, 0);
	if (rc == 0)
		rc = store_file_sync(f, sync_name);
	store_file_close(f);
	return rc;
}

int
store_disk_place(struct store_disk *d, const char *path, const void *data,
    size_t len, mode_t mode, const char *name)
{
	char tmp[PATH_MAX], file[64];
	int rc;

	if ((rc = base_str_format(tmp, sizeof(tmp), "%s.tmp", path)) != 0 ||
	    (rc = base_str_format(file, sizeof(file), "%s.file", name)) != 0)
		return rc;
	rc = write_new(d, tmp, data, len, mode, file);
	if (rc == 0)
		rc = store_disk_rename(d, tmp, path);
	if (rc != 0)
		/* Best effort: the next attempt truncates it anyway. */
		(void)!store_disk_unlink(d, tmp);
	return rc;
}

int
store_disk_replace(struct store_disk *d, const char *path, const void *data,
    size_t len, mode_t mode, const char *name)
{
	char dir[64];
	int rc;

	if ((rc = base_str_format(dir, sizeof(dir), "%s.dir", name)) != 0 ||
	    (rc = store_disk_place(d, path, data, len, mode, name)) != 0)
		return rc;
	return store_disk_sync_parent(d, path, dir);
}
