/* SPDX-License-Identifier: Apache-2.0 */
#include "store/track.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "base/str.h"

/* Bytes to put back: a stack per file, newest first. */
struct undo {
	struct undo *next;
	uint64_t offset, len, size;
	uint8_t data[];
};

/* A file as it was: held open, so that it outlives its names. */
struct inode {
	struct list link;
	dev_t dev;
	ino_t ino;
	int fd;
	unsigned int refs; /* names that stand for it */
	struct undo *undo;
};

/* A name that changed since its directory was synced. */
struct name {
	struct list link;
	char *dir; /* real path */
	char *base;
	struct inode *inode; /* what it durably stands for; NULL: nothing */
};

struct store_track {
	struct list inodes, names;
};

struct store_track *
store_track_new(void)
{
	struct store_track *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	base_list_init(&t->inodes);
	base_list_init(&t->names);
	return t;
}

static void
undo_free(struct inode *in)
{
	struct undo *u;

	while ((u = in->undo) != NULL) {
		in->undo = u->next;
		free(u);
	}
}

/* Forget a file that has nothing to put back and no name to keep it. */
static void
inode_release(struct inode *in)
{
	if (in->refs > 0 || in->undo != NULL)
		return;
	base_list_remove(&in->link);
	close(in->fd);
	free(in);
}

static void
name_free(struct name *n)
{
	base_list_remove(&n->link);
	if (n->inode != NULL) {
		n->inode->refs--;
		inode_release(n->inode);
	}
	free(n->dir);
	free(n->base);
	free(n);
}

static void
forget_all(struct store_track *t)
{
	struct list *it, *tmp;
	struct inode *in;

	LIST_FOREACH (it, tmp, &t->names)
		name_free(LIST_ENTRY(it, struct name, link));
	LIST_FOREACH (it, tmp, &t->inodes) {
		in = LIST_ENTRY(it, struct inode, link);
		undo_free(in);
		inode_release(in);
	}
}

void
store_track_free(struct store_track *t)
{
	if (t == NULL)
		return;
	forget_all(t);
	free(t);
}

static struct inode *
inode_find(struct store_track *t, const struct stat *st)
{
	struct list *it, *tmp;
	struct inode *in;

	LIST_FOREACH (it, tmp, &t->inodes) {
		in = LIST_ENTRY(it, struct inode, link);
		if (in->dev == st->st_dev && in->ino == st->st_ino)
			return in;
	}
	return NULL;
}

/* The record of the file open as ${fd}, made if missing; NULL sets errno. */
static struct inode *
inode_get(struct store_track *t, int fd)
{
	char link[64];
	struct inode *in;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return NULL;
	if ((in = inode_find(t, &st)) != NULL)
		return in;
	if (base_str_format(link, sizeof(link), "/proc/self/fd/%d", fd) != 0 ||
	    (in = calloc(1, sizeof(*in))) == NULL)
		return NULL;
	if ((in->fd = open(link, O_RDWR | O_CLOEXEC)) < 0) {
		free(in);
		return NULL;
	}
	in->dev = st.st_dev;
	in->ino = st.st_ino;
	base_list_init(&in->link);
	base_list_push_back(&t->inodes, &in->link);
	return in;
}

int
store_track_data(struct store_track *t, int fd, uint64_t offset, uint64_t len)
{
	struct inode *in;
	struct undo *u;
	struct stat st;
	uint64_t size;

	if ((in = inode_get(t, fd)) == NULL || fstat(fd, &st) != 0)
		return errno;
	size = (uint64_t)st.st_size;
	if (offset >= size)
		len = 0;
	else if (len > size - offset)
		len = size - offset;
	if ((u = malloc(sizeof(*u) + len)) == NULL)
		return ENOMEM;
	if (len > 0 &&
	    pread(in->fd, u->data, len, (off_t)offset) != (ssize_t)len) {
		free(u);
		return EIO;
	}
	u->offset = offset;
	u->len = len;
	u->size = size;
	u->next = in->undo;
	in->undo = u;
	return 0;
}

/* Split ${path} into the real path of its directory and its last part. */
static int
split(const char *path, char **ret_dir, char **ret_base)
{
	char d[PATH_MAX], b[PATH_MAX];

	if (base_str_copy(d, sizeof(d), path) != 0 ||
	    base_str_copy(b, sizeof(b), path) != 0)
		return ENAMETOOLONG;
	if ((*ret_dir = realpath(dirname(d), NULL)) == NULL)
		return errno;
	if ((*ret_base = strdup(basename(b))) == NULL) {
		free(*ret_dir);
		return ENOMEM;
	}
	return 0;
}

