/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 16 };

struct owner {
	uid_t uid;
	gid_t gid;
	const char *except; /* at the top */
	unsigned depth;
};

static int give_all(struct owner *o, int fd);

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Give one entry of the folder ${at}, a folder with what is in it. */
static int
give(struct owner *o, int at, const char *name)
{
	struct stat st;
	int fd, rc = 0;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return base_err_from_errno(errno);
	if (S_ISDIR(st.st_mode)) {
		fd = openat(
		    at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return base_err_from_errno(errno);
		if (o->depth++ < DEPTH_MAX)
			rc = give_all(o, fd);
		o->depth--;
		if (rc == 0 && fchown(fd, o->uid, o->gid) != 0)
			rc = base_err_from_errno(errno);
		(void)close(fd);
		return rc;
	}
	/* A second name of the same file may be anybody's. */
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return 0;
	return fchownat(at, name, o->uid, o->gid, AT_SYMLINK_NOFOLLOW) == 0
		   ? 0
		   : base_err_from_errno(errno);
}

/* Give what is in the folder ${fd}, which stays open. */
static int
give_all(struct owner *o, int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), rc = 0;
	DIR *d = own < 0 ? NULL : fdopendir(own);
	struct dirent *e;

	if (d == NULL) {
		rc = base_err_from_errno(errno);
		if (own >= 0)
			(void)close(own);
		return rc;
	}
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (!is_dots(e->d_name) &&
		    (o->depth > 0 || o->except == NULL ||
			strcmp(e->d_name, o->except) != 0))
			rc = give(o, fd, e->d_name);
	closedir(d);
	return rc;
}

/* Open ${dir} if it is root's and there is somebody to give it to; -1. */
static int
open_roots(const char *dir, const char *user, struct owner *ret)
{
	const struct passwd *pw;
	struct stat st;
	int fd;

	if (user == NULL || geteuid() != 0 || (pw = getpwnam(user)) == NULL)
		return -1;
	ret->uid = pw->pw_uid;
	ret->gid = pw->pw_gid;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_uid != 0)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

int
trustchain_own_tree(
    const char *dir, const char *user, const char *except, struct fault *f)
{
	struct owner o = { .except = except };
	int fd = open_roots(dir, user, &o), rc;

	if (fd < 0)
		return 0;
	/* The folder itself comes last: what a crash leaves is done again. */
	rc = give_all(&o, fd);
	if (rc == 0 && fchown(fd, o.uid, o.gid) != 0)
		rc = base_err_from_errno(errno);
	(void)close(fd);
	return rc == 0
		   ? 0
		   : base_fault_set(f, rc, "%.150s cannot be given to %s: %s",
			 dir, user, base_err_text(rc));
}

static bool
is_empty(int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *d = own < 0 ? NULL : fdopendir(own);
	struct dirent *e = NULL;

	if (d == NULL) {
		if (own >= 0)
			(void)close(own);
		return false;
	}
	do
		e = readdir(d);
	while (e != NULL && is_dots(e->d_name));
	closedir(d);
	return e == NULL;
}

int
trustchain_own_empty(const char *dir, const char *user, struct fault *f)
{
	struct owner o = { .except = NULL };
	int fd = open_roots(dir, user, &o), rc = 0;

	if (fd < 0)
		return 0;
	if (is_empty(fd) && fchown(fd, o.uid, o.gid) != 0)
		rc = base_fault_set(f, base_err_from_errno(errno),
		    "%.150s cannot be given to %s", dir, user);
	(void)close(fd);
	return rc;
}
