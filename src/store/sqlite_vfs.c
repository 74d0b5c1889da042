/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/list.h"
#include "base/str.h"
#include "store/disk.h"
#include "store/file.h"

/*
 * A shim over SQLite's own unix VFS: reads, locks and the shared memory of
 * the WAL index go to it, whatever changes the disk goes to the store_disk.
 * The WAL index is not durable data: SQLite rebuilds it from the WAL.
 *
 * All connections share one store_file per path.  That is not only thrift:
 * closing any descriptor of a file drops the process's POSIX locks on it, so
 * ours must not be closed before the last connection goes.
 */
struct shared {
	struct list link;
	char *path; /* NULL after the file was removed */
	struct store_file *file;
	unsigned int refs;
	bool dir_unsynced; /* created; its name is not yet durable */
};

struct store_sqlite_vfs {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	struct store_disk *disk;
	pthread_mutex_t mutex; /* guards the list and its members */
	struct list files;
	char name[40];
};

struct shim_file {
	sqlite3_file base;
	struct store_sqlite_vfs *vfs;
	struct shared *shared; /* NULL: pass everything through */
	const char *sync_name;
	sqlite3_file *real;
};

static struct shim_file *
shim(sqlite3_file *f)
{
	return (struct shim_file *)(void *)f;
}

static struct store_sqlite_vfs *
owner(sqlite3_vfs *v)
{
	return (struct store_sqlite_vfs *)(void *)v;
}

/* Our code as a SQLite result of an operation of kind ${ioerr}. */
static int
sqlite_code(int rc, int ioerr)
{
	if (rc == 0)
		return SQLITE_OK;
	if (rc == ERR_SYS_NOSPACE)
		return SQLITE_FULL;
	return rc == ERR_SYS_NOMEM ? SQLITE_IOERR_NOMEM : ioerr;
}

static void
shared_drop(struct store_sqlite_vfs *v, struct shared *s)
{
	pthread_mutex_lock(&v->mutex);
	if (--s->refs == 0) {
		base_list_remove(&s->link);
		store_file_close(s->file);
		free(s->path);
		free(s);
	}
	pthread_mutex_unlock(&v->mutex);
}

static struct shared *
shared_find(struct store_sqlite_vfs *v, const char *path)
{
	struct list *it, *tmp;
	struct shared *s;

	LIST_FOREACH (it, tmp, &v->files) {
		s = LIST_ENTRY(it, struct shared, link);
		if (s->path != NULL && strcmp(s->path, path) == 0)
			return s;
	}
	return NULL;
}

static struct shared *
shared_open(struct store_sqlite_vfs *v, const char *path, bool create)
{
	struct shared *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->path = base_str_dup(path)) == NULL)
		goto fail;
	s->dir_unsynced = access(path, F_OK) != 0;
	if (store_file_open(
		v->disk, path, create ? O_CREAT : 0, 0600, &s->file) != 0)
		goto fail;
	base_list_init(&s->link);
	base_list_push_back(&v->files, &s->link);
	return s;
fail:
	if (s != NULL)
		free(s->path);
	free(s);
	return NULL;
}

static struct shared *
shared_get(struct store_sqlite_vfs *v, const char *path, bool create)
{
	struct shared *s;

	pthread_mutex_lock(&v->mutex);
	if ((s = shared_find(v, path)) == NULL)
		s = shared_open(v, path, create);
	if (s != NULL)
		s->refs++;
	pthread_mutex_unlock(&v->mutex);
	return s;
}

static int
shim_close(sqlite3_file *file)
{
	struct shim_file *f = shim(file);
	int code = SQLITE_OK;

	if (f->real->pMethods != NULL)
		code = f->real->pMethods->xClose(f->real);
	if (f->shared != NULL)
		shared_drop(f->vfs, f->shared);
	f->shared = NULL;
	return code;
}

static int
shim_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xRead(r, data, len, offset);
}

static int
shim_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	struct shim_file *f = shim(file);

	if (f->shared == NULL)
		return f->real->pMethods->xWrite(f->real, data, len, offset);
	return sqlite_code(store_file_write(f->shared->file, data, (size_t)len,
			       (uint64_t)offset),
	    SQLITE_IOERR_WRITE);
}

