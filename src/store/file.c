/* SPDX-License-Identifier: Apache-2.0 */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/disk_internal.h"
#include "store/track.h"

static int
write_all(int fd, const uint8_t *data, size_t len, uint64_t offset)
{
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, data, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* Open, and if the file is made by this, count it as an operation. */
static int
open_tracked(
    struct store_disk *d, const char *path, int flags, mode_t mode, int *ret_fd)
{
	int plain = O_RDWR | O_CLOEXEC | O_NOFOLLOW, err;
	struct store_op op;

	if (!(flags & O_EXCL) && (*ret_fd = open(path, plain)) >= 0)
		return 0;
	if (!(flags & O_EXCL) && (errno != ENOENT || !(flags & O_CREAT)))
		return errno;
	op = store_disk_begin(d);
	err = op.err;
	if (err == 0 && op.locked)
		err = store_track_name(d->track, path);
	if (err == 0 && (*ret_fd = open(path,
			     plain | O_CREAT | (flags & O_EXCL), mode)) < 0)
		err = errno;
	store_disk_end(d, &op);
	return err;
}

int
store_file_open(struct store_disk *d, const char *path, int flags, mode_t mode,
    struct store_file **ret_file)
{
	struct store_file *f;
	struct stat st;
	int err, rc;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return ERR_SYS_NOMEM;
	f->disk = d;
	if ((err = open_tracked(d, path, flags, mode, &f->fd)) != 0) {
		free(f);
		return base_err_from_errno(err);
	}
	rc = fstat(f->fd, &st) == 0 ? 0 : base_err_from_errno(errno);
	if (rc == 0) {
		f->size = (uint64_t)st.st_size;
		if ((flags & O_TRUNC) && f->size > 0)
			rc = store_file_truncate(f, 0);
	}
	if (rc != 0) {
		store_file_close(f);
		return rc;
	}
	*ret_file = f;
	return 0;
}

void
store_file_close(struct store_file *f)
{
	if (f == NULL)
		return;
	close(f->fd);
	free(f);
}

int
store_file_write(
    struct store_file *f, const void *data, size_t len, uint64_t offset)
{
	struct store_op op;
	int err;

	if (f->failed)
		return ERR_SYS_IO;
	if (len > INT64_MAX - offset)
		return ERR_SYS_LIMIT;
	op = store_disk_begin(f->disk);
	err = op.err;
	if (op.torn)
		len /= 2;
	if ((err == 0 || op.torn) && op.locked &&
	    store_track_data(f->disk->track, f->fd, offset, len) != 0)
		err = ENOMEM;
	else if (err == 0)
		err = write_all(f->fd, data, len, offset);
	else if (op.torn)
		(void)write_all(f->fd, data, len, offset);
	if ((err == 0 || op.torn) && offset + len > f->size)
		f->size = offset + len;
	store_disk_end(f->disk, &op);
	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_file_append(struct store_file *f, const void *data, size_t len)
{
	uint64_t at = f->size;
	int rc = store_file_write(f, data, len, at);

	/* A half-written record must not be followed by a good one. */
	if (rc != 0 && !f->failed && store_file_truncate(f, at) != 0)
		f->failed = true;
	return rc;
}

int
store_file_truncate(struct store_file *f, uint64_t size)
{
	uint64_t from, to;
	struct store_op op;
	int err;

	if (f->failed)
		return ERR_SYS_IO;
	if (size > INT64_MAX)
		return ERR_SYS_LIMIT;
	op = store_disk_begin(f->disk);
	err = op.err;
	from = size < f->size ? size : f->size;
	to = size < f->size ? f->size : size;
	if (err == 0 && op.locked)
		err = store_track_data(f->disk->track, f->fd, from, to - from);
	if (err == 0 && ftruncate(f->fd, (off_t)size) != 0)
		err = errno;
	if (err == 0)
		f->size = size;
	store_disk_end(f->disk, &op);
	return err == 0 ? 0 : base_err_from_errno(err);
}

int
store_file_sync(struct store_file *f, const char *name)
{
	struct store_disk *d = f->disk;
	bool skipped;
	int err;

	if (f->failed)
		return ERR_SYS_IO;
	if ((err = store_disk_sync_fd(d, f->fd, name, &skipped)) != 0) {
		f->failed = true;
		return base_err_from_errno(err);
	}
	if (!skipped && d->track != NULL) {
		pthread_mutex_lock(&d->mutex);
		store_track_synced(d->track, f->fd);
		pthread_mutex_unlock(&d->mutex);
	}
	return 0;
}

int
store_file_read(struct store_file *f, void *data, size_t len, uint64_t offset,
    size_t *ret_len)
{
	uint8_t *to = data;
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = pread(f->fd, to + got, len - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return base_err_from_errno(errno);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*ret_len = got;
	return 0;
}

uint64_t
store_file_size(const struct store_file *f)
{
	return f->size;
}

/* Read from ${fd} until its end, into a buffer that grows up to the limit. */
static int
load_fd(int fd, size_t len_max, uint8_t **ret_data, size_t *ret_len)
{
	size_t cap = 4096, len = 0;
	uint8_t *data = NULL, *more;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return base_err_from_errno(errno);
	if (st.st_size > 0 && (uint64_t)st.st_size <= len_max)
		cap = (size_t)st.st_size + 2;
	for (;;) {
		if ((more = realloc(data, cap)) == NULL) {
			free(data);
			return ERR_SYS_NOMEM;
		}
		data = more;
		while ((n = read(fd, data + len, cap - len - 1)) > 0)
			if ((len += (size_t)n) > len_max || len == cap - 1)
				break;
		if (n == 0)
			break;
		if (n < 0 || len > len_max) {
			free(data);
			return n < 0 ? base_err_from_errno(errno)
				     : ERR_SYS_LIMIT;
		}
		cap *= 2;
	}
	data[len] = 0;
	*ret_data = data;
	*ret_len = len;
	return 0;
}

int
store_file_load(
    const char *path, size_t len_max, uint8_t **ret_data, size_t *ret_len)
{
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return base_err_from_errno(errno);
	rc = load_fd(fd, len_max, ret_data, ret_len);
	close(fd);
	return rc;
}