static bool
name_known(struct store_track *t, const char *dir, const char *base)
{
	struct list *it, *tmp;
	struct name *n;

	LIST_FOREACH (it, tmp, &t->names) {
		n = LIST_ENTRY(it, struct name, link);
		if (strcmp(n->dir, dir) == 0 && strcmp(n->base, base) == 0)
			return true;
	}
	return false;
}

/* Bind ${n} to the file that ${path} names now, if there is one. */
static int
name_bind(struct store_track *t, struct name *n, const char *path)
{
	struct inode *in;
	int err, fd;

	if ((fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) < 0)
		return errno == ENOENT ? 0 : errno;
	in = inode_get(t, fd);
	err = in == NULL ? errno : 0;
	close(fd);
	if (in != NULL) {
		in->refs++;
		n->inode = in;
	}
	return err;
}

int
store_track_name(struct store_track *t, const char *path)
{
	char *dir, *base;
	struct name *n;
	int err;

	if ((err = split(path, &dir, &base)) != 0)
		return err;
	if (name_known(t, dir, base)) {
		free(dir);
		free(base);
		return 0;
	}
	if ((n = calloc(1, sizeof(*n))) == NULL) {
		free(dir);
		free(base);
		return ENOMEM;
	}
	n->dir = dir;
	n->base = base;
	base_list_init(&n->link);
	if ((err = name_bind(t, n, path)) != 0) {
		name_free(n);
		return err;
	}
	base_list_push_back(&t->names, &n->link);
	return 0;
}

void
store_track_synced(struct store_track *t, int fd)
{
	struct inode *in;
	struct stat st;

	if (fstat(fd, &st) != 0 || (in = inode_find(t, &st)) == NULL)
		return;
	undo_free(in);
	inode_release(in);
}

void
store_track_dir_synced(struct store_track *t, const char *dir)
{
	char *real = realpath(dir, NULL);
	struct list *it, *tmp;
	struct name *n;

	if (real == NULL)
		return;
	LIST_FOREACH (it, tmp, &t->names) {
		n = LIST_ENTRY(it, struct name, link);
		if (strcmp(n->dir, real) == 0)
			name_free(n);
	}
	free(real);
}

/* The next of a fixed series of numbers (splitmix64). */
static uint64_t
next_random(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* Undo all writes of a file but the ${keep} oldest. */
static int
inode_restore(struct inode *in, uint64_t keep, uint64_t n)
{
	struct undo *u;

	for (u = in->undo; u != NULL && n > keep; u = u->next, n--) {
		if (ftruncate(in->fd, (off_t)u->size) != 0)
			return errno;
		if (u->len > 0 && pwrite(in->fd, u->data, u->len,
				      (off_t)u->offset) != (ssize_t)u->len)
			return EIO;
	}
	return 0;
}

static int
inodes_restore(struct store_track *t, uint64_t seed)
{
	struct list *it, *tmp;
	struct inode *in;
	struct undo *u;
	int err = 0;
	uint64_t keep, n;

	LIST_FOREACH (it, tmp, &t->inodes) {
		in = LIST_ENTRY(it, struct inode, link);
		for (n = 0, u = in->undo; u != NULL; u = u->next)
			n++;
		keep = seed == 0 ? 0 : next_random(&seed) % (n + 1);
		if (err == 0)
			err = inode_restore(in, keep, n);
	}
	return err;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The name stands for nothing now. */
static int
name_clear(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (errno != EISDIR)
		return errno;
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : EIO;
}

/* Make ${path} a file with the content of ${in}. */
static int
name_restore(const char *path, struct inode *in)
{
	uint8_t block[65536];
	off_t offset = 0;
	struct stat st;
	ssize_t n;
	int fd;

	if (fstat(in->fd, &st) != 0)
		return errno;
	fd = open(
	    path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, st.st_mode & 07777);
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	while ((n = pread(in->fd, block, sizeof(block), offset)) > 0) {
		if (write(fd, block, (size_t)n) != n)
			n = -1;
		if (n < 0)
			break;
		offset += n;
	}
	close(fd);
	return n < 0 ? EIO : 0;
}

int
store_track_cut(struct store_track *t, uint64_t seed)
{
	struct list *it, *tmp;
	char path[PATH_MAX];
	struct name *n;
	int err, pass;

	err = inodes_restore(t, seed);
	/* All names go before any comes back, so that a rename chain whose
	 * links were only partly synced cannot hit itself. */
	for (pass = 0; pass < 2; pass++)
		LIST_FOREACH (it, tmp, &t->names) {
			n = LIST_ENTRY(it, struct name, link);
			if (err != 0 || base_str_format(path, sizeof(path),
					    "%s/%s", n->dir, n->base) != 0)
				continue;
			if (pass == 0)
				err = name_clear(path);
			else if (n->inode != NULL)
				err = name_restore(path, n->inode);
		}
	forget_all(t);
	return err;
}