static int
shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct shim_file *f = shim(file);

	if (f->shared == NULL)
		return f->real->pMethods->xTruncate(f->real, size);
	return sqlite_code(store_file_truncate(f->shared->file, (uint64_t)size),
	    SQLITE_IOERR_TRUNCATE);
}

static int
shim_sync(sqlite3_file *file, int flags)
{
	struct shim_file *f = shim(file);
	struct shared *s = f->shared;
	bool dir;
	int rc;

	if (s == NULL)
		return f->real->pMethods->xSync(f->real, flags);
	rc = store_file_sync(s->file, f->sync_name);
	if (rc != 0)
		return sqlite_code(rc, SQLITE_IOERR_FSYNC);
	pthread_mutex_lock(&f->vfs->mutex);
	dir = s->dir_unsynced && s->path != NULL;
	s->dir_unsynced = false;
	pthread_mutex_unlock(&f->vfs->mutex);
	if (dir)
		rc =
		    store_disk_sync_parent(f->vfs->disk, s->path, "sqlite.dir");
	return sqlite_code(rc, SQLITE_IOERR_DIR_FSYNC);
}

static int
shim_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xFileSize(r, ret_size);
}

static int
shim_lock(sqlite3_file *file, int level)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xLock(r, level);
}

static int
shim_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xUnlock(r, level);
}

static int
shim_reserved(sqlite3_file *file, int *ret)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xCheckReservedLock(r, ret);
}

static int
shim_control(sqlite3_file *file, int op, void *arg)
{
	sqlite3_file *r = shim(file)->real;

	/* These two would grow the file behind the store_disk's back. */
	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
		return SQLITE_OK;
	return r->pMethods->xFileControl(r, op, arg);
}

static int
shim_sector(sqlite3_file *file)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xSectorSize(r);
}

static int
shim_device(sqlite3_file *file)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xDeviceCharacteristics(r);
}

static int
shim_shm_map(
    sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xShmMap(r, page, size, extend, ret);
}

static int
shim_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xShmLock(r, offset, n, flags);
}

static void
shim_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *r = shim(file)->real;

	r->pMethods->xShmBarrier(r);
}

static int
shim_shm_unmap(sqlite3_file *file, int remove)
{
	sqlite3_file *r = shim(file)->real;

	return r->pMethods->xShmUnmap(r, remove);
}

static const sqlite3_io_methods shim_methods = {
	.iVersion = 2,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_lock,
	.xUnlock = shim_unlock,
	.xCheckReservedLock = shim_reserved,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector,
	.xDeviceCharacteristics = shim_device,
	.xShmMap = shim_shm_map,
	.xShmLock = shim_shm_lock,
	.xShmBarrier = shim_shm_barrier,
	.xShmUnmap = shim_shm_unmap,
};

/* The sync name for a file of this kind; NULL for temporary files. */
static const char *
sync_name(int flags)
{
	if (flags & SQLITE_OPEN_MAIN_DB)
		return "sqlite.db";
	if (flags & SQLITE_OPEN_WAL)
		return "sqlite.wal";
	if (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL))
		return "sqlite.journal";
	return NULL;
}

static int
vfs_open(sqlite3_vfs *base, sqlite3_filename path, sqlite3_file *file,
    int flags, int *ret_flags)
{
	struct store_sqlite_vfs *v = owner(base);
	struct shim_file *f = shim(file);
	int code, real_flags = flags;

	memset(f, 0, sizeof(*f));
	f->vfs = v;
	f->real = (sqlite3_file *)(void *)(f + 1);
	memset(f->real, 0, (size_t)v->real->szOsFile);
	f->sync_name = sync_name(flags);
	if (path != NULL && f->sync_name != NULL &&
	    (flags & SQLITE_OPEN_READWRITE)) {
		f->shared =
		    shared_get(v, path, (flags & SQLITE_OPEN_CREATE) != 0);
		if (f->shared == NULL)
			return SQLITE_CANTOPEN;
		/* It exists now, made by us. */
		real_flags &= ~(SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE);
	}
	code = v->real->xOpen(v->real, path, f->real, real_flags, ret_flags);
	if (code != SQLITE_OK && f->shared != NULL) {
		shared_drop(v, f->shared);
		f->shared = NULL;
	}
	f->base.pMethods = code == SQLITE_OK ? &shim_methods : NULL;
	return code;
}

static int
vfs_delete(sqlite3_vfs *base, const char *path, int sync_dir)
{
	struct store_sqlite_vfs *v = owner(base);
	struct shared *s;
	int rc;

	rc = store_disk_unlink(v->disk, path);
	if (rc == ERR_STATE_NOT_FOUND)
		return SQLITE_IOERR_DELETE_NOENT;
	if (rc != 0)
		return sqlite_code(rc, SQLITE_IOERR_DELETE);
	pthread_mutex_lock(&v->mutex);
	if ((s = shared_find(v, path)) != NULL) {
		free(s->path);
		s->path = NULL;
	}
	pthread_mutex_unlock(&v->mutex);
	if (sync_dir)
		rc = store_disk_sync_parent(v->disk, path, "sqlite.dir");
	return sqlite_code(rc, SQLITE_IOERR_DIR_FSYNC);
}

static int
vfs_access(sqlite3_vfs *base, const char *path, int flags, int *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xAccess(r, path, flags, ret);
}

static int
vfs_full(sqlite3_vfs *base, const char *path, int len, char *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xFullPathname(r, path, len, ret);
}

static int
vfs_random(sqlite3_vfs *base, int len, char *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xRandomness(r, len, ret);
}

static int
vfs_sleep(sqlite3_vfs *base, int us)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xSleep(r, us);
}

static int
vfs_time(sqlite3_vfs *base, double *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xCurrentTime(r, ret);
}

static int
vfs_last_error(sqlite3_vfs *base, int len, char *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xGetLastError == NULL ? 0 : r->xGetLastError(r, len, ret);
}

static int
vfs_time64(sqlite3_vfs *base, sqlite3_int64 *ret)
{
	sqlite3_vfs *r = owner(base)->real;

	return r->xCurrentTimeInt64(r, ret);
}

int
store_sqlite_vfs_new(struct store_disk *disk, struct store_sqlite_vfs **ret_vfs)
{
	struct store_sqlite_vfs *v = calloc(1, sizeof(*v));
	int rc;

	if (v == NULL)
		return ERR_SYS_NOMEM;
	if ((v->real = sqlite3_vfs_find(NULL)) == NULL ||
	    (rc = base_str_format(
		 v->name, sizeof(v->name), "troth-%p", (void *)v)) != 0 ||
	    pthread_mutex_init(&v->mutex, NULL) != 0) {
		free(v);
		return ERR_SYS_DATABASE;
	}
	v->disk = disk;
	base_list_init(&v->files);
	v->base.iVersion = 2;
	v->base.szOsFile = (int)sizeof(struct shim_file) + v->real->szOsFile;
	v->base.mxPathname = v->real->mxPathname;
	v->base.zName = v->name;
	v->base.xOpen = vfs_open;
	v->base.xDelete = vfs_delete;
	v->base.xAccess = vfs_access;
	v->base.xFullPathname = vfs_full;
	v->base.xRandomness = vfs_random;
	v->base.xSleep = vfs_sleep;
	v->base.xCurrentTime = vfs_time;
	v->base.xGetLastError = vfs_last_error;
	v->base.xCurrentTimeInt64 = vfs_time64;
	if (sqlite3_vfs_register(&v->base, 0) != SQLITE_OK) {
		pthread_mutex_destroy(&v->mutex);
		free(v);
		return ERR_SYS_DATABASE;
	}
	*ret_vfs = v;
	return 0;
}

void
store_sqlite_vfs_free(struct store_sqlite_vfs *v)
{
	if (v == NULL)
		return;
	sqlite3_vfs_unregister(&v->base);
	pthread_mutex_destroy(&v->mutex);
	free(v);
}

const char *
store_sqlite_vfs_name(const struct store_sqlite_vfs *v)
{
	return v->name;
}
